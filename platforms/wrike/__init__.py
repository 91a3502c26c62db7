"""Wrike: one account as a platform of Handover. README.md says what the bot needs there and what it cannot do."""

from platforms.wrike.adapter import Wrike, build

PLATFORM = ("wrike", build)

__all__ = ["PLATFORM", "Wrike", "build"]
