"""What boto3 raises, as our errors. Its messages stay behind: they may hold what was sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Rejected,
    Unreachable,
)

UNSTATED_WAIT_S = 30.0
_UNKNOWN_TO_AWS = frozenset(
    {
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredTokenException",
        "ExpiredToken",
        "IncompleteSignature",
        "MissingAuthenticationToken",
    }
)
_FORBIDDEN = frozenset({"AccessDeniedException", "AccessDenied", "OptInRequired"})
_SLOWER = frozenset({"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"})


@contextmanager
def translated(connection: str, operation: str, *, wrote: bool) -> Iterator[None]:
    """Raise our error for whatever boto3 raises inside."""
    from botocore import exceptions as theirs

    where = {"connection": connection, "operation": operation}
    try:
        yield
    except theirs.ClientError as exc:
        raise _refused(exc.response, connection, operation, wrote=wrote) from None
    except (theirs.NoCredentialsError, theirs.PartialCredentialsError, theirs.CredentialRetrievalError):
        raise AuthFailed(
            f"{connection}: this machine has no AWS credentials to sign in with.", **where
        ) from None
    except (theirs.EndpointConnectionError, theirs.ConnectTimeoutError, theirs.SSLError):
        raise Unreachable(f"{connection} could not be reached for {operation}.", **where) from None
    except theirs.ParamValidationError:
        raise Rejected(f"{connection}: {operation} does not take such a value.", status=0, **where) from None
    except theirs.BotoCoreError as exc:
        kind = type(exc).__name__
        if wrote:
            hint = f"{connection}: {operation} broke off ({kind}); it may have happened."
            raise OutcomeUnknown(hint, **where) from None
        raise Unreachable(f"{connection}: {operation} broke off ({kind}).", **where) from None


def _refused(answer: dict[str, Any], connection: str, operation: str, *, wrote: bool) -> PlatformError:
    where = {"connection": connection, "operation": operation}
    code = str(answer.get("Error", {}).get("Code", ""))
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if code in _UNKNOWN_TO_AWS:
        return AuthFailed(f"{connection}: AWS does not accept the credentials ({code}).", **where)
    if code in _FORBIDDEN:
        scope = f"secretsmanager:{operation}"
        return Forbidden(f"{connection}: AWS does not allow {scope}.", scope=scope, **where)
    if code in _SLOWER:
        return RateLimited(
            f"{connection} asked us to slow down ({operation}).", retry_after_s=UNSTATED_WAIT_S, **where
        )
    if status >= 500:
        hint = f"{connection} answered {operation} with HTTP {status}"
        return (
            OutcomeUnknown(f"{hint}; it may have happened.", **where)
            if wrote
            else Unreachable(f"{hint}.", **where)
        )
    if code == "ResourceNotFoundException":
        return Rejected(
            f"{connection}: there is no such secret or version in that region.",
            status=status,
            vendor_code=code,
            **where,
        )
    return Rejected(f"{connection} refused {operation} ({code}).", status=status, vendor_code=code, **where)
