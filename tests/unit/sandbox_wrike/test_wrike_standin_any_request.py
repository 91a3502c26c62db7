"""Whatever a client sends, the Wrike stand-in answers it or refuses it in Wrike's shape; and its README is whole."""

from __future__ import annotations

import asyncio
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given, settings
from hypothesis import strategies as st

import sandbox.nexonia.switches
import sandbox.wrike
import sandbox.wrike.switches
from sandbox.company import load
from sandbox.world import World
from sandbox.wrike import Wrike
from sandbox.wrike.calls import Endpoint
from sandbox.wrike.errors import Refusal
from sandbox.wrike.params import read
from sandbox.wrike.rates import Rates
from sandbox.wrike.switches import Switches

COMPANY = load()


def fresh() -> Wrike:
    return Wrike(World(COMPANY), Switches(rate_per_minute=0, folder_write_ms=0))


STAND_IN = fresh()
"""To read names and ids from; the same seed gives every stand-in the same ones."""
TABLE: list[Endpoint] = STAND_IN._api._table
IDS = [
    STAND_IN.tenant.root_id,
    STAND_IN.tenant.bin_id,
    *list(STAND_IN.tenant.contacts)[:2],
    *list(STAND_IN.tenant.groups)[:2],
    *(one.id for one in STAND_IN.tenant.folders.values() if one.title in ("IT", "Access requests")),
    *list(STAND_IN.tenant.invitations)[:2],
    "x",
]
SPACE, FOLDER = (
    next(one.id for one in STAND_IN.tenant.folders.values() if one.title == title)
    for title in ("IT", "Access requests")
)
GROUP, CONTACT = list(STAND_IN.tenant.groups)[1], list(STAND_IN.tenant.contacts)[12]
leaves = st.none() | st.booleans() | st.integers(-3, 2000) | st.sampled_from(IDS) | st.text(max_size=6)
anything = st.one_of(
    st.sampled_from(IDS),
    leaves,
    st.lists(leaves, max_size=2),
    st.dictionaries(st.text(max_size=3), leaves, max_size=2),
)
tables = st.sampled_from(
    [("id", "accessRoleId"), ("id", "addMembers"), ("key", "value"), ("start", "end"), ("accountId", "role")]
).flatmap(lambda keys: st.fixed_dictionaries(dict.fromkeys(keys, anything)))
BY_KIND: dict[str, st.SearchStrategy[Any]] = {
    "text": st.text(max_size=6) | st.sampled_from([*IDS, "User", "Private", "a@b.example", "http://x"]),
    "flag": st.booleans(),
    "whole": st.integers(0, 2000),
    "texts": st.lists(st.sampled_from([*IDS, "metadata", "members"]), max_size=3),
    "table": tables,
    "tables": st.lists(tables, max_size=2),
    "any": anything | st.lists(st.sampled_from(IDS), max_size=2),
}


def parameters(endpoint: Endpoint) -> st.SearchStrategy[dict[str, Any]]:
    """One or two of a method's own parameters, mostly of the right type."""
    if not endpoint.params:
        return st.just({})
    names = st.lists(st.sampled_from(list(endpoint.params)), min_size=1, max_size=2, unique=True)
    return names.flatmap(
        lambda chosen: st.fixed_dictionaries({name: BY_KIND[endpoint.params[name]] for name in chosen})
    )


def _outcome(endpoint: Endpoint, number: str, sent: dict[str, Any]) -> tuple[int, str]:
    """Status and body, or status and error code; anything else that is raised is the stand-in's fault."""
    stand_in = fresh()  # a folder that an example threw away is there again for the next
    token = stand_in.tokens.find(stand_in._bot.value)
    assert token is not None
    mine = next(one for one in stand_in._api._table if (one.verb, one.path) == (endpoint.verb, endpoint.path))
    request = make_mocked_request(endpoint.verb, "/api/v4/x")
    ids = (number,) if "{ids}" in endpoint.path else ()
    try:
        answer = asyncio.run(stand_in._api._run(request, sent, [(mine, ids)], token))
    except Refusal as refused:
        return refused.status, refused.error
    return 200, json.dumps([answer.kind, list(answer.data), answer.extra])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(TABLE), st.sampled_from(IDS), st.data())
def test_any_parameters(endpoint: Endpoint, number: str, data: st.DataObject) -> None:
    """No parameters make a method fail: the outcome is records, or a refusal with status and code."""
    status, said = _outcome(endpoint, number, data.draw(parameters(endpoint)))
    assert status in (200, 400, 403, 404)
    assert said


STRUCTURES = [
    (endpoint, name)
    for endpoint in TABLE
    for name, kind in endpoint.params.items()
    if kind in ("table", "tables", "any")
]


@pytest.mark.parametrize(("endpoint", "name"), STRUCTURES, ids=lambda part: getattr(part, "path", part))
@settings(max_examples=30, deadline=None)
@given(st.data())
def test_any_structure_where_it_counts(endpoint: Endpoint, name: str, data: st.DataObject) -> None:
    """Arrays and objects with the right keys and any values, sent to something the caller may change."""
    first = endpoint.path.split("/")[1]
    fitting = {"groups": GROUP, "folders": FOLDER, "spaces": SPACE}.get(first, CONTACT)
    keys = {"members": ("id", "addMembers"), "profile": ("accountId", "role"), "metadata": ("key", "value")}
    dates = ("start", "end") if "Date" in name else ("id", "accessRoleId")
    inner = st.fixed_dictionaries(dict.fromkeys(keys.get(name, dates), anything))
    several = endpoint.params[name] != "table"
    status, said = _outcome(
        endpoint, fitting, {name: data.draw(st.lists(inner, min_size=1, max_size=2) if several else inner)}
    )
    assert status in (200, 400, 403, 404)
    assert said


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(max_size=9) | anything, max_size=3))
def test_a_value_has_the_declared_type_or_is_refused(sent: dict[str, Any]) -> None:
    """A flag is a flag, a whole number is one, lists hold what they say."""
    try:
        found = read(sent, {"a": "flag", "b": "whole", "c": "texts"})
    except Refusal:
        return
    assert isinstance(found.get("a", True), bool)
    assert isinstance(found.get("b", 0), int)
    assert all(isinstance(item, str) for item in found.get("c", []))


@given(st.lists(st.floats(0, 2), min_size=1, max_size=60))
def test_no_minute_holds_more_than_the_rate_and_the_burst(gaps: list[float]) -> None:
    """However requests are spaced, what passes stays within the burst plus the even rate."""
    now = 0.0
    rates, switches, passed = Rates(lambda: now), Switches(rate_per_minute=60, rate_burst=5), 0
    for gap in gaps:
        now += gap
        passed += rates.wait_s("k", switches) == 0
    assert passed <= 5 + now + 1e-6


@pytest.mark.parametrize("package", ["wrike", "nexonia"])
def test_every_switch_is_in_the_readme(package: str) -> None:
    """Nobody can depend on a behaviour that is not named as open."""
    switches = {"wrike": Switches, "nexonia": sandbox.nexonia.switches.Switches}[package]
    text = (Path(sandbox.wrike.__file__).parents[1] / package / "README.md").read_text(encoding="utf-8")
    assert [field.name for field in fields(switches) if f"`{field.name}`" not in text] == []


def test_every_lever_is_in_the_readme() -> None:
    """And no lever is secret."""
    text = (Path(sandbox.wrike.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert [r.path for r in STAND_IN.routes() if f"/{r.path.split('/')[-1]}" not in text] == []  # type: ignore[attr-defined]
