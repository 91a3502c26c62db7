"""Every check over a listing of ten thousand credentials."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench.report import Figure
from bot.connections import checks
from bot.findings.check import Check, View
from bot.platform.model import (
    Application,
    Credential,
    CredentialKind,
    Login,
    Principal,
    PrincipalKind,
    PrincipalStatus,
    Snapshot,
)

CREDENTIALS = 10_000
PEOPLE = 2_000
APPS = 300
LOGINS = 5_000
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KINDS = (
    CredentialKind.OAUTH_GRANT, CredentialKind.OAUTH_GRANT, CredentialKind.RUN_AS, CredentialKind.APP_CERTIFICATE,
    CredentialKind.CERTIFICATE,
)  # fmt: skip


def listing(platform: str) -> Snapshot:
    """A large tenant in which every check finds something."""
    one = Principal(
        native_id="", name="", username="", kind=PrincipalKind.PERSON, status=PrincipalStatus.ACTIVE
    )
    people = tuple(
        replace(
            one,
            native_id=f"p{n}",
            name=f"Person {n}",
            username=f"p{n}@example.com",
            email=f"p{n}@example.com",
            kind=PrincipalKind.SERVICE if n % 10 == 0 else PrincipalKind.PERSON,
            status=PrincipalStatus.INACTIVE if n % 7 == 0 else PrincipalStatus.ACTIVE,
            privileges=("Modify All Data",) if n % 20 == 0 else (),
        )
        for n in range(PEOPLE)
    )
    apps = tuple(
        Application(native_id=f"a{n}", name=f"App {n}", self_authorize=n % 3 == 0) for n in range(APPS)
    )
    credentials = tuple(
        Credential(
            native_id=f"c{n}",
            kind=KINDS[n % len(KINDS)],
            label=f"Credential {n}",
            principal_id=f"p{n % PEOPLE}",
            application_id=f"a{n % APPS}",
            created_at=NOW - timedelta(days=n % 900),
            last_used_at=NOW - timedelta(days=n % 40),
            expires_at=NOW + timedelta(days=n % 400 - 20) if n % 5 > 2 else None,
        )
        for n in range(CREDENTIALS)
    )
    logins = tuple(
        Login(
            native_id=f"l{n}",
            principal_id=f"p{n % PEOPLE}",
            at=NOW,
            succeeded=n % 4 > 0,
            status="Success" if n % 4 else "Invalid Password",
            channel="Other Apex API" if n % 2 else "Remote Access 2.0",
            application=f"App {n % APPS}",
            source=f"203.0.113.{n % 250}",
            api_version=str(20 + n % 40),
        )
        for n in range(LOGINS)
    )
    return Snapshot(
        connection=f"{platform}:prod",
        taken_at=NOW,
        principals=people,
        applications=apps,
        credentials=credentials,
        logins=logins,
    )


async def run() -> AsyncIterator[Figure]:
    """Seconds for all checks of a platform together, the slowest named."""
    by_platform: dict[str, list[Check]] = {}
    for check in checks():
        for platform in check.platforms:
            by_platform.setdefault(platform, []).append(check)
    for platform, rules in by_platform.items():
        view = View(snapshot=listing(platform), now=NOW)
        took: list[tuple[float, str, int]] = []
        for check in rules:
            began = time.perf_counter()
            found = sum(1 for _ in check.rule(view))
            took.append((time.perf_counter() - began, check.id, found))
        slowest_s, name, _ = max(took)
        yield Figure(
            f"checks: {platform}, {CREDENTIALS:,} credentials",
            sum(seconds for seconds, _, _ in took),
            "s",
            1.0,
            note=f"{len(took)} checks, {sum(n for _, _, n in took):,} findings; slowest {name} {slowest_s:.2f} s",
        )
