"""The vault's verbs, as the engine takes them, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from vault_samples import Discloser, Shelf, asked, everything_said, kept, moved_on, taken, texts

from bot.audit.repository import AuditLog
from bot.clock import FixedClock
from bot.db.leases import FileLimiter
from bot.db.store import Store
from bot.errors import BadArgument, Conflict, NotSupported, OutcomeUnknown, Rejected
from bot.platform import secret_steps
from bot.platform.plan import Action, Confirmation, Outcome, Step, StepMode
from bot.requests.model import ChangeRequest, RequestState
from bot.secrets import generation, plan_secrets
from bot.secrets.exchange import SecretExchange
from bot.secrets.repository import SecretRepository
from bot.secrets.vault import Vault
from bot.text import Secret

KEY = secret_steps.make_key(algorithm="EC-P256", common_name="Canary sync", days=365)
RECEIVE = secret_steps.receive(("token_id", "token_secret"), title="Make a token", instructions=("Setup",))
BY_HAND = secret_steps.deliver(("token_id", "token_secret"), destination="manual", consumer="Shopify")
TO_SHELF = secret_steps.deliver(("token",), destination="shelf", consumer="Shopify")
MINT = Step(key="mint", mode=StepMode.AUTO, title="Mint", action=Action(verb="mint", subject="app"))
DISCLOSED = secret_steps.deliver(
    ("consumer_secret",), destination="manual", consumer="Shopify", made_by="mint"
)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def vault(store: Store, shelf: Shelf, clock: FixedClock) -> Vault:
    return Vault(store, {}, {"shelf": shelf}, clock)


@pytest.fixture
def secret_exchange(store: Store, vault: Vault, tmp_path: Path) -> SecretExchange:
    return SecretExchange(store, vault, FileLimiter(tmp_path))


async def test_a_key_is_sealed_before_anybody_hears_of_it(store: Store, vault: Vault) -> None:
    """The private half is in the drawer, the certificate in the facts; a second try makes no second key."""
    request = await kept(store, KEY)
    seen = await taken(vault, request, KEY.action)
    held = await vault.secrets_for(request, ("private_key", "certificate", "other"))
    assert set(held) == {"private_key", "certificate"}
    assert held["private_key"].reveal().startswith("-----BEGIN PRIVATE KEY-----")
    assert seen.facts["certificate"] == held["certificate"].reveal()
    assert generation.speaks_for(seen.facts["certificate"], held["private_key"]) is not None
    assert seen.facts["certificate_sha256"] == seen.record_id
    await vault.apply(request, KEY.action, "again")
    assert texts(await vault.secrets_for(request, ("private_key",))) == texts(
        {"private_key": held["private_key"]}
    )
    assert "PRIVATE KEY" not in everything_said([seen])


async def test_two_who_make_a_key_at_once_keep_one(store: Store, vault: Vault) -> None:
    """What a receipt says of the certificate belongs to the key that is kept, whoever was first."""
    request = await kept(store, KEY)
    await asyncio.gather(*(vault.apply(request, KEY.action, "x") for _ in range(4)))
    seen = await vault.confirm(request, KEY.action, "x")
    held = await vault.secrets_for(request, ("private_key",))
    assert generation.speaks_for(seen.facts["certificate"], held["private_key"]) is not None
    async with store.read() as unit:
        made = [
            line
            for line in await unit[AuditLog].tail(subject=request.ref)
            if line.action == "secret:generated"
        ]
    assert len(made) == 1


async def test_a_key_pair_whose_halves_do_not_belong_together_is_none(store: Store, vault: Vault) -> None:
    """A certificate of another key is not taken for evidence."""
    request = await kept(store, KEY)
    await taken(vault, request, KEY.action)
    async with store.write() as unit:
        other = generation.key_pair("EC-P256", "x", 1, vault._clock.now())
        await plan_secrets.put(unit, request.id, {"private_key": other.private_key})
    assert (await vault.confirm(request, KEY.action, "x")).outcome is Outcome.NOT_DONE


async def test_forgetting_is_the_twin_of_making(store: Store, vault: Vault) -> None:
    """After it nothing is in the drawer, and the trail says what was there; done twice is done."""
    assert KEY.twin is not None
    request = await kept(store, KEY)
    await taken(vault, request, KEY.action)
    await taken(vault, request, KEY.twin.action)
    await taken(vault, request, KEY.twin.action)
    async with store.read() as unit:
        assert await plan_secrets.names(unit, request.id) == ()
        lines = await unit[AuditLog].tail(subject=request.ref)
    assert [line.action for line in lines] == ["secret:forgotten", "secret:generated"]


async def test_a_password_is_made_once(store: Store, vault: Vault) -> None:
    """The second try finds the first one's."""
    step = secret_steps.make_password("password", length=40)
    request = await kept(store, step)
    first = await taken(vault, request, step.action)
    held = texts(await vault.secrets_for(request, ("password",)))
    await vault.apply(request, step.action, "x")
    assert texts(await vault.secrets_for(request, ("password",))) == held
    assert len(held["password"]) == 40
    assert held["password"] not in everything_said([first])


