"""A check is one pure function; its metadata is attached to it and shown to users."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from bot.domain.finding import Finding, Severity
from bot.domain.frameworks import RISKS, References, references
from bot.domain.identity import Application, Area, Principal, Snapshot
from bot.domain.policies import DEFAULTS, Policies

TITLE_AT_MOST = 80


@dataclass(frozen=True, kw_only=True)
class View:
    """What a check may look at: one complete listing, what earlier listings taught, what the company decided."""

    snapshot: Snapshot
    now: datetime
    known_sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # principal → addresses seen
    policies: Policies = DEFAULTS
    vouched: Mapping[str, datetime] = field(default_factory=dict)  # credential → when its owner stood by it

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
    references: References  # NIST SP 800-53, CIS Controls v8 and SOC 2; those of the risks unless given
    rule: Rule

    def __post_init__(self) -> None:
        if len(self.title) > TITLE_AT_MOST or self.title.lower().startswith("ensure"):
            raise ValueError(
                f"check {self.id}: the title states the bad state in at most {TITLE_AT_MOST} characters"
            )
        if not (self.title and self.risk and self.remedy and self.platforms):
            raise ValueError(f"check {self.id}: title, risk, remedy and platforms are all needed")
        if not re.fullmatch(r"[a-z]+\.[a-z0-9-]+", self.id):
            raise ValueError(f"check {self.id}: the id reads platform.bad-state")


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
    controls: References | None = None,
) -> Callable[[Rule], Check]:
    """Make a check of a rule. ``controls``: where those of its OWASP risks do not fit.

    Raises:
        ValueError: something that people need to know is missing, or in no framework.
    """
    if unknown := set(owasp) - set(RISKS):
        raise ValueError(f"check {id}: OWASP has no {', '.join(sorted(unknown))}")

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
            references=controls or references(owasp),
            rule=rule,
        )

    return attach
