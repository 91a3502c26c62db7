"""The auditor's program: it accepts what Handover made and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_case import (
    NOW,
    PLAN,
    RECEIPTS,
    REF,
    UNDONE,
    VERIFIER,
    YES,
    failed,
    forged,
    lines,
    packed,
    request,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.audit.repository import AUDIT_LAYOUT, AuditBody
from bot.evidence.packs import Pack
from bot.requests.model import ChangeRequest, Decision, RequestState, Rollback

Change = Callable[[dict[str, Any]], object]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The pack of a finished handover."""
    return packed(request())


def test_a_pack_is_accepted_with_the_published_fingerprint(pack: Pack) -> None:
    """Every check holds for what Handover made, and each says what it found."""
    found = list(VERIFIER.verify(dict(pack.files), VERIFIER.Trusted(fingerprint=pack.fingerprint)))
    assert [each for each in found if not each.ok] == []
    said = {each.what: each.said for each in found}
    assert said["key"] == f"GIVEN, {pack.fingerprint}"
    assert said["trail"].startswith("9 lines shown, 4 between them by digest; head 14 ")
    assert said["receipts"] == "3 of 3 steps, 2 with the platform's own record id"
    assert said["state"] == "done, as the trail says"


def taken_back() -> ChangeRequest:
    """The request turned back before the old grant was ended, with a step that somebody signed for."""
    way = Rollback(by="UASKER", at=2, keys=("grant",))
    return request(state=RequestState.ROLLED_BACK, receipts=UNDONE, cursor=3, rollback=way)


def test_a_request_that_was_rolled_back_is_accepted() -> None:
    """The receipts of the way back follow those of the way there, and the signer is whom the trail names."""
    assert failed(packed(taken_back()).files) == set()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda c: c["request"].update(rollback=None), "receipts"),
        (lambda c: c["request"]["rollback"].update(by="UOTHER"), "receipts"),
        (lambda c: c["request"]["rollback"]["steps"].append("preflight"), "receipts"),
        (lambda c: c["receipts"][2]["facts"].update({"attested_by.undo:grant": "UOTHER"}), "receipts"),
        (lambda c: c["receipts"].pop(), "receipts"),
    ],
)
def test_another_way_back_than_that_of_the_trail_is_found(change: Change, check: str) -> None:
    """Who turned it back, what was to be taken back, and who signed for it, are the trail's to say."""
    assert check in failed(forged(packed(taken_back()).files, change))


def test_facts_stand_in_the_trail(pack: Pack) -> None:
    """A fact that was changed everywhere in the pack no longer fits the line of its receipt."""

    def changed(content: dict[str, Any]) -> None:
        for receipt in content["receipts"]:
            for part in ("facts", "facts_before", "facts_after"):
                receipt[part].update({"grant_id": "0CP99"} if "grant_id" in receipt[part] else {})

    assert failed(forged(pack.files, changed)) == {"receipts"}


def test_a_key_that_only_the_pack_vouches_for_is_called_that(pack: Pack) -> None:
    """Without a given key the checks can hold, and the reader is told that this proves nothing by itself."""
    said = {each.what: each.said for each in VERIFIER.verify(dict(pack.files), VERIFIER.Trusted())}
    assert said["key"].startswith(f"EMBEDDED, {pack.fingerprint}")
    assert "proves nothing by itself" in said["key"]


def test_a_whole_pack_of_somebody_else_is_refused_by_its_key(pack: Pack) -> None:
    """A forger can make everything fit except the key that was published."""
    other = forged(pack.files, lambda content: content["request"].update(reason="a better one"))
    assert failed(other) == {"request"}
    honest = forged(pack.files, lambda content: None)
    assert failed(honest) == set()
    assert failed(honest, pack.fingerprint) == {"key"}
    own = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    assert [f.what for f in VERIFIER.verify(dict(pack.files), VERIFIER.Trusted(key=own)) if not f.ok] == [
        "key"
    ]


def lines_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    return [link for link in content["trail"]["links"] if "written" in link]


