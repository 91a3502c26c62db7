"""Every recipe as a story: what is asked, what people do while it waits, and what must be true at its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.conversation import Caller, Role
from bot.domain.plan import Draft, How
from bot.services.inventory import Entry

if TYPE_CHECKING:
    from tests.crash.test_recipe_kill import Stage

TARGET = "svc.orders@integrations.larkspur.example"
HOLDER = "marcus.delacroix@larkspur.example"
MADE = "svc.ledger@integrations.larkspur.example"
Hand = Callable[["Stage"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """``hands``: what is done while a step waits, by its key. ``turn``: the step at which it is rolled back."""

    name: str
    draft: Callable[[Stage], Awaitable[tuple[Draft, Mapping[str, str]]]]
    hands: Mapping[str, Hand]
    done: Hand
    undone: Hand
    turn: str
    back: Mapping[str, Hand] = field(default_factory=dict)  # what is done while a step of the way back waits


async def _entry(stage: Stage, words: str) -> Entry:
    catalogue = await stage.app.services.inventory.catalogue()
    entry = catalogue.entry(catalogue.find(words))
    assert entry
    return entry


# Salesforce: a leaver's grant ------------------------------------------------------------------------


async def _grant(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    entry, how = await _entry(stage, "marketo marcus"), How()
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


# Salesforce: an account made --------------------------------------------------------------------------


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
    (user,) = stage.rows("User", Username=MADE)
    assert user["IsActive"]
    for kind in ("User", "PermissionSetLicenseAssign", "PermissionSetAssignment"):
        assert stage.effects("POST", f"/sobjects/{kind}") == 1, kind


async def _unmade(stage: Stage) -> None:
    (user,) = stage.rows("User", Username=MADE)
    assert not user["IsActive"]
    for kind in ("PermissionSetLicenseAssign", "PermissionSetAssignment"):
        assert stage.effects("DELETE", f"/sobjects/{kind}/") == 1, kind


# Salesforce: a pair rotated ---------------------------------------------------------------------------


async def _rotation(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    entry = await _entry(stage, "celigo")
    how = await stage.app.services.planner.how(entry)
    return await stage.app.services.planner.rotate(
        entry.item.connection, entry.item.body.native_id, how
    ), how.written


async def _celigo_works(stage: Stage) -> None:
    await stage.desk.post("/advance", {"seconds": 5})
    await stage.desk.post("/salesforce/use", {"app": "Celigo"})


async def _say_so(stage: Stage) -> None:
    request = await stage.request()
    await stage.app.services.handover.attest(request, stage.desk.who("operator"), "it runs")


async def _rotated(stage: Stage) -> None:
    app = stage.celigo()
    assert (app.client_id, app.staged) == (stage.shelf.secrets["celigo"][2].data["client_id"], None)
    assert sorted(stage.shelf.secrets["celigo"]) == [1, 2]
    for method, path in (("POST", "/staged"), ("PATCH", "/staged/"), ("DELETE", "/staged/")):
        assert stage.effects(method, path) == 1, (method, path)


async def _not_rotated(stage: Stage) -> None:
    app, versions = stage.celigo(), stage.shelf.secrets["celigo"]
    assert app.staged is None
    assert versions[max(versions)].data["client_id"] == app.client_id == versions[1].data["client_id"]
    assert stage.effects("POST", "/staged") == stage.effects("DELETE", "/staged/") == 1


RECIPES = (
    Recipe(
        name="salesforce-grant",
        draft=_grant,
        hands={"authorize": _authorize, "prove": _use, "silence": _a_day},
        done=_grant_moved,
        undone=_grant_back,
        turn="silence",
    ),
    Recipe(
        name="salesforce-create",
        draft=_create,
        hands={"security-token": _sign_in},
        done=_made,
        undone=_unmade,
        turn="security-token",
        back={"undo:security-token": _say_so},
    ),
    Recipe(
        name="salesforce-rotation",
        draft=_rotation,
        hands={"prove": _celigo_works, "in-use": _say_so, "silence": _a_day},
        done=_rotated,
        undone=_not_rotated,
        turn="silence",
    ),
)


def caller(stage: Stage, role: Role) -> Caller:
    """Somebody with that role."""
    return Caller(user_id=stage.desk.who(role.value), role=role)
