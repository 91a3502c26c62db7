"""Salesforce's recipes: what is asked, what people do while it waits, and what must be true at its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.platform.plan import Draft, How
from tests.crash.stage import SHELF, Recipe, Stage

TARGET = "svc.orders@integrations.larkspur.example"
HOLDER = "marcus.delacroix@larkspur.example"
MADE = "svc.ledger@integrations.larkspur.example"


def _org(stage: Stage) -> Any:
    return stage.stand_in("salesforce").org


def _users(stage: Stage) -> list[Mapping[str, Any]]:
    return [row for row in _org(stage)["User"] if row["Username"] == MADE]


# a leaver's grant ------------------------------------------------------------------------


async def _grant(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    entry, how = await stage.entry("marketo marcus"), How()
    planner = stage.app.services.planner
    return await planner.handover(entry.item.connection, entry.item.body.native_id, TARGET, how), how.written


async def _authorize(stage: Stage) -> None:
    await stage.desk.post("/salesforce/authorize", {"username": TARGET, "app": "Marketo sync"})


async def _use(stage: Stage) -> None:
    await stage.desk.post("/advance", {"seconds": 5})
    await stage.desk.post("/salesforce/use", {"username": TARGET, "app": "Marketo sync", "times": 3})


async def _a_day(stage: Stage) -> None:
    await stage.desk.post("/advance", {"days": 1, "seconds": 120})


async def _grant_moved(stage: Stage) -> None:
    assert "Marketo sync" in await stage.desk.grants(TARGET)
    assert "Marketo sync" not in await stage.desk.grants(HOLDER)
    assert stage.effects("POST", "/oauth2/revoke") == 1


async def _grant_back(stage: Stage) -> None:
    assert "Marketo sync" not in await stage.desk.grants(TARGET)
    assert "Marketo sync" in await stage.desk.grants(HOLDER)
    assert stage.effects("POST", "/oauth2/revoke") == 1
    for kind in ("PermissionSetLicenseAssign", "PermissionSetAssignment"):
        assert stage.effects("POST", f"/sobjects/{kind}") == stage.effects("DELETE", f"/sobjects/{kind}/")


# an account made --------------------------------------------------------------------------


async def _create(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    params = {
        "name": "Ledger sync",
        "email": "ledger@larkspur.example",
        "username": MADE,
        "permission_sets": "Integration: sales data",
        "security_token": "yes",
    }
    draft = await stage.app.services.platforms["salesforce:prod"].change("create", params)
    return draft, {"verb": "create", **params}


async def _sign_in(stage: Stage) -> None:
    await stage.desk.post("/advance", {"seconds": 5})
    await stage.desk.post("/salesforce/use", {"username": MADE, "app": "Celigo"})


async def _made(stage: Stage) -> None:
    (user,) = _users(stage)
    assert user["IsActive"]
    for kind in ("User", "PermissionSetLicenseAssign", "PermissionSetAssignment"):
        assert stage.effects("POST", f"/sobjects/{kind}") == 1, kind


async def _unmade(stage: Stage) -> None:
    (user,) = _users(stage)
    assert not user["IsActive"]
    for kind in ("PermissionSetLicenseAssign", "PermissionSetAssignment"):
        assert stage.effects("DELETE", f"/sobjects/{kind}/") == 1, kind


# a pair rotated ---------------------------------------------------------------------------


def _celigo(stage: Stage) -> Any:
    return next(app for app in _org(stage).apps.values() if app.label == "Celigo")


async def _kept(stage: Stage) -> None:
    app = _celigo(stage)
    stage.shelf.put(SHELF, {"client_id": app.client_id, "client_secret": app.client_secret})


async def _rotation(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    entry = await stage.entry("celigo")
    how = await stage.app.services.planner.how(entry)
    return await stage.app.services.planner.rotate(
        entry.item.connection, entry.item.body.native_id, how
    ), how.written


async def _celigo_works(stage: Stage) -> None:
    await stage.desk.post("/advance", {"seconds": 5})
    await stage.desk.post("/salesforce/use", {"app": "Celigo"})


async def _rotated(stage: Stage) -> None:
    app = _celigo(stage)
    assert (app.client_id, app.staged) == (stage.held()["client_id"], None)
    assert sorted(stage.shelf.secrets[SHELF]) == [1, 2]
    for method, path in (("POST", "/staged"), ("PATCH", "/staged/"), ("DELETE", "/staged/")):
        assert stage.effects(method, path) == 1, (method, path)


async def _not_rotated(stage: Stage) -> None:
    app, versions = _celigo(stage), stage.shelf.secrets[SHELF]
    assert app.staged is None
    assert stage.held()["client_id"] == app.client_id == versions[1].data["client_id"]
    assert stage.effects("POST", "/staged") == stage.effects("DELETE", "/staged/") == 1


RECIPES = (
    Recipe(
        name="salesforce-grant",
        platforms=("salesforce",),
        draft=_grant,
        hands={"authorize": _authorize, "prove": _use, "silence": _a_day},
        done=_grant_moved,
        undone=_grant_back,
        turn="silence",
    ),
    Recipe(
        name="salesforce-create",
        platforms=("salesforce",),
        draft=_create,
        hands={"security-token": _sign_in},
        done=_made,
        undone=_unmade,
        turn="security-token",
        back={"undo:security-token": Stage.attest},
    ),
    Recipe(
        name="salesforce-rotation",
        platforms=("salesforce",),
        delivers_to="Celigo",
        ready=_kept,
        draft=_rotation,
        hands={"prove": _celigo_works, "in-use": Stage.attest, "silence": _a_day},
        done=_rotated,
        undone=_not_rotated,
        turn="silence",
    ),
)
