"""Salesforce: one org as a platform of Handover. README.md says what the bot needs there and what it cannot do."""

from platforms.salesforce.adapter import Salesforce, build

PLATFORM = ("salesforce", build)

__all__ = ["PLATFORM", "Salesforce", "build"]
