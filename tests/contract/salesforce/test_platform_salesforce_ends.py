"""What ends by itself in an org: staged pairs, grants with a policy, and what the bot itself signs in with."""

from __future__ import annotations

from datetime import timedelta

import pytest
from connection_context import Notes, connection_context
from salesforce_bench import NAME, Bench, held

from bot.platform.model import Area, Credential, CredentialKind, Snapshot
from bot.text import Secret
from platforms.salesforce import Salesforce, build
from platforms.salesforce.apps import Refresh
from platforms.salesforce.grants import policy_lifetime
from sandbox.salesforce import staging
from sandbox.salesforce.apps import App

MONTH = timedelta(days=30)


def client_app(bench: Bench) -> App:
    """An external client app that is not the bot's own."""
    ours = bench.ready["salesforce"]["client_id"]
    return next(a for a in bench.stand_in.org.apps.values() if a.kind == "external" and a.client_id != ours)


def staged(snapshot: Snapshot) -> list[Credential]:
    return [c for c in snapshot.credentials if c.kind is CredentialKind.CLIENT_SECRET]


def with_memory(bench: Bench, notes: Notes, **table: object) -> Salesforce:
    """A bot that was started again: another process, the same store."""
    hello = bench.ready["salesforce"]
    base: dict[str, object] = {"url": hello["url"], "client_id": hello["client_id"]}
    if "client_id" not in table:
        base["username"] = hello["username"]
    secrets = {name: Secret(str(value)) for name, value in {**hello, **table}.items()}
    around = connection_context(secrets.__getitem__, bench.clock, bench.directory, memory=notes)
    shown = {key: value for key, value in table.items() if key != "client_secret"}
    made = build(NAME, base | shown, around)
    bench.opened.append(made)
    return made


async def test_a_staged_pair_ends_thirty_days_after_it_was_first_seen(bench: Bench) -> None:
    """Its date does not move with a restart, nothing of the pair is kept, and once it is ended it is listed no more."""
    org, app, notes = bench.stand_in.org, client_app(bench), Notes()
    assert staged(await with_memory(bench, notes).snapshot(None)) == []
    pair = staging.stage(org, org.administrator["Id"], app)
    (first,) = staged(await with_memory(bench, notes).snapshot(None))
    assert first.label == f"{app.label} (staged pair)"
    assert first.created_at
    assert first.expires_at == first.created_at + MONTH
    await bench.pass_time(days=3)
    (again,) = staged(await with_memory(bench, notes).snapshot(None))
    assert again == first
    assert pair.secret not in repr((again, notes.kept)) + "".join(v.reveal() for v in notes.kept.values())
    assert pair.key not in "".join(v.reveal() for v in notes.kept.values())
    staging.discard(org, org.administrator["Id"], app)
    gone = await with_memory(bench, notes).snapshot(None)
    assert staged(gone) == []
    assert Area.CLIENT_SECRET not in gone.blind


async def test_a_pair_that_was_rotated_out_is_another_with_a_date_of_its_own(bench: Bench) -> None:
    """The former pair has thirty days from the rotation, not from the staging."""
    org, app, notes = bench.stand_in.org, client_app(bench), Notes()
    pair = staging.stage(org, org.administrator["Id"], app)
    (before,) = staged(await with_memory(bench, notes).snapshot(None))
    await bench.pass_time(days=5)
    staging.rotate(org, org.administrator["Id"], app, pair)
    (after,) = staged(await with_memory(bench, notes).snapshot(None))
    assert after.label == f"{app.label} (former pair)"
    assert before.expires_at
    assert after.expires_at
    assert after.native_id != before.native_id
    assert after.expires_at - before.expires_at >= timedelta(days=5)


async def test_slots_are_looked_at_once_an_hour(bench: Bench) -> None:
    """A slot shows its secret to whoever looks, so scans in between live on what was seen."""
    await bench.platform.snapshot(None)
    looked = bench.calls("/staged")
    assert looked
    await bench.platform.snapshot(None)
    assert bench.calls("/staged") == looked
    await bench.pass_time(seconds=7200)
    await bench.platform.snapshot(None)
    assert bench.calls("/staged") == 2 * looked


