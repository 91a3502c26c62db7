"""A check is one pure function; its metadata is attached to it and shown to users."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from bot.config.policies import DEFAULTS, Policies
from bot.findings.frameworks import RISKS, References, references
from bot.findings.model import Finding, Severity
from bot.platform.model import (
    Application,
    Area,
    Credential,
    CredentialKind,
    CredentialStatus,
    Principal,
    Snapshot,
)
from bot.text import clean, plural

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


EVENT_LASTS = timedelta(days=7)  # how long something that happened stays open after it was last seen


def found(
    check: Check,
    subject: str,
    evidence: str,
    *,
    bucket: str = "",
    severity: Severity | None = None,
    lasting: timedelta = timedelta(0),
) -> Finding:
    """One finding of ``check`` about the item with native id ``subject``."""
    return Finding(
        rule=check.id,
        subject=subject,
        title=check.title,
        severity=severity or check.severity,
        evidence=clean(evidence, 400),
        remedy=check.remedy,
        bucket=bucket,
        lasting=lasting,
    )


def day(at: datetime | None) -> str:
    """A date in words; "never" for none."""
    return f"{at:%Y-%m-%d}" if at else "never"


def outlived(view: View, kind: CredentialKind) -> Iterator[tuple[Credential, str]]:
    """Live ones made longer ago than the policy for their kind, with how long; of unknown age is not old."""
    oldest = view.policies.oldest(kind.value)
    for credential in view.snapshot.credentials:
        made = credential.created_at
        if oldest is None or made is None or credential.kind is not kind:
            continue
        if credential.status is CredentialStatus.ACTIVE and view.now - made > oldest:
            age = plural((view.now - made).days, "day")
            yield credential, f"{day(made)}, {age} ago; at most {oldest.days} are allowed"
