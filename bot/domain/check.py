"""A check is one pure function; its metadata is attached to it and shown to users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.finding import Finding, Severity
from bot.domain.identity import Area, Principal, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a check may look at: one complete listing, and what earlier listings taught."""

    snapshot: Snapshot
    now: datetime
    known_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # principal → addresses seen

    def principal(self, native_id: str) -> Principal | None:
        """The principal of that id, if this listing holds it."""
        return next((p for p in self.snapshot.principals if p.native_id == native_id), None)


Rule = Callable[[View], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule with what people need to know of it. ``needs``: blind in any of these, its findings are unknown."""

    id: str  # "platform.bad-state"
    title: str  # states the bad state, at most 80 characters
    severity: Severity
    risk: str
    remedy: str  # one deed
    platforms: tuple[str, ...]
    needs: tuple[Area, ...]
    owasp: tuple[str, ...]  # OWASP NHI Top 10 (2025), for example "NHI1"
    rule: Rule

    def __post_init__(self) -> None:
        if len(self.title) > 80 or self.title.lower().startswith("ensure"):
            raise ValueError(f"check {self.id}: the title states the bad state in at most 80 characters")
        if not (self.risk and self.remedy and self.platforms):
            raise ValueError(f"check {self.id}: risk, remedy and platforms are all needed")


def check(
    *,
    id: str,  # noqa: A002  the field's own name reads best at each use
    title: str,
    severity: Severity,
    risk: str,
    remedy: str,
    platforms: tuple[str, ...],
    needs: tuple[Area, ...] = (),
    owasp: tuple[str, ...] = (),
) -> Callable[[Rule], Check]:
    """Make a check of a rule."""

    def attach(rule: Rule) -> Check:
        return Check(
            id=id,
            title=title,
            severity=severity,
            risk=risk,
            remedy=remedy,
            platforms=platforms,
            needs=needs,
            owasp=owasp,
            rule=rule,
        )

    return attach