def other_plan(content: dict[str, Any]) -> None:
    content["plan_text"] = content["plan_text"].replace("svc-marketo", "svc-evil")
    content["plan"] = json.loads(content["plan_text"])
    content["plan_digest"] = hashlib.sha256(content["plan_text"].encode()).hexdigest()


def change_digest(content: dict[str, Any]) -> None:
    link = next(link for link in content["trail"]["links"] if "digests" in link)
    link["digests"] = "00" + link["digests"][2:]


@pytest.mark.parametrize(
    ("change", "found_by"),
    [
        pytest.param(lambda c: c["plan"].update(title="x"), "plan", id="plan-shown"),
        pytest.param(lambda c: c.update(plan_text=c["plan_text"] + " "), "plan", id="plan-hashed"),
        pytest.param(other_plan, "request", id="another-plan-with-its-digest"),
        pytest.param(lambda c: lines_of(c)[3].update(actor="UOTHER"), "trail", id="line-shown"),
        pytest.param(lambda c: lines_of(c)[3]["detail"].update(reason="x"), "trail", id="line-detail"),
        pytest.param(lambda c: lines_of(c)[3].update(at="2026-11-21T09:31:00Z"), "trail", id="line-time"),
        pytest.param(lambda c: lines_of(c)[3].update(hash="0" * 64), "trail", id="line-hash"),
        pytest.param(lambda c: c["trail"]["links"].remove(lines_of(c)[4]), "trail", id="line-removed"),
        pytest.param(lambda c: c["trail"]["links"].reverse(), "trail", id="lines-moved"),
        pytest.param(lambda c: c["trail"]["links"].pop(), "trail", id="end-removed"),
        pytest.param(change_digest, "trail", id="line-between"),
        pytest.param(lambda c: c["trail"]["before"].update(hash="0" * 64), "trail", id="start"),
        pytest.param(lambda c: c["trail"]["head"].update(seq=13), "trail", id="head"),
        pytest.param(lambda c: c["request"].update(requester="UOTHER"), "request", id="requester"),
        pytest.param(lambda c: c["decisions"][0].update(approver="UOTHER"), "decisions", id="approver"),
        pytest.param(lambda c: c["decisions"][0].update(approved=False), "decisions", id="no-for-yes"),
        pytest.param(lambda c: c["decisions"].clear(), "decisions", id="decision-removed"),
        pytest.param(lambda c: c["request"].update(approvals_needed=2), "decisions", id="too-few"),
        pytest.param(lambda c: c["receipts"][2].update(record_id="0CP99"), "receipts", id="record-id"),
        pytest.param(lambda c: c["receipts"][2].update(acted=False), "receipts", id="acted"),
        pytest.param(lambda c: c["receipts"][2].update(detail="x"), "receipts", id="receipt-detail"),
        pytest.param(lambda c: c["receipts"].pop(), "receipts", id="receipt-removed"),
        pytest.param(lambda c: c["receipts"].reverse(), "receipts", id="receipts-moved"),
        pytest.param(lambda c: c["receipts"][2]["facts_before"].clear(), "receipts", id="facts-before"),
        pytest.param(lambda c: c["request"].update(state="denied"), "state", id="state"),
        pytest.param(lambda c: c["request"].update(finished=False), "state", id="finished"),
        pytest.param(lambda c: c["request"].update(ref="ZZZZZZ"), "content", id="another-request"),
        pytest.param(lambda c: c.update(made_at="2020-01-01T00:00:00Z"), "content", id="made-at"),
        pytest.param(lambda c: c.update(format="handover-evidence/2"), "content", id="format"),
    ],
)
def test_what_does_not_fit_together_is_found_whoever_signed_it(
    pack: Pack, change: Change, found_by: str
) -> None:
    """Even with a good signature, each part is held against the plan's digest and the trail."""
    assert found_by in failed(forged(pack.files, lambda content: (change(content), None)[1]))


def test_a_requester_who_decides_is_found() -> None:
    """A pack in which somebody approved their own request is not accepted."""
    own = Decision(approver="UASKER", approved=True, rev=1, at=NOW)
    assert failed(packed(request(decisions=(own,))).files) == {"decisions"}


