"""Wrike's recipes: what is asked, what people do while it waits, and what must be true at its end."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.platform.plan import Draft
from tests.crash.stage import SHELF, Recipe, Stage

FLOW = "Power BI extract"
HOLDER = "wenli.chang@larkspur.example"
NEW = "wrike.powerbi@integrations.larkspur.example"
SERVICE = "wrike.salesforce@integrations.larkspur.example"
LEAVER = "tendai.moyo@larkspur.example"
FOLDER = "Access requests"
PLATFORMS = ("wrike",)
BEAT_S = 60


def _brisk(text: str, _: Path) -> str:
    """A beat of a minute, and no limit of our own: what limits do has tests of its own."""
    beat = "unused_for_s = 3600"
    assert beat in text
    return text.replace(beat, f"unused_for_s = {BEAT_S}\nrequests_per_minute = 100000\nburst = 1000")


async def _no_limit(stage: Stage) -> None:
    await stage.pull("/wrike/switches", rate_per_minute=0.0)


def _tenant(stage: Stage) -> Any:
    return stage.stand_in("wrike").tenant


def _contact(stage: Stage, email: str) -> Any:
    return next(one for one in _tenant(stage).contacts.values() if one.email == email and not one.deleted)


def _shared(stage: Stage, email: str) -> bool:
    folder = next(one for one in _tenant(stage).folders.values() if one.title == FOLDER)
    return _contact(stage, email).id in folder.shared


async def _answers(stage: Stage, token: str) -> bool:
    """Whether Wrike takes a token."""
    url, headers = stage.desk.sandbox.ready["wrike"]["url"], {"Authorization": f"Bearer {token}"}
    async with stage.desk.http.get(f"{url}/contacts", params={"me": "true"}, headers=headers) as answer:
        assert answer.status in (200, 401)
        return answer.status == 200


async def _old_kept(stage: Stage) -> None:
    """The flow works with a token of a person's, which stands where it reads it."""
    await _no_limit(stage)
    stage.kept["old"] = (await stage.pull("/wrike/token", email=HOLDER, label="flow"))["token"]
    stage.shelf.put(SHELF, {"token": stage.kept["old"]})


async def _beat(stage: Stage) -> None:
    assert stage.held() == {"token": stage.kept["new"]}
    assert await _answers(stage, stage.kept["old"])
    await stage.pull("/advance", seconds=BEAT_S + 30)


async def _enter_old(stage: Stage) -> None:
    await stage.enter(old_token=stage.kept["old"])


async def _revoke_old(stage: Stage) -> None:
    assert await _answers(stage, stage.kept["new"])
    await stage.pull("/wrike/revoke", email=HOLDER, label="flow")


async def _make_token(stage: Stage, email: str) -> None:
    stage.kept["new"] = (await stage.pull("/wrike/token", email=email, label="made"))["token"]
    assert await _answers(stage, stage.kept["old"])
    await stage.enter(token=stage.kept["new"])


async def _moved(stage: Stage) -> None:
    """One token in place of another, the new one where the flow reads it."""
    assert (await _answers(stage, stage.kept["old"]), await _answers(stage, stage.kept["new"])) == (
        False,
        True,
    )
    assert sorted(stage.shelf.secrets[SHELF]) == [1, 2]
    assert stage.held() == {"token": stage.kept["new"]}


async def _back(stage: Stage) -> None:
    """The old token at work, the new one dead, and nobody shown as anything else."""
    assert (await _answers(stage, stage.kept["old"]), await _answers(stage, stage.kept["new"])) == (
        True,
        False,
    )
    assert stage.held() == {"token": stage.kept["old"]}
    await stage.app.services.scanner.scan("wrike:prod")
    entry = await stage.entry(f"flow:{FLOW}")
    assert entry.account
    assert entry.account.email == HOLDER


# a service account made, and a flow moved to it -------------------------------------------------------


