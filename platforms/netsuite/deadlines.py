"""Dates that NetSuite itself has set, as credentials of the kind DEADLINE: nothing acts by them, and something stops.

Releases reach accounts over some weeks from about these dates; the exact day is each account's own.
Source: NetSuite help, section_158618788810 (2027.1); a vendor quoting Oracle's page (2028.2, tentative), 2026-11-24.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.platform.model import Credential, CredentialKind, CredentialStatus

NO_NEW_FROM = datetime(2027, 2, 1, tzinfo=UTC)
ENDS_ABOUT = datetime(2028, 8, 1, tzinfo=UTC)
NO_NEW, END = "deadline:tba-no-new", "deadline:tba-end"
SHOWN_AFTER = timedelta(days=30)
_DATES = (
    (NO_NEW, "No new integrations with token-based authentication (2027.1)", NO_NEW_FROM),
    (END, "Token-based authentication ends (2028.2, tentative)", ENDS_ABOUT),
)


def of_tokens(credentials: Iterable[Credential], now: datetime, *, concerned: bool) -> list[Credential]:
    """The dates ahead, and those just past, where any token can still sign in.

    ``concerned``: whatever is listed, as where tokens could not be seen or the bot signs in with one itself.
    """
    dead = {CredentialStatus.REVOKED, CredentialStatus.EXPIRED}
    tokens = (one for one in credentials if one.kind is CredentialKind.TBA_TOKEN)
    if not concerned and all(one.status in dead for one in tokens):
        return []
    return [
        Credential(
            native_id=native_id,
            kind=CredentialKind.DEADLINE,
            label=label,
            status=CredentialStatus.EXPIRED if at <= now else CredentialStatus.ACTIVE,
            expires_at=at,
        )
        for native_id, label, at in _DATES
        if now < at + SHOWN_AFTER
    ]
