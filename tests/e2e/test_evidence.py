"""A handover's evidence: told in Slack, written by the command line, believed by somebody without Handover."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest
from desk import Desk, ref_in, words_of

from bot.audit.repository import AuditLog
from bot.requests.model import RequestState
from bot.requests.repository import RequestRepository
from platforms.salesforce.grants import fingerprint

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]
LEAVER = "marcus.delacroix@larkspur.example"
TARGET = "svc.orders@integrations.larkspur.example"
REASON = "Marcus leaves on Friday"


async def program(*words: str, cwd: Path = ROOT) -> tuple[int, str]:
    """Run a program beside the sandbox: exit status, and everything it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=cwd, env={k: v for k, v in os.environ.items() if not k.startswith("HANDOVER_")},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode()


async def handed_over(desk: Desk) -> str:
    """The whole story, shortened; the request's id."""
    typed = f'handover {await desk.ref_of("marketo")} to {TARGET} --reason "{REASON}"'
    ref = ref_in(await desk.ask(desk.who("operator"), typed), "requests ")
    refused = await desk.ask(desk.who("viewer"), f"approve {ref}")
    assert "approver" in refused
    card = await desk.said("Approval needed", f"request {ref}")
    await desk.press(desk.who("approver"), card, "Approve")
    await desk.said("Your turn", "Approve Marketo sync")
    await desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})
    await desk.said("Confirmed", "Approve Marketo sync as")
    await desk.advance(seconds=5)
    await desk.post("/salesforce/use", {"username": TARGET, "app": "Marketo sync", "times": 3})
    await desk.said("Confirmed", "Check that the new grant works")
    await desk.advance(days=1, seconds=120)
    await desk.settled(ref, RequestState.DONE, within_s=30)
    return ref


async def test_a_handover_is_proved_to_somebody_without_handover(desk: Desk, tmp_path: Path) -> None:
    """The pack of a real handover verifies in a directory of its own, with the fingerprint that Slack shows."""
    ref = await handed_over(desk)
    told = words_of(await desk.slash(desk.who("approver"), f"evidence {ref}"))
    assert "Done." in told
    assert "Approved by" in told
    assert f"python -m bot evidence {ref} --zip" in told
    config = ("--config", str(desk.sandbox.ready["bot_config"]))
    assert "needs the approver role" in await desk.ask(desk.who("operator"), f"evidence {ref}")
    status, shown = await program("-m", "bot", "evidence", "key", *config)
    assert status == 0, shown
    key = shown.split("fingerprint ")[1].split()[0]
    assert key in told
    status, said = await program("-m", "bot", "evidence", ref, "--zip", "--out", str(tmp_path), *config)
    assert status == 0, said

    alone = tmp_path / "auditor"
    alone.mkdir()
    (alone / "verify.py").write_bytes((ROOT / "deploy" / "verify_evidence.py").read_bytes())
    pack = tmp_path / f"evidence-{ref}.zip"
    status, said = await program("-I", "verify.py", "--fingerprint", key, str(pack), cwd=alone)
    assert status == 0, said
    assert "done, as the trail says" in said
    assert "1 of 1 approvals" in said
    head = int(said.split("; head ")[1].split()[0])
    assert desk.app
    async with desk.app.store.read() as unit:
        (made,) = [
            line for line in await unit[AuditLog].tail(20, subject=ref) if line.action == "evidence:created"
        ]
    assert made.seq > head

    raw = pack.read_bytes()
    at = raw.index(REASON.encode())
    pack.write_bytes(raw[:at] + b"N" + raw[at + 1 :])
    status, said = await program("-I", "verify.py", "--fingerprint", key, str(pack), cwd=alone)
    assert status == 1
    assert "FAIL  zip file" in said


async def test_the_pack_holds_the_platforms_own_records(desk: Desk, tmp_path: Path) -> None:
    """The receipts name what Salesforce itself has: a grant by the fingerprint of its token, never by the token."""
    assert desk.app
    async with desk.app.store.read() as unit:
        (request,), _ = await unit[RequestRepository].page(frozenset({RequestState.DONE}))
    config = ("--config", str(desk.sandbox.ready["bot_config"]))
    status, said = await program("-m", "bot", "evidence", request.ref, "--out", str(tmp_path), *config)
    assert status == 0, said
    folder = tmp_path / f"evidence-{request.ref}"
    pack = json.loads((folder / "evidence.json").read_text())
    records = {each["step"]: each["record_id"] for each in pack["receipts"]}
    org = desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
    mine = [row for row in org["OauthToken"] if row["AppName"] == "Marketo sync"]
    assert records["authorize"] in {fingerprint(row["DeleteToken"]) for row in mine}
    assert pack["made_at"] > pack["receipts"][-1]["at"]  # also under the sandbox's clock
    tokens = [desk.sandbox.ready["slack"]["bot_token"], desk.sandbox.ready["slack"]["app_token"]]
    tokens.append(desk.sandbox.ready["salesforce"]["client_id"])
    written = "".join(path.read_text() for path in folder.iterdir())
    tokens += [row[name] for row in mine for name in ("DeleteToken", "AccessToken") if row.get(name)]
    assert [token for token in tokens if token in written] == []


async def test_a_word_that_is_no_request_is_explained(desk: Desk) -> None:
    """Nothing, or an unknown id, is answered with what to type."""
    assert "Say which request" in await desk.ask(desk.who("approver"), "evidence")
    assert "No request has that id" in await desk.ask(desk.who("approver"), "evidence ZZZZZZ")
