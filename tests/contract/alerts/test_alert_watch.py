"""What scans make us say: missed beats, losses, incidents and findings, each once and in as few messages as can be."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from estate import CONNECTION, Estate, grant, person

from bot import maintenance
from bot.alerts.lifecycle import thread_of
from bot.alerts.model import (
    AUDIT_LOG_CHANGED,
    CREDENTIAL_GONE,
    EXPIRY,
    INCIDENT,
    LISTING_REJECTED,
    NOT_USED,
    NOT_VISIBLE,
    OWN_CREDENTIAL,
    OWNER_GONE,
    AlertState,
    severity_of,
)
from bot.alerts.repository import AlertRepository
from bot.clock import FixedClock
from bot.config.policies import Policies
from bot.db.key_sources import FileKeySource
from bot.db.store import Store
from bot.errors import AuthFailed, ProtocolChanged, RateLimited, Unreachable
from bot.findings.model import Severity
from bot.platform.model import Application, CredentialStatus, PrincipalStatus
from bot.scans.scan import ScanOutcome
from bot.services import Services
from bot.store import open_store

APPS = (Application(native_id="a1", name="Marketo sync"), Application(native_id="a2", name="Gong"))


@pytest.fixture
async def store(
    tmp_path: Path, clock: FixedClock
) -> AsyncIterator[Store]:  # SQLite only: nothing here is the database's
    url = f"sqlite+aiosqlite:///{tmp_path / 'estate.db'}"
    opened = await open_store(url, FileKeySource.create(tmp_path / "estate.key"), clock)
    yield opened
    await opened.aclose()


@pytest.fixture
def estate(store: Store, clock: FixedClock) -> Estate:
    made = Estate(store, clock)
    made.lists(person("ana"), person("ben"), *APPS)
    return made


async def nightly(estate: Estate, *ids: str, nights: int = 8) -> None:
    """Use these every night, with a look an hour after each."""
    for _ in range(nights):
        estate.clock.at += timedelta(hours=23)
        estate.use(*ids)
        await estate.scan(hours=1)


async def test_a_missed_night_is_told_once_and_settled_by_the_next_use(estate: Estate) -> None:
    """The rhythm is learnt from use; one message when it breaks off, one word in its thread when it is back."""
    estate.lists(grant("g1"))
    await nightly(estate, "g1")
    await estate.said()
    await estate.scan(hours=24)
    assert await estate.live(NOT_USED) == []
    await estate.scan(hours=7)
    (alert,) = await estate.live(NOT_USED)
    ((thread, reply, _),) = await estate.said()
    assert "was not used when expected" in reply.summary
    assert thread == thread_of(alert)
    for _ in range(5):
        await estate.scan(hours=12)
    assert await estate.said() == []
    estate.use("g1")
    await estate.scan(minutes=1)
    assert await estate.live(NOT_USED) == []
    ((again, note, edits),) = await estate.said()
    assert (again, edits) == (thread, False)
    assert "in use again" in note.summary


async def test_a_written_cadence_is_patient(store: Store, clock: FixedClock) -> None:
    """A month-end export used nightly in its first week is not missed until the month is over."""
    estate = Estate(store, clock, Policies(usage_interval_h={"marketo SYNC": 744}))
    estate.lists(person("ana"), *APPS, grant("g1"))
    await nightly(estate, "g1")
    await estate.scan(days=30)
    assert await estate.live(NOT_USED) == []
    await estate.scan(days=10)
    assert len(await estate.live(NOT_USED)) == 1


async def test_a_credential_in_use_that_is_gone_is_told_and_an_idle_one_is_not(estate: Estate) -> None:
    """Definitely absent from a complete listing, and needed: P1. What nobody used for months ends without a word."""
    estate.lists(*(grant(f"g{n}") for n in range(20)))
    estate.use("g1")
    await estate.scan()
    await estate.said()
    estate.listing.credentials.pop("g1")
    estate.listing.credentials.pop("g2")
    await estate.scan(hours=1)
    (alert,) = await estate.live(CREDENTIAL_GONE)
    said = await estate.said()
    assert len(said) == 1
    assert "lost its credential" in said[0][1].summary
    estate.lists(grant("g1"))
    await estate.scan(hours=1)
    assert await estate.live(CREDENTIAL_GONE) == []
    assert [reply.summary for _, reply, _ in await estate.said()] == [
        "Marketo sync has its credential again. This alert is resolved."
    ]
    assert alert.payload["name"] == "Marketo sync"


async def test_a_revoked_credential_is_gone_too(estate: Estate) -> None:
    """The platform still lists it and calls it revoked: that is a definite end."""
    estate.lists(grant("g1"))
    estate.use("g1")
    await estate.scan()
    estate.lists(replace(estate.listing.credentials["g1"], status=CredentialStatus.REVOKED))
    await estate.scan(hours=1)
    assert len(await estate.live(CREDENTIAL_GONE)) == 1


async def test_many_of_one_app_are_one_incident_though_the_brake_would_stop_it(estate: Estate) -> None:
    """A vendor that ends every token of its app is believed, told once, and followed until they are back."""
    estate.lists(
        *(grant(f"g{n}", app="a1") for n in range(40)), *(grant(f"k{n}", app="a2") for n in range(20))
    )
    estate.use(*(f"g{n}" for n in range(40)))
    await estate.scan()
    await estate.said()
    for n in range(40):
        estate.listing.credentials.pop(f"g{n}")
    report = await estate.scan(hours=1)
    assert report.outcome is ScanOutcome.COMPLETE
    (alert,) = await estate.live()
    assert (alert.rule, alert.payload["count"]) == (INCIDENT, "40")
    ((_, reply, _),) = await estate.said()
    assert "40 credentials of Marketo sync" in reply.summary


@pytest.mark.parametrize("ids", ["same", "new"])
async def test_an_incident_is_settled_when_everybody_is_connected_again(estate: Estate, ids: str) -> None:
    """People approve the app anew, under new ids or the old: the last of them settles it, not the first."""
    estate.lists(person("cleo"), *(grant(f"k{n}", app="a2") for n in range(60)))
    estate.lists(*(grant(f"g{n}", holder=holder) for n, holder in enumerate(["ana", "ben", "cleo"] * 4)))
    estate.lists(grant("kept", holder="ana"))
    await estate.scan()
    lost = [estate.listing.credentials.pop(f"g{n}") for n in range(12)]
    await estate.scan(hours=1)
    (alert,) = await estate.live(INCIDENT)
    await estate.said()
    await estate.scan(hours=1)
    estate.lists(*(replace(one, native_id=one.native_id + ids * (ids == "new")) for one in lost[:1]))
    await estate.scan(hours=1)
    assert [a.ref for a in await estate.live(INCIDENT)] == [alert.ref]
    assert await estate.said() == []
    estate.lists(person("cleo", PrincipalStatus.INACTIVE))  # who cannot come back is not waited for
    estate.lists(replace(lost[1], native_id=lost[1].native_id + ids * (ids == "new")))
    await estate.scan(hours=1)
    assert await estate.live(INCIDENT) == []
    settled = [(t, r, e) for t, r, e in await estate.said() if "connected again" in r.summary]
    assert [(thread, edits) for thread, _, edits in settled] == [(f"alert:{alert.id}", True)]


async def test_our_own_sign_in_is_told_a_week_ahead_and_settled_by_the_next(estate: Estate) -> None:
    """P1, once, with its steps in its thread, whoever looks: a scan or the clock; a renewed one settles it."""
    ends = estate.clock.at + timedelta(days=8)
    estate.lists(
        grant("ours", holder="", app="a2", expires_at=ends),
        grant("other", expires_at=ends + timedelta(days=1)),
    )
    estate.listing.own = frozenset({"ours"})
    await estate.scan()
    assert await estate.live(OWN_CREDENTIAL) == []
    await estate.said()
    estate.clock.at += timedelta(days=1, hours=1)
    async with estate.store.write() as unit:
        await estate.alerts.expiries(unit)
    (alert,) = await estate.live(OWN_CREDENTIAL)
    assert severity_of(alert) is Severity.P1
    said = await estate.said()
    assert {thread for thread, _, _ in said} == {f"alert:{alert.id}"}
    assert said[0][1].summary.startswith(f"Handover's own sign-in to {CONNECTION} expires in")
    await estate.scan(hours=1)
    assert [a.ref for a in await estate.live(OWN_CREDENTIAL)] == [alert.ref]
    estate.lists(grant("next", holder="", app="a2", expires_at=ends + timedelta(days=365)))
    estate.listing.own = frozenset({"next"})
    await estate.said()
    await estate.scan(hours=1)
    assert await estate.live(OWN_CREDENTIAL) == []
    settled = [(thread, edits) for thread, reply, edits in await estate.said() if "resolved" in reply.summary]
    assert settled == [(f"alert:{alert.id}", True)]


async def test_a_listing_that_lost_some_of_everything_is_still_not_believed(estate: Estate) -> None:
    """Half of two apps gone is a broken source: one alert about that, and nothing about any credential."""
    estate.lists(
        *(grant(f"g{n}", app="a1") for n in range(20)), *(grant(f"k{n}", app="a2") for n in range(20))
    )
    estate.use(*(f"g{n}" for n in range(20)))
    await estate.scan()
    await estate.said()
    for n in range(10):
        estate.listing.credentials.pop(f"g{n}")
        estate.listing.credentials.pop(f"k{n}")
    assert (await estate.scan(hours=1)).outcome is ScanOutcome.REJECTED
    assert [a.rule for a in await estate.live()] == [LISTING_REJECTED]
    estate.lists(
        *(grant(f"g{n}", app="a1") for n in range(10)), *(grant(f"k{n}", app="a2") for n in range(10))
    )
    await estate.scan(hours=1)
    assert await estate.live() == []  # the brake is settled when a listing is believed


@pytest.mark.parametrize(
    "failure",
    [
        RateLimited("later", retry_after_s=60),
        Unreachable("HTTP 503"),
        Unreachable("timed out"),
        Unreachable("no such host"),
        ProtocolChanged("a page lacked its end"),
    ],
    ids=["429", "5xx", "timeout", "dns", "short"],
)
async def test_a_source_that_cannot_be_seen_says_nothing_of_what_is_in_it(
    estate: Estate, failure: object
) -> None:
    """Not one alert about a token or an owner from a failed look, however long it lasts: only that it is blind."""
    estate.lists(grant("g1"), grant("g2", holder="ben"))
    await nightly(estate, "g1")
    await estate.said()
    estate.listing.failure = failure  # type: ignore[assignment]
    for _ in range(6):
        await estate.scan(hours=12)
    assert {a.rule for a in await estate.live()} == {NOT_VISIBLE}
    said = await estate.said()
    assert len(said) == 1
    estate.listing.failure = None
    estate.use("g1")
    await estate.scan(hours=1)
    assert await estate.live() == []


async def test_what_a_blind_source_would_say_waits_in_its_thread(estate: Estate) -> None:
    """An end date that comes nearer while nobody can look is told under the alert that nobody can look."""
    estate.lists(grant("g1", expires_at=estate.clock.at + timedelta(days=20)))
    await estate.scan()
    await estate.said()
    estate.listing.failure = AuthFailed("refused")
    await estate.scan()
    (blind,) = await estate.live(NOT_VISIBLE)
    await estate.said()
    estate.clock.at += timedelta(days=7)
    async with estate.store.write() as unit:
        await estate.alerts.expiries(unit)
    ((thread, reply, edits),) = await estate.said()
    assert (thread, edits) == (f"alert:{blind.id}", False)
    assert "as of the last scan" in reply.summary


async def test_an_inactive_owners_end_dates_are_told_under_their_alert(estate: Estate) -> None:
    """Owner-inactive speaks for its tokens: every step is told, in its thread and nowhere else."""
    ends = estate.clock.at + timedelta(days=40)
    estate.lists(grant("g1", expires_at=ends), person("ana", PrincipalStatus.INACTIVE))
    await estate.scan()
    (owner,) = await estate.live(OWNER_GONE)
    threads = {thread for thread, _, _ in await estate.said()}
    assert threads == {f"alert:{owner.id}"}
    for days in (11, 16, 7, 4, 1, 1.5):
        estate.clock.at += timedelta(days=days)
        async with estate.store.write() as unit:
            await estate.alerts.expiries(unit)
    said = await estate.said()
    assert len(said) == 6
    assert {thread for thread, _, _ in said} == {f"alert:{owner.id}"}
    async with estate.store.read() as unit:
        steps = [a.bucket.rpartition("/")[2] for a in await unit[AlertRepository].all() if a.rule == EXPIRY]
    assert steps == ["60", "30", "14", "7", "3", "1", "0"]


async def test_a_thousand_findings_at_once_are_one_message(estate: Estate) -> None:
    """All of them are one command away from it, and a second look adds nothing."""
    estate.lists(*(grant(f"g{n}", label=f"urgent {n}") for n in range(1000)))
    report = await estate.scan()
    assert report.opened == 1000
    ((_, reply, _),) = await estate.said()
    assert "1,000 new findings" in reply.summary
    await estate.scan(hours=1)
    assert await estate.said() == []


async def test_the_first_look_speaks_only_of_what_is_urgent(estate: Estate) -> None:
    """What stood there before is no news; the same kind of finding later on is."""
    estate.lists(grant("g1", label="urgent one"), grant("g2", label="this week"))
    await estate.scan()
    ((_, reply, _),) = await estate.said()
    assert "1 new finding" in reply.summary
    assert "(1 P1)" in reply.summary
    estate.lists(
        grant("g1", label="urgent one"), grant("g2", label="this week"), grant("g3", label="this week too")
    )
    await estate.scan(hours=1)
    ((_, reply, _),) = await estate.said()
    assert "(1 P2)" in reply.summary


async def test_a_finding_that_another_alert_tells_of_is_left_to_it(estate: Estate) -> None:
    """A gone holder's grants, and what is near its end, are not told twice."""
    soon = estate.clock.at + timedelta(days=5)
    estate.lists(
        person("ana", PrincipalStatus.INACTIVE),
        grant("g1", label="urgent one"),
        grant("g2", holder="ben", label="urgent two", expires_at=soon),
        grant("g3", holder="ben", label="urgent three"),
    )
    await estate.scan()
    summaries = [reply.summary for _, reply, _ in await estate.said()]
    assert sum("new finding" in s for s in summaries) == 1
    assert next(s for s in summaries if "new finding" in s).startswith(
        f"1 new finding on {CONNECTION} (1 P1)"
    )


