"""What a benchmark says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number beside its limit and the peer measured in the same run."""

    name: str
    measured: float
    unit: str
    limit: float | None
    peer: str = ""
    note: str = ""
