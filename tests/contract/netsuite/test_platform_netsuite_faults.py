"""What failures do to reads and writes: ridden out, undetermined, or a failed whole; and bad input in plain words."""

from __future__ import annotations

import asyncio
import time

import pytest
import stamina
from netsuite_bench import M2M, SHARED, TBA, Bench, Walk, token_id

from bot.errors import (
    AuthFailed,
    BotError,
    ConfigError,
    Forbidden,
    OutcomeUnknown,
    ProtocolChanged,
    RateLimited,
    Unreachable,
)
from bot.platform.plan import Outcome

SUITEQL = "/query/v1/suiteql"


@pytest.mark.parametrize("kind", ["500", "reset", "timeout", "429"])
async def test_a_passing_fault_of_a_read_is_ridden_out(bench: Bench, kind: str) -> None:
    """One broken answer is followed by another try, signed anew, and the snapshot is whole."""
    hasty = bench.another(TBA, timeout_s=0.5)
    await bench.fault(kind, SUITEQL, retry_after_s=0)
    assert len((await hasty.snapshot(None)).principals) > 30


@pytest.mark.parametrize("match", [SUITEQL, "oauth2/v1/token", "/certificates"])
async def test_a_lasting_fault_fails_the_whole_snapshot(bench: Bench, match: str) -> None:
    """Whatever part cannot be read, nothing of the listing is kept, and no gap is made of it."""
    await bench.fault("500", match, count=None)
    with pytest.raises(Unreachable):
        await bench.platform.snapshot(None)


@pytest.mark.parametrize("match", [SUITEQL, "/certificates", "oauth2/v1/token"])
async def test_an_answer_cut_in_half_fails_the_whole_snapshot(bench: Bench, match: str) -> None:
    """Half a body is no listing."""
    await bench.fault("bad_json", match, count=None)
    with pytest.raises(ProtocolChanged):
        await bench.platform.snapshot(None)


async def test_a_short_listing_that_calls_itself_complete_is_not_believed(bench: Bench) -> None:
    """Half of the employees, declared complete, does not agree with their count."""
    await bench.fault("short_listing", SUITEQL, count=None)
    with pytest.raises(ProtocolChanged, match="counts"):
        await bench.platform.snapshot(None)


async def test_a_failed_scan_takes_nothing_back(bench: Bench) -> None:
    """What one process keeps between scans is only ever replaced by something whole."""
    first = await bench.platform.snapshot(None)
    await bench.fault("bad_json", SUITEQL, count=None)
    with pytest.raises(ProtocolChanged):
        await bench.platform.snapshot(first.taken_at)
    await bench.heal()
    assert len((await bench.platform.snapshot(first.taken_at)).principals) == len(first.principals)


async def test_a_429_without_end_says_so_and_concludes_nothing(bench: Bench) -> None:
    """The limit is not an error of ours: the connection rests as long as it was told."""
    await bench.fault("429", SUITEQL, count=None, retry_after_s=45)
    with pytest.raises(RateLimited) as caught:
        await bench.platform.snapshot(None)
    assert caught.value.retry_after_s == 45


async def test_two_processes_never_ask_more_than_one_at_once(bench: Bench) -> None:
    """With the account's limit at one, adapters that share turns are never refused for asking together."""
    await bench.switch(concurrency_limit=1)
    await bench.pull("netsuite/generate", employees=300)
    await asyncio.gather(*(bench.platform.snapshot(None) for _ in range(4)))
    assert bench.stand_in.account.world.counters["netsuite.over_limit"] == 0
    assert bench.stand_in.account.world.counters["netsuite.most_at_once"] == 1