async def _provision(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    params = {"email": NEW, "system": FLOW, "folders": FOLDER, "flow": FLOW, "destination": SHELF}
    draft = await stage.app.services.platforms["wrike:prod"].change("provision", params)
    return draft, {"verb": "provision", **params}


async def _take_password(stage: Stage) -> None:
    stage.kept |= await stage.carry_over()


async def _accept(stage: Stage) -> None:
    await stage.pull("/wrike/accept", email=NEW, password=stage.kept["password"])


async def _token_of_new(stage: Stage) -> None:
    await _make_token(stage, NEW)


async def _revoke_of_new(stage: Stage) -> None:
    await stage.pull("/wrike/revoke", email=NEW)


async def _delete(stage: Stage) -> None:
    await stage.pull("/wrike/delete", email=NEW)
    await stage.attest()


async def _provisioned(stage: Stage) -> None:
    await _moved(stage)
    assert _shared(stage, NEW)
    assert stage.effects("POST", "/invitations/") == 1
    assert stage.effects("PUT", "/folders/") == 1


async def _unprovisioned(stage: Stage) -> None:
    await _back(stage)
    theirs = [one for one in _tenant(stage).contacts.values() if one.email == NEW]
    assert [one.deleted for one in theirs] == [True]
    folder = next(one for one in _tenant(stage).folders.values() if one.title == FOLDER)
    assert theirs[0].id not in folder.shared
    assert stage.effects("POST", "/invitations/") == 1
    assert stage.effects("PUT", "/folders/") == 2


# a flow moved to an account that is there -------------------------------------------------------------


async def _flow_moves(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    entry = await stage.entry(f"flow:{FLOW}")
    planner = stage.app.services.planner
    how = await planner.how(entry)
    return await planner.handover("wrike:prod", f"flow:{FLOW}", SERVICE, how), how.written


async def _token_of_service(stage: Stage) -> None:
    await _make_token(stage, SERVICE)


async def _revoke_of_service(stage: Stage) -> None:
    await stage.pull("/wrike/revoke", email=SERVICE, label="made")


async def _flow_moved(stage: Stage) -> None:
    await _moved(stage)
    await stage.app.services.scanner.scan("wrike:prod")
    entry = await stage.entry(f"flow:{FLOW}")
    assert entry.account
    assert entry.account.email == SERVICE


# a leaver ---------------------------------------------------------------------------------------------


async def _offboard(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    params = {"user": LEAVER}
    draft = await stage.app.services.platforms["wrike:prod"].change("deactivate", params)
    return draft, {"verb": "deactivate", **params}


async def _gone(stage: Stage) -> None:
    assert not _contact(stage, LEAVER).active
    assert stage.effects("PUT", "/users/") == 1


async def _here_again(stage: Stage) -> None:
    assert _contact(stage, LEAVER).active
    assert stage.effects("PUT", "/users/") == 2


RECIPES = (
    Recipe(
        name="wrike-provision",
        platforms=PLATFORMS,
        delivers_to=FLOW,
        configured=_brisk,
        ready=_old_kept,
        draft=_provision,
        hands={
            "mailbox": Stage.attest,
            "show-password": _take_password,
            "accept": _accept,
            "receive": _token_of_new,
            "rest": _beat,
            "receive-old": _enter_old,
            "retire": _revoke_old,
        },
        back={"undo:receive": _revoke_of_new, "undo:accept": _delete},
        done=_provisioned,
        undone=_unprovisioned,
        turn="retire",
    ),
    Recipe(
        name="wrike-flow",
        platforms=PLATFORMS,
        delivers_to=FLOW,
        configured=_brisk,
        ready=_old_kept,
        draft=_flow_moves,
        hands={
            "receive": _token_of_service,
            "rest": _beat,
            "receive-old": _enter_old,
            "retire": _revoke_old,
        },
        back={"undo:receive": _revoke_of_service},
        done=_flow_moved,
        undone=_back,
        turn="retire",
    ),
    Recipe(
        name="wrike-offboard",
        platforms=PLATFORMS,
        configured=_brisk,
        ready=_no_limit,
        draft=_offboard,
        done=_gone,
        undone=_here_again,
        turn="",
    ),
)
