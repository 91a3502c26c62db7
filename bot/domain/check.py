"""A check is one pure function; its metadata is attached to it and shown to users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bot.domain.finding import Finding, Severity
from bot.domain.identity import Application, Area, Principal, Snapshot


@dataclass(frozen=True, kw_only=True)
class View:
    """What a check may look at: one complete listing, and what earlier listings taught."""

    snapshot: Snapshot
    now: datetime
    known_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # principal → addresses seen

    @cached_property
    def principals(self) -> Mapping[str, Principal]:
        """The listing's principals by native id."""
        return {p.native_id: p for p in self.snapshot.principals}

    @cached_property
    def applications(self) -> Mapping[str, Application]:
        """The listing's applications by native id."""
        return {a.native_id: a for a in self.snapshot.applications}


Rule = Callable[[View], Iterable[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule and what people need to know of it. Blind in an area it ``needs``, findings are unknown."""

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
