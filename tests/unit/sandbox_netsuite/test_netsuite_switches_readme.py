"""The stand-in's README tells the truth about its switches, levers and tables."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import sandbox.netsuite
from sandbox.company import load
from sandbox.netsuite import NetSuite
from sandbox.netsuite.catalogue import TABLES
from sandbox.netsuite.switches import Switches
from sandbox.world import World

TEXT = Path(sandbox.netsuite.__file__).with_name("README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return TEXT.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_switch_is_explained() -> None:
    """The table of switches names each switch there is, and none that is not."""
    named = {
        name
        for line in section("Switches").splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == {field.name for field in fields(Switches)}


def test_every_lever_is_explained() -> None:
    """Each path of the levers stands in the README, and none that is not one."""
    named = set(re.findall(r"/netsuite/(\w+)", section("Levers")))
    assert named == {route.path.rpartition("/")[2] for route in NetSuite(World(load())).routes()}


def test_every_table_is_named() -> None:
    """Each table of SuiteQL stands in the README."""
    named = {name.lower() for name in re.findall(r"`(\w+)`", section("SuiteQL"))}
    assert set(TABLES) <= named
