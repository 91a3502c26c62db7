"""Making packs: the key, what is noted in the trail, what is refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
import tomllib

import pytest
from evidence_case import NOW, PLAN, REF, ROOT, failed, put, request

import bot
from bot.audit.repository import AuditLog
from bot.clock import FixedClock
from bot.db.store import Store
from bot.errors import Conflict, NotFound, StoreError
from bot.evidence import signing
from bot.evidence.packs import Evidence
from bot.evidence.page import page
from bot.secrets.repository import SecretRepository
from bot.text import Secret


@pytest.fixture
def evidence(store: Store) -> Evidence:
    """The service on an empty store."""
    return Evidence(store, FixedClock(NOW))


async def test_the_key_is_made_once_however_many_ask(store: Store, evidence: Evidence) -> None:
    """A first use by many at once makes one key, noted once in the trail with its fingerprint."""
    found = await asyncio.gather(*(evidence.signer(f"U{n}") for n in range(8)))
    assert len({signer.public for signer in found}) == 1
    async with store.read() as unit:
        (line,) = await unit[AuditLog].tail(subject="evidence")
    assert line.action == "evidence:key_created"
    assert line.detail == {"fingerprint": hashlib.sha256(found[0].public).hexdigest()}


async def test_a_replaced_key_signs_from_then_on(store: Store, evidence: Evidence) -> None:
    """Packs of before keep verifying with the old fingerprint; the trail names both keys."""
    await put(store, request())
    before = await evidence.pack(REF, "cli:ona")
    new = await signing.replaced(store, "cli:ona")
    after = await evidence.pack(REF, "cli:ona")
    assert after.fingerprint == new.fingerprint != before.fingerprint
    assert failed(before.files, before.fingerprint) == failed(after.files, new.fingerprint) == set()
    assert failed(before.files, new.fingerprint) == {"key"}


async def test_a_key_does_not_show_itself(store: Store, evidence: Evidence) -> None:
    """The private key is in no repr and in no file of a pack, in any of its spellings."""
    await put(store, request())
    pack = await evidence.pack(REF, "cli:ona")
    async with store.read() as unit:
        kept = await unit[SecretRepository].get(signing.NAME)
    assert kept
    private = kept.reveal()
    everything = b"".join(pack.files.values()) + repr(await evidence.signer("x")).encode()
    assert private.encode() not in everything
    assert bytes.fromhex(private) not in everything


async def test_a_damaged_key_is_an_error_and_no_new_key(store: Store, evidence: Evidence) -> None:
    """What is stored in the key's place is never quietly replaced, since old packs are known by it."""
    async with store.write() as unit:
        await unit[SecretRepository].put(signing.NAME, Secret("not hex"))
    with pytest.raises(StoreError, match="is not a key") as raised:
        await evidence.signer("x")
    assert "not hex" not in str(raised.value)


async def test_the_trail_holds_that_a_pack_was_made(store: Store, evidence: Evidence) -> None:
    """Who made it, with the hash of what left; the next pack shows that line as one of the request's own."""
    await put(store, request())
    first = await evidence.pack(REF, "cli:ona")
    async with store.read() as unit:
        (line,) = await unit[AuditLog].tail(1)
    assert (line.actor, line.action, line.subject) == ("cli:ona", "evidence:created", REF)
    assert line.detail["sha256"] == hashlib.sha256(first.files["evidence.json"]).hexdigest()
    second = await evidence.pack(REF.lower(), "cli:ona")
    assert failed(second.files, first.fingerprint) == set()
    shown = [
        link for link in json.loads(second.files["evidence.json"])["trail"]["links"] if "written" in link
    ]
    assert shown[-1]["action"] == "evidence:created"


async def test_a_pack_says_who_its_people_are_and_what_is_only_known_by_id(
    store: Store, evidence: Evidence
) -> None:
    """Ids of members come with name and e-mail where they are known; actors that are nobody's id stay as they are."""
    await put(store, request())
    pack = json.loads((await evidence.pack(REF, "cli:ona")).files["evidence.json"])
    assert pack["people"] == {
        "UASKER": {"name": "Ona Asker", "email": "ona@larkspur.example"},
        "UAPPROVER": {"name": "Ada Approver", "email": "ada@larkspur.example"},
    }


async def test_facts_are_shown_before_and_after_each_step(store: Store, evidence: Evidence) -> None:
    """What earlier steps had established stands beside what a step established."""
    await put(store, request())
    receipts = json.loads((await evidence.pack(REF, "cli:ona")).files["evidence.json"])["receipts"]
    assert [(r["facts_before"], r["facts_after"]) for r in receipts] == [
        ({}, {}),
        ({}, {"grant_id": "0CP01"}),
        ({"grant_id": "0CP01"}, {"grant_id": "0CP01", "last_use": "never"}),
    ]


async def test_the_page_is_made_of_the_json_alone(store: Store, evidence: Evidence) -> None:
    """Whoever has the JSON and our code arrives at the same page."""
    await put(store, request())
    files = (await evidence.pack(REF, "cli:ona")).files
    assert page(json.loads(files["evidence.json"])).encode() == files["evidence.html"]


async def test_an_unknown_request_makes_neither_pack_nor_key(store: Store, evidence: Evidence) -> None:
    """A mistyped id changes nothing."""
    for asked in (evidence.pack("ZZZZZZ", "x"), evidence.summary("ZZZZZZ", "x")):
        with pytest.raises(NotFound):
            await asked
    async with store.read() as unit:
        assert await unit[SecretRepository].names() == ()
        assert (await unit[AuditLog].head())[0] == 0


async def test_a_plan_that_was_hashed_otherwise_is_refused(store: Store, evidence: Evidence) -> None:
    """No pack is made that could not be verified: a plan written by an older release says so."""
    await put(store, request(digest="0" * 64))
    with pytest.raises(Conflict, match="older release"):
        await evidence.pack(REF, "cli:ona")


async def test_a_summary_says_what_a_pack_would_hold(store: Store, evidence: Evidence) -> None:
    """State, receipts, the trail's head and the key it would be signed with."""
    await put(store, request())
    found = await evidence.summary(REF, "UAPPROVER")
    assert found.request.plan == PLAN
    async with store.read() as unit:
        assert (found.head, found.head_hash) == await unit[AuditLog].head()
    assert found.fingerprint == (await evidence.signer("x")).fingerprint


def test_the_version_in_a_pack_is_the_released_one() -> None:
    """The program and its packaging name one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert bot.__version__ == project["version"]
