"""NetSuite's recipes: what is asked, what people do while it waits, and what must be true at its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.platform.plan import Draft
from tests.crash.stage import SHELF, Recipe, Stage

SHARED = "svc.netsuite@integrations.larkspur.example"
TARGET = "nexonia.sync@integrations.larkspur.example"
ALICE = "alice.doherty@larkspur.example"
CONNECTOR, CONNECTOR_ROLE = "NetSuite Connector", "NetSuite Connector Web Services"
EXPENSES, FINANCE = "Integration: expenses", "Integration: finance"
ADAPTIVE = "Adaptive Planning"
NEW = "made for this handover"
PLATFORMS = ("netsuite",)


async def _at_once(stage: Stage) -> None:
    """The trail shows sign-ins at once; its lag has tests of its own."""
    await stage.pull("/netsuite/switches", audit_lag_s=0)


async def _planned(stage: Stage, native_id: str, target: str = "") -> tuple[Draft, Mapping[str, str]]:
    entry = await stage.entry(native_id)
    planner = stage.app.services.planner
    how = await planner.how(entry)
    where = (entry.item.connection, entry.item.body.native_id)
    made = planner.handover(*where, target, how) if target else planner.rotate(*where, how)
    return await made, how.written


def _account(stage: Stage) -> Any:
    return stage.stand_in("netsuite").account


def _token(stage: Stage, name: str) -> Any:
    """The newest token of a name."""
    return [row for row in _account(stage)["oauthtoken"] if row["tba_token_name"] == name][-1]


def _alive(stage: Stage, name: str) -> bool:
    token = _token(stage, name)
    return (token["brevoked"], token["binactive"]) == ("F", "F")


def _roles(stage: Stage, email: str) -> list[str]:
    account = _account(stage)
    (user,) = account["employee"].where(email=email)
    return sorted(account.name("role", one) for one in user["_roles"])


async def _works(stage: Stage, **credential: str) -> None:
    used = await stage.pull("/netsuite/use", **credential)
    assert used["posted"] == 1, used


async def _a_day(stage: Stage) -> None:
    await stage.desk.post("/advance", {"days": 1, "seconds": 1200})


# a person's token -------------------------------------------------------------------------------------

OLD = "Nexonia"


async def _token_kept(stage: Stage) -> None:
    await _at_once(stage)
    old = _token(stage, OLD)
    stage.shelf.put(SHELF, {"token_id": old["_token_id"], "token_secret": old["_secret"]})


async def _token_moves(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    return await _planned(stage, f"token:{_token(stage, OLD)['id']}", SHARED)


async def _mint(stage: Stage) -> None:
    made = await stage.pull(
        "/netsuite/token", application="Nexonia Expenses", email=SHARED, role=EXPENSES, name=NEW
    )
    stage.kept |= {name: made[name] for name in ("token_id", "token_secret")}


async def _enter_token(stage: Stage) -> None:
    await _works(stage, token=OLD)
    await stage.enter(**stage.kept)


async def _use_token(stage: Stage) -> None:
    """Before the new one is proven the old one still works; the consumer uses what it reads."""
    await _works(stage, token=OLD)
    assert stage.held() == stage.kept
    await _works(stage, token=stage.held()["token_id"])


async def _park(stage: Stage) -> None:
    await stage.pull("/netsuite/token_state", token=OLD, inactive=True)


async def _unpark(stage: Stage) -> None:
    await stage.pull("/netsuite/token_state", token=OLD, inactive=False)


async def _retire(stage: Stage) -> None:
    assert _alive(stage, NEW)
    await stage.pull("/netsuite/token_state", token=OLD, revoke=True)


async def _revoke_new(stage: Stage) -> None:
    await stage.pull("/netsuite/token_state", token=NEW, revoke=True)


async def _token_moved(stage: Stage) -> None:
    assert (_alive(stage, OLD), _alive(stage, NEW)) == (False, True)
    assert sorted(stage.shelf.secrets[SHELF]) == [1, 2]
    assert stage.held() == stage.kept
    assert _roles(stage, SHARED) == [EXPENSES, FINANCE, CONNECTOR_ROLE]
    assert stage.effects("PATCH", "/employee/") == 1
    await _works(stage, token=NEW)


async def _token_back(stage: Stage) -> None:
    assert (_alive(stage, OLD), _alive(stage, NEW)) == (True, False)
    assert stage.held() == stage.shelf.secrets[SHELF][1].data != stage.kept
    assert _roles(stage, SHARED) == [FINANCE, CONNECTOR_ROLE]
    assert stage.effects("PATCH", "/employee/") == 2
    await _works(stage, token=OLD)


# the Connector's token user ---------------------------------------------------------------------------

ALICES = "Connector, made by Alice"


async def _connector_moves(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    return await _planned(stage, f"token:{_token(stage, ALICES)['id']}", TARGET)


async def _order(stage: Stage) -> None:
    assert (await stage.pull("/netsuite/order"))["posted"] == 1


async def _administrator(stage: Stage) -> None:
    await stage.pull("/netsuite/roles", email=TARGET, roles=[*_roles(stage, TARGET), "Administrator"])


async def _no_administrator(stage: Stage) -> None:
    left = [one for one in _roles(stage, TARGET) if one != "Administrator"]
    await stage.pull("/netsuite/roles", email=TARGET, roles=left)


async def _mint_connector(stage: Stage) -> None:
    await _order(stage)
    made = await stage.pull(
        "/netsuite/token", application=CONNECTOR, email=TARGET, role=CONNECTOR_ROLE, name=NEW
    )
    stage.kept |= {name: made[name] for name in ("token_id", "token_secret")}


async def _switch(stage: Stage) -> None:
    await _order(stage)
    assert _alive(stage, ALICES)
    await stage.pull("/netsuite/connector", **stage.kept)
    await _order(stage)


async def _switch_back(stage: Stage) -> None:
    old = _token(stage, ALICES)
    await stage.pull("/netsuite/connector", token_id=old["_token_id"], token_secret=old["_secret"])
    await _order(stage)
    await stage.attest()


async def _park_alices(stage: Stage) -> None:
    await stage.pull("/netsuite/token_state", token=ALICES, inactive=True)


async def _retire_alices(stage: Stage) -> None:
    await _order(stage)
    await stage.pull("/netsuite/token_state", token=ALICES, revoke=True)


async def _connector_moved(stage: Stage) -> None:
    await _order(stage)
    assert (_alive(stage, ALICES), _alive(stage, NEW)) == (False, True)
    assert _roles(stage, TARGET) == ["Administrator", EXPENSES, CONNECTOR_ROLE]
    assert stage.effects("PATCH", "/employee/") == 1


async def _connector_back(stage: Stage) -> None:
    await _order(stage)
    assert (_alive(stage, ALICES), _alive(stage, NEW)) == (True, False)
    assert _roles(stage, TARGET) == [EXPENSES]
    assert stage.effects("PATCH", "/employee/") == 2


# our own certificate ----------------------------------------------------------------------------------


def _own(stage: Stage) -> str:
    return str(stage.desk.sandbox.ready["netsuite"]["certificate_id"])


async def _own_rotates(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    return await _planned(stage, f"certificate:{_own(stage)}")


def _certificates(stage: Stage, application: str) -> Iterable[Any]:
    account = _account(stage)
    (app,) = account["integrationapp"].where(name=application)
    return [one for one in account.mappings.values() if one.integration == app["id"]]


async def _own_rotated(stage: Stage) -> None:
    live = [one.certificate_id for one in _certificates(stage, "Handover") if not one.revoked]
    assert len(live) == 1
    assert live != [_own(stage)]
    assert len([*_certificates(stage, "Handover")]) == 2
    assert stage.effects("POST", "/revoke/") == 1
    await stage.app.services.scanning.scan("netsuite:prod")  # signed in with the new key


async def _own_back(stage: Stage) -> None:
    live = [one.certificate_id for one in _certificates(stage, "Handover") if not one.revoked]
    assert live == [_own(stage)]
    assert len([*_certificates(stage, "Handover")]) == 2
    assert stage.effects("POST", "/revoke/") == 1
    await stage.app.services.scanning.scan("netsuite:prod")


# a consumer's certificate -----------------------------------------------------------------------------


def _mapping(stage: Stage) -> Any:
    """The consumer's certificate before anything is done."""
    (user,) = _account(stage)["employee"].where(email=SHARED)
    found = [one for one in _certificates(stage, ADAPTIVE) if one.entity == user["id"]]
    return found[0]


