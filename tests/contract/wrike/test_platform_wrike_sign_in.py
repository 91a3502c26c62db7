"""Signing in to Wrike on real sockets, by permanent token and by OAuth."""

from __future__ import annotations

import asyncio

import pytest
from connection_context import connection_context
from wrike_bench import BOT, NAME, PERSON, SERVICE, Bench

from bot.errors import AuthFailed, ConfigError, RateLimited, Unreachable
from bot.text import Secret
from platforms.wrike import Wrike, build


async def test_a_permanent_token_says_who_we_are(bench: Bench, wrike: Wrike) -> None:
    """The token's own record names the account and the user, and nothing is missing for an administrator."""
    who = await wrike.identify()
    assert (who.username, who.principal_id) == (BOT, bench.contact(BOT).id)
    assert who.tenant == bench.stand_in.tenant.mint.account
    assert [gap.what for gap in who.gaps] == ["tokens and API apps that nobody declared"]
    assert abs(who.clock_skew_s) < 5


async def test_oauth_signs_in_once_and_is_renewed_by_itself(bench: Bench) -> None:
    """After one consent the access token is renewed when its hour is over, without a person."""
    adapter = await bench.authorized()
    assert (await adapter.identify()).username == BOT
    await bench.pass_time(hours=3)
    assert (await adapter.identify()).username == BOT
    assert bench.calls("/oauth2/token") == 2


async def test_one_refresh_serves_everybody(bench: Bench) -> None:
    """A refresh token works once: however many ask at once, over several processes, one of them spends it."""
    first = await bench.authorized()
    second = bench.by_oauth()  # as another process: it shares the memory and the turns, nothing else
    await bench.pass_time(hours=2)
    await asyncio.gather(*(one.identify() for one in (first, second, first, second)))
    assert bench.calls("/oauth2/token") == 2


async def test_the_new_pair_is_kept_before_it_is_used(bench: Bench) -> None:
    """A process that dies between the refresh and its first use loses nothing: the next one goes on from the store."""
    adapter = await bench.authorized()
    await bench.pass_time(hours=2)
    await bench.fault("reset", "GET /api/v4/contacts", count=None)
    with pytest.raises(Unreachable):
        await adapter.identify()
    await bench.mend()
    heir = bench.by_oauth()
    assert (await heir.identify()).username == BOT
    assert bench.calls("/oauth2/token") == 2


async def test_a_lost_answer_to_a_refresh_asks_for_a_new_consent(bench: Bench) -> None:
    """When the refresh took place and its answer never came, the chain is broken: the error says what to type."""
    adapter = await bench.authorized()
    await bench.pass_time(hours=2)
    await bench.fault("timeout_after_effect", "POST /oauth2/token")
    hasty = bench.by_oauth(timeout_s=0.5)
    with pytest.raises(AuthFailed, match="wrike authorize wrike:test"):
        await hasty.identify()
    del adapter


async def test_nobody_has_said_yes_yet(bench: Bench) -> None:
    """Before the first consent nothing is asked of Wrike, and the error names the command."""
    with pytest.raises(AuthFailed, match="python -m bot wrike authorize"):
        await bench.by_oauth().identify()
    assert bench.calls("/api/v4") == 0


@pytest.mark.parametrize("shape", ["rfc", "wrike"])
async def test_a_revoked_consent_is_told_in_either_shape(bench: Bench, shape: str) -> None:
    """The error body of the token endpoint is not documented: both likely shapes mean the same."""
    await bench.switch(oauth_error_shape=shape)
    adapter = await bench.authorized()
    await bench.pull("revoke", email=BOT, label="Handover")
    await bench.pass_time(hours=2)
    with pytest.raises(AuthFailed, match="used up or was taken back"):
        await adapter.identify()


