"""Why our own sign-in may have been refused, in the order to look, each with the menu path that mends it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.errors import AuthFailed
from bot.text import plural
from platforms.netsuite.config import Settings, SignIn
from platforms.netsuite.errors import AUDIT

SKEW_AT_MOST = timedelta(minutes=5)  # NetSuite help, subsect_156934879823, read 2026-11-24
_REALM = re.compile(r'realm="([^"]{1,60})"')
_MAPPINGS = "Setup > Integration > Manage Authentication > OAuth 2.0 Client Credentials (M2M) Setup"
_TOKENS = "Setup > Users/Roles > Access Tokens"


def by_token_endpoint(
    settings: Settings, error: str, *, connection: str, skew: timedelta, ended: datetime | None, now: datetime
) -> AuthFailed:
    """The token endpoint refused our assertion; ``ended``: when our certificate ends, as last seen."""
    if abs(skew) > SKEW_AT_MOST:
        return _failed(connection, _clock(skew))
    if ended is not None and ended <= now:
        return _failed(
            connection,
            f"our certificate {settings.certificate_id[:8]}… expired on {ended:%Y-%m-%d}. To mend it: {_MAPPINGS} >"
            " Create New with a new certificate, and give the bot its certificate_id and private_key",
        )
    match error:
        case "invalid_client":
            said = (
                "NetSuite does not know our client_id. To mend it: compare it with Setup > Integration > Manage"
                " Integrations > our record; a reset of its credentials changes it"
            )
        case "invalid_scope":
            said = (
                "our integration may not use REST web services. To mend it: Setup > Integration > Manage"
                " Integrations > our record > OAuth 2.0: tick Client Credentials and REST Web Services"
            )
        case _:
            said = f"our certificate was not accepted ({error or 'no reason given'}). {_causes(settings)}"
    return _failed(connection, said)


def by_door(settings: Settings, *, connection: str, skew: timedelta, challenge: str) -> AuthFailed:
    """Signed requests were refused again and again, and no reason can be read by us."""
    if abs(skew) > SKEW_AT_MOST:
        return _failed(connection, _clock(skew))
    found = _REALM.search(challenge)
    if found and found[1].upper() != settings.account.realm:
        return _failed(
            connection,
            "the answer came from another account than ours. To mend it: set account, and the addresses if you"
            " gave any, from Setup > Company > Company Information > Company URLs",
        )
    return _failed(connection, f"NetSuite refuses our sign-in and never says why. {_causes(settings)}")


def _causes(settings: Settings) -> str:
    m2m = settings.sign_in is SignIn.M2M
    place = _MAPPINGS if m2m else _TOKENS
    causes = []
    if settings.account.copied:
        causes.append(
            f"this account was refreshed, which takes {'mappings' if m2m else 'tokens'} away ({place})"
        )
    if m2m:
        causes.append(f"the certificate expired or was revoked, or private_key is not its key ({place})")
    else:
        causes.append(f"the token was revoked or set inactive ({place}), or a key or secret is mistyped")
    causes += [
        "the user or the role is inactive, or the role was taken from the user"
        " (Setup > Users/Roles > Manage Users > the user > Access)",
        "the integration is blocked (Setup > Integration > Manage Integrations)",
    ]
    return f"Look in {AUDIT}: its Detail names the cause. Most often: {'; '.join(causes)}"


def _clock(skew: timedelta) -> str:
    behind = "behind" if skew > timedelta(0) else "ahead of"
    minutes = plural(round(abs(skew.total_seconds()) / 60), "minute")
    return (
        f"this machine's clock is {minutes} {behind} NetSuite's, and at most 5 are allowed. To mend it: set the"
        " clock by NTP"
    )


def _failed(connection: str, said: str) -> AuthFailed:
    return AuthFailed(f"{connection}: {said}.", connection=connection, operation="sign in")