@pytest.mark.parametrize("way", [M2M, TBA])
async def test_a_crowd_that_looks_like_a_wrong_signature_is_undetermined(
    bench: Bench, way: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 401 after a long wait condemns nothing: tried again once, the trail asked, and then "could not look"."""
    from platforms.netsuite import wire

    monkeypatch.setattr(wire, "OVERLOAD_AFTER_S", 0.2)  # a real crowd takes a minute
    platform = bench.another(way)
    await platform.identify()
    await bench.switch(concurrency_limit=0, overload="401_after_wait", overload_wait_s=0.3)
    with pytest.raises(Unreachable):
        await platform.identify()


async def test_one_refusal_among_successes_is_ridden_out(bench: Bench) -> None:
    """A bearer that ended early is replaced once, without a word."""
    platform = bench.another(M2M)
    await platform.identify()
    bench.stand_in.account.bearers.clear()
    assert (await platform.identify()).username


async def test_a_dead_token_is_called_dead_only_after_the_trail_was_asked(bench: Bench) -> None:
    """Three refusals one after the other, the last for our own lines in the trail; then the menu paths."""
    platform = bench.another(TBA)
    await bench.pull("netsuite/token_state", token="Handover", inactive=True)
    with pytest.raises(AuthFailed, match="View Login Audit Trail") as caught:
        await platform.snapshot(None)
    assert "Setup > Users/Roles > Access Tokens" in caught.value.hint
    assert bench.calls(SUITEQL) == 3


async def bad_input(bench: Bench, change: str) -> BotError:
    """The error that a wrong setting or a changed account brings."""
    hello = bench.ready["netsuite"]
    table: dict[str, object] = {}
    way = M2M
    match change:
        case "account form":
            table["account"] = "3182736-sb1"
        case "account unknown":
            way, table["account"] = TBA, "9999999"
        case "host":
            table["url"] = "http://127.0.0.1:9"
        case "clock":
            way = TBA
            await bench.switch(clock_skew_s=900)
        case "clock by certificate":
            await bench.switch(clock_skew_s=7200)
        case "certificate expired":
            await bench.platform.snapshot(None)
            await bench.pass_time(days=700)
        case "certificate revoked":
            await bench.pull("netsuite/mapping_revoke", certificate_id=hello["certificate_id"])
        case "workbook":
            await bench.forbid("REPO_ANALYTICS")
        case "rest":
            await bench.forbid("ADMI_RESTWEBSERVICES")
        case "refreshed":
            await bench.pull("netsuite/refresh")
        case "refreshed by token":
            way = TBA
            await bench.pull("netsuite/refresh")
        case "user inactive":
            await bench.pull(
                "netsuite/employee", email="handover.bot@integrations.larkspur.example", inactive=True
            )
    try:
        platform = bench.opened[0] if change == "certificate expired" else bench.another(way, **table)
        await platform.snapshot(None)
    except BotError as error:
        return error
    raise AssertionError(f"{change} went unnoticed")


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ("account form", ConfigError, 'write "3182736_SB1", as Setup > Company > Company Information'),
        ("account unknown", AuthFailed, "another account"),
        ("host", Unreachable, "could not be reached"),
        ("clock", AuthFailed, "15 minutes behind NetSuite's"),
        ("clock by certificate", AuthFailed, "120 minutes behind NetSuite's"),
        ("certificate expired", AuthFailed, "OAuth 2.0 Client Credentials (M2M) Setup"),
        ("certificate revoked", AuthFailed, "OAuth 2.0 Client Credentials (M2M) Setup"),
        ("workbook", Forbidden, "SuiteAnalytics Workbook"),
        ("rest", Forbidden, "REST Web Services"),
        ("refreshed", AuthFailed, "this account was refreshed, which takes mappings away"),
        ("refreshed by token", AuthFailed, "this account was refreshed, which takes tokens away"),
        ("user inactive", AuthFailed, "Setup > Users/Roles > Manage Users"),
    ],
)
async def test_bad_input_is_named_with_the_menu_path_that_mends_it(
    bench: Bench, change: str, kind: type[BotError], words: str
) -> None:
    """Whatever is wrong with how we are set up is said in plain words, and fails the listing whole."""
    error = await bad_input(bench, change)
    assert isinstance(error, kind), error
    assert words in error.hint


async def test_a_write_whose_answer_is_lost_is_unknown_and_then_seen(bench: Bench) -> None:
    """A role that was assigned although nobody heard of it is found by looking, and never assigned twice."""
    draft = await bench.platform.change("assign", {"user": SHARED, "role": "Integration: expenses"})
    walk = Walk(bench, bench.another(M2M, timeout_s=0.3), draft.plan)
    await bench.fault("timeout_after_effect", "PATCH .*/employee/")
    with pytest.raises(OutcomeUnknown):
        await walk.platform.apply_with(walk.action("grant"), "x", {})
    assert (await walk.look("grant")).outcome is Outcome.DONE
    held = bench.stand_in.account["employee"].where(email=SHARED)[0]["_roles"]
    assert sorted(held) == [1057, 1058, 1059]


@pytest.mark.parametrize("kind", ["500", "429", "reset"])
async def test_a_write_is_never_sent_twice_by_itself(bench: Bench, kind: str) -> None:
    """Whatever becomes of a write, the adapter sends it once and says what is known."""
    draft = await bench.platform.change("assign", {"user": SHARED, "role": "Integration: expenses"})
    walk = Walk(bench, bench.platform, draft.plan)
    await bench.fault(kind, "PATCH .*/employee/", retry_after_s=0)
    with pytest.raises((OutcomeUnknown, RateLimited)):
        await walk.platform.apply_with(walk.action("grant"), "x", {})
    assert bench.calls("PATCH") == 1


async def test_could_not_look_is_unknown_and_never_raised(bench: Bench) -> None:
    """While NetSuite is away every step's evidence is "could not look"."""
    draft = await bench.platform.handover(await token_id(bench, "Nexonia"), SHARED)
    await bench.fault("500", count=None)
    for step in draft.plan.steps:
        if step.key not in ("receive", "deliver"):
            action = Walk(bench, bench.platform, draft.plan).action(step.key)
            seen = await bench.platform.confirm(action, step.key)
            assert seen.outcome is Outcome.UNKNOWN, step.key


async def test_no_secret_is_in_anything_that_is_said(bench: Bench) -> None:
    """Neither errors nor reprs hold a key, a token or a signature."""
    hello = bench.ready["netsuite"]
    said = [repr(bench.platform), repr(bench.platform._settings), repr(bench.platform._wire.keys)]
    for change in ("certificate revoked", "refreshed by token"):
        error = await bad_input(bench, change)
        said += [error.hint, repr(error), repr(error.__cause__)]
    secrets = [hello["token_secret"], hello["consumer_secret"], hello["private_key"].splitlines()[1]]
    assert not [secret for secret in secrets for line in said if secret in line]


async def test_a_key_that_is_none_is_said_without_the_key(bench: Bench) -> None:
    """A private key of a kind that NetSuite does not take stops the sign-in with the reason."""
    bench.ready["netsuite"]["private_key"] = (
        "-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----"
    )
    with pytest.raises(ConfigError, match="not a private key") as caught:
        await bench.another(M2M).snapshot(None)
    assert "nonsense" not in caught.value.hint


async def test_the_retries_wait_as_they_are_told(bench: Bench) -> None:
    """Outside of tests a 429 with half a second to wait is waited for, and then the listing goes on."""
    stamina.set_testing(False)
    await bench.fault("429", SUITEQL, retry_after_s=1)
    began = time.monotonic()
    assert (await bench.platform.snapshot(None)).principals
    assert time.monotonic() - began >= 1
