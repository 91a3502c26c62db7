"""The stand-in's README tells the truth about its switches."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import sandbox.salesforce
from sandbox.salesforce.switches import Switches


def test_every_switch_is_explained() -> None:
    """The table of switches names each switch there is, and none that is not."""
    text = Path(sandbox.salesforce.__file__).with_name("README.md").read_text(encoding="utf-8")
    table = text.partition("## Switches")[2].partition("\n## ")[0]
    named = {
        name
        for line in table.splitlines()
        if line.startswith("| `")
        for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == {field.name for field in fields(Switches)}