def test_a_step_before_its_approval_is_found() -> None:
    """What began before enough people had said yes is not accepted."""
    of = request()
    trail = lines(of)
    late = [*(line for line in trail if line != YES), YES]
    assert len(late) == len(trail)
    assert failed(packed(of, late).files) == {"decisions"}


def test_a_deed_nobody_set_out_to_do_is_found() -> None:
    """A step that was done needs the line that says it was intended, before the line that says it was done."""
    of = request()
    without = [line for line in lines(of) if line[1] != "step:intended"]
    assert failed(packed(of, without).files) == {"receipts"}


def test_a_later_release_may_say_more_in_a_line() -> None:
    """Details that the verifier does not know yet do not make a pack wrong."""
    of = request()
    more = [(who, what, on, {**detail, "rule": "two of five"}) for who, what, on, detail in lines(of)]
    assert failed(packed(of, more).files) == set()


def test_done_without_every_receipt_is_found() -> None:
    """A request that says it is done and lacks a step's proof is not accepted."""
    assert failed(packed(request(receipts=RECEIPTS[:2], cursor=2)).files) == {"state"}


@pytest.mark.parametrize("state", [RequestState.WAITING, RequestState.HELD, RequestState.RUNNING])
def test_an_unfinished_request_is_packed_as_what_it_is(state: RequestState) -> None:
    """Evidence can be taken on the way; it is called unfinished by the verifier and on the page."""
    made = packed(request(state=state, receipts=RECEIPTS[:2], cursor=2))
    said = {each.what: each.said for each in VERIFIER.verify(dict(made.files), VERIFIER.Trusted())}
    assert failed(made.files) == set()
    assert said["state"] == f"{state.value}: not finished"
    assert b"Not finished" in made.files["evidence.html"]


def test_a_denied_request_has_a_pack_too() -> None:
    """That somebody said no, and that nothing was done, can be proved as well."""
    no = Decision(approver="UAPPROVER", approved=False, rev=1, at=NOW, reason="not this week")
    of = request(state=RequestState.DENIED, decisions=(no,), receipts=(), cursor=0)
    assert failed(packed(of).files) == set()


@pytest.mark.parametrize("junk", [b"", b"{}", b"[]", b"null", b"\xff", b"{" * 100_000, b'{"manifest":{}}'])
@pytest.mark.parametrize("name", ["evidence.json", "signature.json"])
def test_junk_is_a_failed_check_and_not_a_fault(pack: Pack, name: str, junk: bytes) -> None:
    """Whatever is in a pack, the reader gets lines that say what does not hold."""
    found = list(VERIFIER.verify({**pack.files, name: junk}, VERIFIER.Trusted()))
    assert not all(each.ok for each in found)
    assert all(each.said for each in found)


def test_a_file_too_many_or_too_few_is_found(pack: Pack) -> None:
    """Nothing can be slipped into a pack or taken out."""
    assert failed({**pack.files, "readme.txt": b"trust me"}) == {"files"}
    assert "files" in failed({name: data for name, data in pack.files.items() if name != "evidence.html"})


@given(
    seq=st.integers(1, 2**63 - 1),
    at=st.datetimes(timezones=st.just(NOW.tzinfo)),
    texts=st.tuples(texts, texts, texts),
    detail=st.dictionaries(texts, texts, max_size=20),
)
def test_any_line_reads_the_same_without_our_code(
    seq: int, at: Any, texts: tuple[str, str, str], detail: dict[str, str]
) -> None:
    """The verifier's own reader understands every line of the trail that Handover can write."""
    actor, action, subject = texts
    body = AuditBody(
        seq=seq, salt=b"s" * 16, at=at, actor=actor, action=action, subject=subject,
        detail=tuple(sorted(detail.items())),
    )  # fmt: skip
    found = VERIFIER.unpacked(AUDIT_LAYOUT.encode(body))
    assert found == [seq, b"s" * 16, at, actor, action, subject, [list(pair) for pair in body.detail]]


def test_the_case_is_the_one_that_the_services_write() -> None:
    """The samples these tests stand on have the plan's own digest."""
    assert YES in lines(request())
    assert replace(request(), ref=REF).digest == PLAN.digest