async def test_receiving_waits_for_every_name(
    store: Store, vault: Vault, secret_exchange: SecretExchange
) -> None:
    """Half of it is kept and said; white space around is taken off and told; then the step is done."""
    request = await kept(store, RECEIVE)
    first = await secret_exchange.enter(request.id, {"token_id": " abc-1 "}, by="U2", way="page")
    assert (first.left, first.trimmed) == (("token_secret",), ("token_id",))
    waiting = await vault.confirm(request, RECEIVE.action, "x")
    assert waiting.outcome is Outcome.NOT_DONE
    assert "token_secret" in waiting.detail
    second = await secret_exchange.enter(request.id, {"token_secret": "s3cret"}, by="U2", way="page")
    assert (second.left, second.trimmed) == ((), ())
    seen = await vault.confirm(request, RECEIVE.action, "x")
    assert seen.outcome is Outcome.DONE
    assert texts(await vault.secrets_for(request, ("token_id",))) == {"token_id": "abc-1"}
    assert "s3cret" not in everything_said([waiting, seen])


@pytest.mark.parametrize(
    "given",
    [
        {"token_id": " "},
        {"token_id": "a\nb"},
        {"token_id": "a\0b"},
        {"token_id": "x" * 65_537},
        {"other": "x"},
    ],
)
async def test_what_is_no_secret_is_not_kept(
    store: Store, secret_exchange: SecretExchange, given: dict[str, str]
) -> None:
    """Empty, of two lines, with a NUL, too long, or not asked for: refused with its name, and nothing kept."""
    request = await kept(store, RECEIVE)
    with pytest.raises(BadArgument, match=next(iter(given))):
        await secret_exchange.enter(request.id, {"token_secret": "good"} | given, by="U2", way="page")
    async with store.read() as unit:
        assert await plan_secrets.names(unit, request.id) == ()


async def test_what_did_not_pass_its_proof_is_entered_anew(
    store: Store, vault: Vault, secret_exchange: SecretExchange
) -> None:
    """While the proof waits, all of it may be entered again; not after the proof, nor at any other step."""
    proof = Step(
        key="prove",
        mode=StepMode.GUIDED,
        title="See whose it is",
        action=Action(verb="prove", subject="", uses=("token_id", "token_secret")),
    )
    request = await kept(store, RECEIVE, proof, BY_HAND)
    await secret_exchange.enter(
        request.id, {"token_id": "wrong", "token_secret": "one"}, by="U2", way="page", step_key="receive"
    )
    request = await moved_on(store, request, RECEIVE, Confirmation(outcome=Outcome.DONE))
    assert request.step == proof
    assert await secret_exchange.missing(request, RECEIVE) == ("token_id", "token_secret")
    assert await secret_exchange.missing(request, RECEIVE, ("token_id",)) == ("token_secret",)
    await secret_exchange.enter(request.id, {"token_id": "right"}, by="U2", way="page", step_key="receive")
    held = texts(await vault.secrets_for(request, ("token_id", "token_secret")))
    assert held == {"token_id": "right", "token_secret": "one"}
    request = await moved_on(store, request, proof, Confirmation(outcome=Outcome.DONE))
    with pytest.raises(Conflict):
        await secret_exchange.enter(request.id, {"token_id": "late"}, by="U2", way="page", step_key="receive")


@pytest.mark.parametrize(
    "step",
    [
        Step(key="p", mode=StepMode.AUTO, title="", action=Action(verb="v", subject="", uses=("token_id",))),
        Step(key="p", mode=StepMode.GUIDED, title="", action=Action(verb="v", subject="", uses=())),
        Step(
            key="p", mode=StepMode.GUIDED, title="", action=Action(verb="v", subject="", uses=("token_id",))
        ),
        BY_HAND,
    ],
)
def test_only_a_person_who_waits_for_the_proof_of_all_of_it_enters_anew(step: Step) -> None:
    """Not beside a step that the bot takes, one that uses none of it, or only a part."""
    assert secret_steps.entry((RECEIVE, step), step) is None


