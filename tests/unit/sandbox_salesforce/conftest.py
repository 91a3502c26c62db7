"""An org without a port, for rules that need no request."""

from __future__ import annotations

import pytest

from sandbox.company import load
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed import plant
from sandbox.salesforce.switches import Switches
from sandbox.world import World


@pytest.fixture(scope="module")
def org() -> Org:
    """The demo company's org; tests of a module share it and do not change it."""
    found = Org(World(load()), Switches())
    plant(found)
    return found


@pytest.fixture
def own_org() -> Org:
    """An org of one's own to change."""
    found = Org(World(load()), Switches())
    plant(found)
    return found
