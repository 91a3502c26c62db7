"""Nexonia: one company's users as a platform of Handover. README.md says what is known and what is ours."""

from platforms.nexonia.adapter import Nexonia, build

PLATFORM = ("nexonia", build)

__all__ = ["PLATFORM", "Nexonia", "build"]
