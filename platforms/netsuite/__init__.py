"""NetSuite: one account as a platform of Handover. README.md says what the bot needs there and what it cannot do."""

from platforms.netsuite.adapter import NetSuite, build

PLATFORM = ("netsuite", build)

__all__ = ["PLATFORM", "NetSuite", "build"]
