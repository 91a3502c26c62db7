"""Fills a fresh org: `plant` from the company file and the estate."""

from sandbox.salesforce import holdings
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed import apps, history, people, setup
from sandbox.salesforce.seed.estate import load

BOT_APP = "Handover"


def plant(org: Org) -> None:
    """Everything, in the order in which one thing needs another."""
    estate = load(org.world)
    people.plant(org, estate)
    apps.plant(org, estate)
    setup.plant(org, estate)
    history.plant(org, estate)
    people.count_licences(org, estate)
    holdings.refresh(org, list(org.people))