def test_a_watched_proof_that_uses_more_is_one_too() -> None:
    """NetSuite's mapping is tried with what was entered and with the key that was made before."""
    uses = ("private_key", "token_id", "token_secret")
    step = Step(key="p", mode=StepMode.WATCH, title="", action=Action(verb="v", subject="", uses=uses))
    assert secret_steps.entry((RECEIVE, step), step) == RECEIVE


async def test_only_the_step_that_waits_takes_secrets(store: Store, secret_exchange: SecretExchange) -> None:
    """A request that is over, not yet approved, or at another step takes and shows nothing."""
    for state in (RequestState.PENDING, RequestState.DONE, RequestState.CANCELLED):
        request = await kept(store, RECEIVE, state=state)
        with pytest.raises(Conflict):
            await secret_exchange.enter(request.id, {"token_id": "x"}, by="U2", way="page")
    request = await kept(store, BY_HAND)
    with pytest.raises(Conflict):
        await secret_exchange.enter(request.id, {"token_id": "x"}, by="U2", way="page")
    request = await kept(store, RECEIVE)
    with pytest.raises(Conflict):
        await secret_exchange.show(request.id, by="U2", way="page")


async def test_carried_over_by_hand(store: Store, vault: Vault, secret_exchange: SecretExchange) -> None:
    """Being shown closes nothing; saying that it is in place does, for the very values that are there now."""
    request = await kept(store, RECEIVE, BY_HAND)
    await secret_exchange.enter(request.id, {"token_id": "one", "token_secret": "two"}, by="U2", way="page")
    request = await moved_on(store, request, RECEIVE, await vault.confirm(request, RECEIVE.action, "x"))
    key = f"{request.ref}.{BY_HAND.key}"
    shown = await secret_exchange.show(request.id, by="U2", way="page")
    assert texts(shown.values) == {"token_id": "one", "token_secret": "two"}
    assert (await vault.confirm(request, BY_HAND.action, key)).outcome is Outcome.NOT_DONE
    async with store.write() as unit:
        await plan_secrets.put(unit, request.id, {"token_secret": Secret("three")})
    await secret_exchange.in_place(request.id, shown.prints, by="U2", way="page")
    stale = await vault.confirm(request, BY_HAND.action, key)
    assert (stale.outcome, "token_secret" in stale.detail) == (Outcome.NOT_DONE, True)
    anew = await secret_exchange.show(request.id, by="U2", way="page", only="token_secret")
    await secret_exchange.in_place(request.id, anew.prints, by="U4", way="page")
    seen = await vault.confirm(request, BY_HAND.action, key)
    assert (seen.outcome, seen.facts["in_place_by"]) == (Outcome.DONE, "U4")
    async with store.read() as unit:
        deeds = [line.action for line in await unit[AuditLog].tail(subject=request.ref)]
    assert deeds.count("secret:shown") == 2
    with pytest.raises(NotSupported):
        await vault.apply(request, BY_HAND.action, key)


async def test_what_the_platform_made_is_disclosed_again(
    store: Store, clock: FixedClock, tmp_path: Path
) -> None:
    """Nothing of it is kept; the platform is asked for what that step made, with what is known of it."""
    platform = Discloser({"consumer_secret": "minted", "unasked": "stays"})
    vault = Vault(store, {"salesforce:prod": platform}, {}, clock)  # type: ignore[dict-item]  # one method is used
    secret_exchange = SecretExchange(store, vault, FileLimiter(tmp_path))
    request = await kept(store, MINT, DISCLOSED)
    seen = Confirmation(outcome=Outcome.DONE, facts={"app": "0H4"})
    request = await moved_on(store, request, MINT, seen)
    shown = await secret_exchange.show(request.id, by="cli:ana", way="command line")
    assert texts(shown.values) == {"consumer_secret": "minted"}
    assert platform.asked == [replace(MINT.action, known={"app": "0H4"})]
    await secret_exchange.in_place(request.id, shown.prints, by="cli:ana", way="command line")
    key = f"{request.ref}.{DISCLOSED.key}"
    assert (await vault.confirm(request, DISCLOSED.action, key)).outcome is Outcome.DONE
    async with store.read() as unit:
        assert await plan_secrets.names(unit, request.id) == ()


async def test_a_platform_that_discloses_nothing(store: Store, clock: FixedClock) -> None:
    """Could not look is not "not there"."""
    vault = Vault(store, {"salesforce:prod": object()}, {"shelf": Shelf()}, clock)  # type: ignore[dict-item]  # of no use
    step = secret_steps.deliver(("token",), destination="shelf", consumer="x", made_by="mint")
    request = asked(MINT, step)
    assert (await vault.confirm(request, step.action, "x")).outcome is Outcome.UNKNOWN


