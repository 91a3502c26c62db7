"""Nexonia's one recipe: tonight's sync applied by ourselves, user by user."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.platform.plan import Draft
from bot.user_sync.model import SyncAction
from tests.crash.stage import EVERY, Recipe, Stage

CONNECTION = "nexonia:prod"
CREATE, CHANGE = "create-user", ("update-user", "link-user")


def _from_files(text: str, place: Path) -> str:
    """Employees and vendors as an administrator exports them, in place of a NetSuite."""
    named = "\n".join(f'{kind}s_file = "{place / kind}s.json"' for kind in ("employee", "vendor"))
    source = 'records = "netsuite:prod"'
    assert source in text
    return text.replace(source, named)


def _users(stage: Stage) -> dict[str, Any]:
    """Every user, by id."""
    return dict(stage.stand_in("nexonia").directory.users)


async def _exported(stage: Stage) -> None:
    """The files are there, and who would be made inactive is ignored: the brake lets the rest be applied."""
    rows = (await stage.desk.get("/nexonia/state"))["records"]
    for kind in ("employee", "vendor"):
        mine = json.dumps([row for row in rows if row["kind"] == kind])
        await asyncio.to_thread((stage.config.parent / f"{kind}s.json").write_text, mine)
    seen = await stage.app.services.user_sync.look(CONNECTION)
    for outcome in seen.forecast.of(SyncAction.INACTIVATE):
        assert outcome.user
        await stage.pull("/nexonia/user", id=outcome.user.id, ignore=True)
    stage.kept |= {user.id: str(user.shown()) for user in _users(stage).values()}


async def _apply(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    return await stage.app.services.user_sync.draft(CONNECTION, {}), {"verb": "sync"}


async def _applied(stage: Stage) -> None:
    """Each act is one write; a user for each record, none twice, nobody ended."""
    request = await stage.request()
    kinds = [step.action.verb for step in request.plan.steps]
    assert CREATE in kinds
    assert stage.effects("POST", "/users/") == kinds.count(CREATE)
    writes = stage.effects("PUT", "/users/") + stage.effects("PATCH", "/users/")
    assert writes == sum(kind in CHANGE for kind in kinds)
    linked = [user.integration_id for user in _users(stage).values() if user.integration_id and user.active]
    assert len(linked) == len(set(linked))


async def _by_hand(stage: Stage) -> None:
    """Nexonia takes nothing back: a person does what the step says, and signs for it."""
    request = await stage.request()
    assert request.step
    receipt = next(r for r in request.receipts if f"undo:{r.step}" == request.step.key)
    if receipt.step.startswith(CREATE):
        await stage.pull("/nexonia/user", id=receipt.record_id, active=False)
    await stage.attest()


async def _signed_away(stage: Stage) -> None:
    """Nobody who was made is left able to sign in, and each act stands in the record with who took it back."""
    made = [user for user in _users(stage).values() if user.id not in stage.kept]
    assert made
    assert not any(user.active for user in made)
    request = await stage.request()
    taken = {
        receipt.step.removeprefix("undo:") for receipt in request.receipts if receipt.step.startswith("undo:")
    }
    assert taken == {step.key for step in request.plan.steps}


RECIPES = (
    Recipe(
        name="nexonia-sync",
        platforms=("nexonia",),
        configured=_from_files,
        ready=_exported,
        draft=_apply,
        back={EVERY: _by_hand},
        done=_applied,
        undone=_signed_away,
        turn="",
    ),
)