@pytest.mark.parametrize("closed", ["setting", "another body"])
async def test_what_is_not_shown_of_the_slots_is_a_gap_and_fails_no_scan(bench: Bench, closed: str) -> None:
    """No interface, or one that answers otherwise than is written: named with the deed, and the rest is listed."""
    if closed == "setting":
        await bench.switch(consumer_secrets_by_rest=False)
    else:
        await bench.fault("bad_json", "/apps/oauth/credentials/", count=None)
    seen = await bench.platform.snapshot(None)
    (gap,) = [gap for gap in seen.gaps if gap.area is Area.CLIENT_SECRET]
    assert "via REST API" in gap.remedy
    assert "expire after 30 days" in gap.what
    assert held(seen, CredentialKind.OAUTH_GRANT, "Marketo sync")


async def test_the_certificate_we_sign_with_is_known_as_ours(bench: Bench) -> None:
    """By its key, of all the certificates of the org; whoever signs in by another way has none."""
    seen = await bench.platform.snapshot(None)
    (own,) = seen.own
    (ours,) = [c for c in seen.credentials if c.native_id == own]
    assert ours.kind is CredentialKind.APP_CERTIFICATE
    assert ours.expires_at
    certificates = [c for c in seen.credentials if c.kind is CredentialKind.APP_CERTIFICATE]
    assert len(certificates) > 1
    assert (await bench.another(client_credentials=True).snapshot(None)).own == frozenset()


async def test_our_own_pair_that_was_rotated_out_is_known_as_ours(bench: Bench) -> None:
    """Somebody promoted a new pair and the bot still signs in with the former: it has thirty days."""
    org, hello = bench.stand_in.org, bench.ready["salesforce"]
    app = org.apps[hello["client_id"]]
    pair = staging.stage(org, org.administrator["Id"], app)
    staging.rotate(org, org.administrator["Id"], app, pair)
    seen = await bench.another(client_credentials=True).snapshot(None)
    (former,) = staged(seen)
    assert seen.own == {former.native_id}


@pytest.mark.parametrize("policy", [("SpecificInactivity", "30", "Days"), ("SpecificLifetime", "60", "Days")])
async def test_grants_end_as_the_policy_of_their_app_says(bench: Bench, policy: tuple[str, str, str]) -> None:
    """An idle limit has a date once half of it passed unused; a life has one at once."""
    org = bench.stand_in.org
    user = org["User"].where("Username", "svc.orders@integrations.larkspur.example")[0]
    app = client_app(bench)
    app.refresh_policy = policy
    asked = {"username": user["Username"], "app": app.name}
    await bench.pull("salesforce/authorize", **asked)

    async def grant() -> Credential:
        seen = await bench.platform.snapshot(None)
        return next(
            c
            for c in seen.credentials
            if c.application_id == app.id
            and c.kind is CredentialKind.OAUTH_GRANT
            and c.principal_id == user["Id"]
        )

    idle = policy[0] == "SpecificInactivity"
    made = await grant()
    assert made.created_at
    assert made.expires_at == (None if idle else made.created_at + 2 * MONTH)
    await bench.pass_time(days=16)
    unused = await grant()
    last = max(unused.created_at or made.created_at, unused.last_used_at or made.created_at)
    assert unused.expires_at == (last + MONTH if idle else made.created_at + 2 * MONTH)


@pytest.mark.parametrize(
    ("refresh", "lasts"),
    [
        (Refresh(), None),
        (Refresh("Infinite", "", ""), None),
        (Refresh("SpecificInactivity", "720", "Hours"), MONTH),
        (Refresh("SpecificInactivity", "30", "Fortnights"), None),
        (Refresh("SpecificInactivity", "-3", "Days"), None),
        (Refresh("SpecificInactivity", "0", "Days"), None),
        (Refresh("Sometimes", "3", "Days"), None),
        (Refresh("SpecificLifetime", "2", "Months"), timedelta(days=56)),
    ],
)
def test_a_policy_that_is_not_understood_sets_no_date(refresh: Refresh, lasts: timedelta | None) -> None:
    """Only words we know make a date; months are counted short, so that none is promised too long."""
    assert policy_lifetime(refresh) == lasts