async def _with_token(store: Store) -> ChangeRequest:
    request = await kept(store, TO_SHELF)
    async with store.write() as unit:
        await plan_secrets.put(unit, request.id, {"token": Secret("new")})
    return request


async def test_delivered_once_and_taken_back(store: Store, vault: Vault, shelf: Shelf) -> None:
    """Written once, read back, with the version before on record; withdrawn, that one is current again."""
    assert TO_SHELF.twin is not None
    request = await _with_token(store)
    seen = await taken(vault, request, TO_SHELF.action)
    await vault.apply(request, TO_SHELF.action, "x")
    assert shelf.versions == [{"token": "old"}, {"token": "new"}]
    assert (seen.facts["destination_version"], seen.facts["destination_before"]) == ("2", "1")
    assert "new" not in seen.facts.values()
    back = replace(TO_SHELF.twin.action, known=seen.facts)
    await taken(vault, request, back)
    await taken(vault, request, back)
    assert shelf.versions == [{"token": "old"}, {"token": "new"}, {"token": "old"}]


async def test_an_outcome_nobody_heard_is_settled_by_reading(
    store: Store, vault: Vault, shelf: Shelf
) -> None:
    """A write without an answer is found by reading back, and taken back without a receipt."""
    assert TO_SHELF.twin is not None
    shelf.silent = True
    request = await _with_token(store)
    with pytest.raises(OutcomeUnknown):
        await vault.apply(request, TO_SHELF.action, "x")
    assert (await vault.confirm(request, TO_SHELF.action, "x")).outcome is Outcome.DONE
    await taken(vault, request, TO_SHELF.twin.action)
    assert shelf.versions[-1] == {"token": "old"}


async def test_could_not_look_is_unknown(store: Store, vault: Vault, shelf: Shelf) -> None:
    """A destination that is away, one that was taken out of the configuration, a verb from the future."""
    request = await _with_token(store)
    gone = replace(TO_SHELF.action, params=dict(TO_SHELF.action.params) | {"destination": "elsewhere"})
    shelf.away = True
    for action in (TO_SHELF.action, gone, replace(TO_SHELF.action, verb="teleport")):
        seen = await vault.confirm(request, action, "x")
        assert seen.outcome is Outcome.UNKNOWN
        assert seen.detail


async def test_nothing_to_hand_over_is_refused(store: Store, vault: Vault, shelf: Shelf) -> None:
    """An empty drawer writes no empty secret."""
    request = await kept(store, TO_SHELF)
    assert (await vault.confirm(request, TO_SHELF.action, "x")).outcome is Outcome.NOT_DONE
    with pytest.raises(Rejected):
        await vault.apply(request, TO_SHELF.action, "x")
    assert len(shelf.versions) == 1


async def test_drawers_are_emptied_when_their_request_ends(store: Store, vault: Vault) -> None:
    """The sweep empties those of requests that ended or are gone, leaves the others, and other secrets."""
    ended, alive = await kept(store, KEY, state=RequestState.DENIED), await kept(store, KEY)
    async with store.write() as unit:
        for request_id in (ended.id, alive.id, "0" * 32):
            await plan_secrets.put(unit, request_id, {"token": Secret("x"), "other": Secret("y")})
        await unit[SecretRepository].put("slack-bot-token", Secret("z"))
    await vault.sweep()
    async with store.read() as unit:
        assert await plan_secrets.of_requests(unit) == {alive.id}
        assert "slack-bot-token" in await unit[SecretRepository].names()
        lines = await unit[AuditLog].tail(subject=ended.ref)
    assert [(line.action, line.detail["names"]) for line in lines] == [
        ("plan_secrets:deleted", "other,token")
    ]
    async with store.write() as unit:
        await vault.discard(unit, alive.id)
    async with store.read() as unit:
        assert await plan_secrets.of_requests(unit) == frozenset()


async def test_drawers_do_not_mix(store: Store, vault: Vault) -> None:
    """Two requests keep secrets of one name apart."""
    one, other = await kept(store, KEY), await kept(store, KEY)
    async with store.write() as unit:
        await plan_secrets.put(unit, one.id, {"token": Secret("1")})
    assert await vault.secrets_for(other, ("token",)) == {}


def test_fingerprints_are_keyed(vault: Vault) -> None:
    """Equal for equal secrets under any name, and not the plain hash that a short secret could be guessed from."""
    found = vault.fingerprints({"a": Secret("1234"), "b": Secret("1234"), "c": Secret("1235")})
    assert found["a"] == found["b"] != found["c"]
    assert len(found["a"]) == 32