async def _certificate_kept(stage: Stage) -> None:
    await _at_once(stage)
    old = _mapping(stage).certificate_id
    stage.kept["old"] = old
    stage.shelf.put(SHELF, {"private_key": "the old one", "certificate_id": old, "client_id": "theirs"})


async def _sign_in(stage: Stage) -> str:
    (user,) = _account(stage)["employee"].where(email=SHARED)
    catalogue = await stage.app.services.inventory.catalogue()
    return next(
        e.item.body.native_id
        for e in catalogue.entries
        if e.item.body.native_id.startswith("mapping:") and f":{user['id']}:" in e.item.body.native_id
    )


async def _certificate_moves(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    return await _planned(stage, await _sign_in(stage), TARGET)


async def _certificate_rotates(stage: Stage) -> tuple[Draft, Mapping[str, str]]:
    return await _planned(stage, await _sign_in(stage))


async def _map(stage: Stage) -> None:
    """Somebody maps the certificate that the request shows, and enters what the page then tells."""
    request = await stage.request()
    pem = next(r.facts["certificate"] for r in request.receipts if "certificate" in r.facts)
    account = _account(stage)
    to = account["employee"].get(int(request.plan.target_id))["email"]
    made = await stage.pull(
        "/netsuite/mapping", application=ADAPTIVE, email=to, role=FINANCE, certificate=pem
    )
    stage.kept["new"] = made["certificate_id"]
    await _works(stage, certificate_id=stage.kept["old"])
    await stage.enter(certificate_id=made["certificate_id"], client_id=made["client_id"])


async def _use_certificate(stage: Stage) -> None:
    await _works(stage, certificate_id=stage.kept["old"])
    assert stage.held()["certificate_id"] == stage.kept["new"]
    await _works(stage, certificate_id=stage.held()["certificate_id"])


async def _say_used(stage: Stage) -> None:
    await _use_certificate(stage)
    await stage.attest()


async def _revoke_old(stage: Stage) -> None:
    await stage.pull("/netsuite/mapping_revoke", certificate_id=stage.kept["old"])
    await stage.attest()


async def _revoke_mapped(stage: Stage) -> None:
    await stage.pull("/netsuite/mapping_revoke", certificate_id=stage.kept["new"])
    await stage.attest()


async def _certificate_moved(stage: Stage) -> None:
    mappings = _account(stage).mappings
    assert (mappings[stage.kept["old"]].revoked, mappings[stage.kept["new"]].revoked) == (True, False)
    assert sorted(stage.shelf.secrets[SHELF]) == [1, 2]
    assert stage.held()["certificate_id"] == stage.kept["new"]
    assert stage.held()["private_key"].startswith("-----BEGIN")


async def _granted_once(stage: Stage) -> None:
    await _certificate_moved(stage)
    assert _roles(stage, TARGET) == [EXPENSES, FINANCE]
    assert stage.effects("PATCH", "/employee/") == 1


async def _certificate_back(stage: Stage) -> None:
    mappings = _account(stage).mappings
    assert (mappings[stage.kept["old"]].revoked, mappings[stage.kept["new"]].revoked) == (False, True)
    assert stage.held() == stage.shelf.secrets[SHELF][1].data
    assert stage.effects("PATCH", "/employee/") in (0, 2)
    assert _roles(stage, TARGET) == [EXPENSES]


_CERTIFICATE = Recipe(
    name="netsuite-certificate-handover",
    platforms=PLATFORMS,
    delivers_to=ADAPTIVE,
    ready=_certificate_kept,
    draft=_certificate_moves,
    hands={"receive": _map, "prove": _use_certificate, "silence": _a_day, "retire": _revoke_old},
    back={"undo:receive": _revoke_mapped},
    done=_granted_once,
    undone=_certificate_back,
    turn="retire",
)
RECIPES = (
    Recipe(
        name="netsuite-token",
        platforms=PLATFORMS,
        delivers_to="Nexonia Expenses",
        ready=_token_kept,
        draft=_token_moves,
        hands={
            "mint": _mint,
            "receive": _enter_token,
            "prove": _use_token,
            "silence": _a_day,
            "park": _park,
            "retire": _retire,
        },
        back={"undo:park": _unpark, "undo:mint": _revoke_new},
        done=_token_moved,
        undone=_token_back,
        turn="retire",
    ),
    Recipe(
        name="netsuite-connector",
        platforms=PLATFORMS,
        ready=_at_once,
        draft=_connector_moves,
        hands={
            "grant-administrator": _administrator,
            "mint": _mint_connector,
            "prove": _switch,
            "silence": _a_day,
            "park": _park_alices,
            "retire": _retire_alices,
        },
        back={
            "undo:prove": _switch_back,
            "undo:mint": _revoke_new,
            "undo:grant-administrator": _no_administrator,
        },
        done=_connector_moved,
        undone=_connector_back,
        turn="park",
    ),
    Recipe(
        name="netsuite-own-certificate",
        platforms=PLATFORMS,
        draft=_own_rotates,
        done=_own_rotated,
        undone=_own_back,
        turn="retire",
    ),
    _CERTIFICATE,
    replace(
        _CERTIFICATE,
        name="netsuite-certificate-rotation",
        draft=_certificate_rotates,
        hands={"receive": _map, "prove": _say_used, "retire": _revoke_old},
        done=_certificate_moved,
    ),
)