async def test_many_people_gone_at_once_share_a_message(estate: Estate) -> None:
    """Ten leavers found together are one message; each still has an alert of their own."""
    for n in range(30):
        estate.lists(person(f"p{n}"), grant(f"g{n}", holder=f"p{n}"))
    await estate.scan()
    await estate.said()
    for n in range(6):
        estate.lists(person(f"p{n}", PrincipalStatus.FROZEN))
    await estate.scan(hours=1)
    assert len(await estate.live(OWNER_GONE)) == 6
    ((_, reply, _),) = await estate.said()
    assert "6 people" in reply.summary


async def test_a_quiet_end_date_is_not_told_until_it_must_be(estate: Estate) -> None:
    """Snoozed steps are left out; the snooze ends a day before the end, and the step of that day is told."""
    end = estate.clock.at + timedelta(days=20)
    estate.lists(grant("g1", expires_at=end))
    await estate.scan()
    await estate.said()
    (alert,) = await estate.live(EXPIRY)
    async with estate.store.write() as unit:
        asked = estate.clock.at + timedelta(days=30)
        until = await estate.alerts.answers.snooze(unit, alert, "U1", asked, "a new one is ordered")
    assert until == end - timedelta(days=1)
    await estate.said()
    for _ in range(18):
        estate.clock.at += timedelta(days=1)
        async with estate.store.write() as unit:
            assert not await estate.alerts.answers.wake(unit)
            await estate.alerts.expiries(unit)
    assert await estate.said() == []
    estate.clock.at += timedelta(days=1)
    async with estate.store.write() as unit:
        assert await estate.alerts.answers.wake(unit)
        await estate.alerts.expiries(unit)
    summaries = [reply.summary for _, reply, _ in await estate.said()]
    assert "The snooze is over and the cause remains." in summaries
    assert any("expires in 1 day" in s for s in summaries)
    (alert,) = await estate.live(EXPIRY)
    assert (alert.state, alert.bucket.rpartition("/")[2]) == (AlertState.OPEN, "1")


