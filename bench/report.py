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

    @property
    def within(self) -> bool:
        """Whether the figure keeps its limit; one without a limit always does."""
        return self.limit is None or self.measured <= self.limit

    def line(self) -> str:
        """The figure in one line: verdict, name, number, limit, peer, note. Without a limit, no verdict."""
        verdict = "" if self.limit is None else "ok" if self.within else "OVER"
        limit = "" if self.limit is None else f"limit {self.limit:g} {self.unit}"
        peer = self.peer and f"peer: {self.peer}"
        rest = " | ".join(part for part in (limit, peer, self.note) if part)
        return f"{verdict:<4} {self.name}: {self.measured:.2f} {self.unit}{rest and f' | {rest}'}"