async def test_a_code_works_once(bench: Bench) -> None:
    """A code that was exchanged already is refused, and what was kept stays."""
    adapter = await bench.authorized()
    given = {"email": BOT, "redirect_uri": adapter.redirect_uri}
    code = (await bench.pull("approve", **given))["code"]
    await adapter.authorize(code)
    with pytest.raises(AuthFailed):
        await adapter.authorize(code)
    assert (await adapter.identify()).username == BOT


async def test_consent_is_for_apps_only(bench: Bench, wrike: Wrike) -> None:
    """A connection with a permanent token has nothing to authorise."""
    with pytest.raises(ConfigError, match="client_id"):
        wrike.consent_url("state")


@pytest.mark.parametrize("answer", ["401", "300"])
async def test_a_token_of_another_data_centre_is_not_dead(bench: Bench, answer: str) -> None:
    """The wrong data centre answers as if the token were unknown: the others are asked, and the right one is named."""
    await bench.switch(wrong_centre=answer)
    swapped = bench.make(url=bench.hello["other_url"], other_urls=[bench.hello["url"]])
    with pytest.raises(AuthFailed) as caught:
        await swapped.identify()
    assert "another data centre" in caught.value.hint
    assert bench.hello["url"] in caught.value.hint


async def test_a_token_that_no_data_centre_knows_is_dead(bench: Bench) -> None:
    """Only when all have refused it."""
    stranger = build(
        NAME,
        bench.table() | {"flows": []},
        connection_context(lambda _: Secret("nobody's"), bench.clock, bench.directory),
    )
    bench.opened.append(stranger)
    with pytest.raises(AuthFailed, match="does not know the token"):
        await stranger.identify()
    assert bench.calls("/version") == 1


async def test_when_a_data_centre_cannot_be_asked_nothing_is_concluded(bench: Bench) -> None:
    """A refusal here and silence there is not a dead token."""
    nowhere = ["http://127.0.0.1:9/api/v4"]
    adapter = bench.make(url=bench.hello["other_url"], other_urls=nowhere)
    with pytest.raises(Unreachable, match="could not be asked"):
        await adapter.identify()


async def test_the_token_is_never_shown(bench: Bench, wrike: Wrike) -> None:
    """Neither errors nor reprs of anything hold it."""
    hasty = bench.make(timeout_s=0.3)
    await bench.fault("timeout", "GET /api/v4/contacts", count=None)
    with pytest.raises(Unreachable) as caught:
        await hasty.identify()
    shown = repr(caught.value) + repr(vars(caught.value)) + repr(hasty._settings) + repr(hasty._client)
    assert bench.hello["token"] not in shown


async def test_too_many_requests_are_slowed_down_and_answered(bench: Bench) -> None:
    """A connection that is allowed more than Wrike allows backs off and still gets its listing, whole."""
    await bench.switch(rate_per_minute=1200.0, rate_burst=3, retry_after=False)
    found = await bench.make(requests_per_minute=2_000, burst=20).snapshot(None)
    assert found.principals
    assert bench.stand_in.tenant.world.counters["wrike.429"] > 0


async def test_a_long_retry_after_rests_the_connection(bench: Bench, wrike: Wrike) -> None:
    """When Wrike asks for more than half a minute, whoever asked is told when to come back."""
    await bench.switch(retry_after=True)
    await bench.fault("429", "GET /api/v4/contacts", count=1, retry_after_s=90)
    with pytest.raises(RateLimited) as caught:
        await wrike.identify()
    assert caught.value.retry_after_s == 90


async def test_a_person_who_says_yes_by_accident_is_refused(bench: Bench) -> None:
    """People consent as themselves: nothing of theirs is kept, and the error says who it was."""
    adapter = bench.by_oauth()
    code = (await bench.pull("approve", email=PERSON, redirect_uri=adapter.redirect_uri))["code"]
    with pytest.raises(AuthFailed, match=PERSON):
        await adapter.authorize(code)
    assert bench.memory.kept == {}
    code = (await bench.pull("approve", email=SERVICE, redirect_uri=adapter.redirect_uri))["code"]
    assert (await adapter.authorize(code)).username == SERVICE
