"""The three shapes in which Salesforce refuses: a JSON array, an OAuth object, a SOAP fault."""

from typing import Any


class ApiError(Exception):
    """
    A refusal by the data API: one element of the error array, with its HTTP status.

    Source: REST API Developer Guide, "Status Codes and Error Responses", read 2026-11-21.
    """

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def item(self) -> dict[str, Any]:
        """The element as the single-record resources print it (`errorCode`)."""
        found: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            found["fields"] = list(self.fields)
        return found

    def result(self) -> dict[str, Any]:
        """The element as the collection resources print it (`statusCode`)."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


class OAuthError(Exception):
    """
    A refusal by an OAuth endpoint: HTTP 400 and an object, never an array.

    Source: Salesforce Help, "OAuth 2.0 Authorization Flow Errors", read 2026-11-21.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description


class SoapFault(Exception):
    """A refusal by a SOAP endpoint: HTTP 500, `faultcode` in the endpoint's own name space."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


def not_found() -> ApiError:
    """The answer to an address that leads nowhere."""
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def insufficient_access() -> ApiError:
    """A resource the caller may not use at all."""
    return ApiError(
        403,
        "INSUFFICIENT_ACCESS",
        "You do not have the level of access necessary to perform the"
        " operation you requested. Please contact the owner of the record or your administrator if"
        " access is necessary.",
    )


def read_only() -> ApiError:
    """A record the caller may see but not change."""
    return ApiError(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")


def invalid_session() -> ApiError:
    """The access token is unknown, revoked or timed out."""
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")