async def test_a_trail_that_was_changed_is_told_once(estate: Estate, store: Store, tmp_path: Path) -> None:
    """The daily proof says what is wrong with it; the same wrong is not said every day."""
    await estate.scan()
    await estate.said()
    services = cast(Services, SimpleNamespace(store=store, alerts=estate.alerts))  # as much as a proof uses
    await maintenance.prove(services)
    with sqlite3.connect(tmp_path / "estate.db") as database:
        database.execute("UPDATE audit SET hash = zeroblob(32) WHERE seq = 1")
    for _ in range(2):
        await maintenance.prove(services)
    ((_, reply, _),) = await estate.said()
    assert "audit log was changed" in reply.summary
    assert len(await estate.live(AUDIT_LOG_CHANGED)) == 1


async def test_what_lives_thirty_days_is_not_near_its_end_when_it_is_made(estate: Estate) -> None:
    """A staged pair made now is told of from the first step that it was not born within."""
    made = estate.clock.at
    estate.lists(grant("pair", created_at=made, expires_at=made + timedelta(days=30)))
    await estate.scan()
    assert await estate.live(EXPIRY) == []
    await estate.scan(days=16, hours=1)
    assert [a.bucket.rpartition("/")[2] for a in await estate.live(EXPIRY)] == ["14"]


async def test_an_idle_grant_that_is_used_is_no_longer_near_an_end(estate: Estate) -> None:
    """Its date goes with the use: the thread says that it is in use, not that it is gone."""
    made = estate.clock.at - timedelta(days=400)
    estate.lists(grant("g1", created_at=made, expires_at=estate.clock.at + timedelta(days=5)))
    await estate.scan()
    assert len(await estate.live(EXPIRY)) == 1
    await estate.said()
    estate.lists(grant("g1", created_at=made))
    await estate.scan(hours=1)
    assert await estate.live(EXPIRY) == []
    assert [reply.summary for _, reply, _ in await estate.said()] == ["It is in use again."]
