"""What ends by itself in an account: the vendor's dates for tokens, and what the bot itself signs in with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from netsuite_bench import M2M, TBA, Bench

from bot.platform.model import Credential, CredentialKind, CredentialStatus
from platforms.netsuite import deadlines


def dates(credentials: tuple[Credential, ...]) -> dict[str, datetime | None]:
    return {c.native_id: c.expires_at for c in credentials if c.kind is CredentialKind.DEADLINE}


@pytest.mark.parametrize("way", [M2M, TBA])
async def test_what_we_sign_in_with_is_known_as_ours(bench: Bench, way: tuple[str, ...]) -> None:
    """A certificate by its id; a token ends when all of them do."""
    seen = await bench.another(way).snapshot(None)
    (own,) = seen.own
    (ours,) = [c for c in seen.credentials if c.native_id == own]
    assert ours.kind is (CredentialKind.M2M_CERTIFICATE if way is M2M else CredentialKind.DEADLINE)
    assert ours.expires_at


async def test_the_vendors_dates_for_tokens_are_dates_of_the_inventory(bench: Bench) -> None:
    """2027.1 and 2028.2 come nearer like any end; where tokens are hidden nobody may conclude that there are none."""
    both = {deadlines.NO_NEW: deadlines.NO_NEW_FROM, deadlines.END: deadlines.ENDS_ABOUT}
    assert dates((await bench.platform.snapshot(None)).credentials) == both
    await bench.forbid("ADMI_MANAGE_OAUTH_TOKENS")
    assert dates((await bench.another().snapshot(None)).credentials) == both


def test_dates_concern_only_who_has_tokens_and_pass() -> None:
    """Without a token that can sign in there is nothing to be done; a month after a date it is history."""
    token = Credential(native_id="t", kind=CredentialKind.TBA_TOKEN, label="t")
    dead = Credential(
        native_id="d", kind=CredentialKind.TBA_TOKEN, label="d", status=CredentialStatus.REVOKED
    )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert deadlines.of_tokens([dead], now, concerned=False) == []
    assert len(deadlines.of_tokens([dead], now, concerned=True)) == 2
    assert len(deadlines.of_tokens([dead, token], now, concerned=False)) == 2
    past = deadlines.NO_NEW_FROM + timedelta(days=1)
    assert deadlines.of_tokens([token], past, concerned=False)[0].status is CredentialStatus.EXPIRED
    later = deadlines.NO_NEW_FROM + deadlines.SHOWN_AFTER
    assert [c.native_id for c in deadlines.of_tokens([token], later, concerned=False)] == [deadlines.END]
