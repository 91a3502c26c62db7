"""Fills a fresh directory from the company file and the estate."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

from sandbox.nexonia.directory import Directory
from sandbox.nexonia.records import Record, Records
from sandbox.world import Json, World

ESTATE = Path(__file__).with_name("estate.toml")


def plant(world: World, directory: Directory, records: Records) -> None:
    """Everything; each person of the company with a user gets its id into `ids`."""
    estate = world.company.raw.get("nexonia") or tomllib.loads(ESTATE.read_text(encoding="utf-8"))
    special = {
        entry["of"] for entry in estate.get("users", []) if entry.get("linked") or entry.get("replaces")
    }
    for person in world.people.values():
        if "nexonia" not in person.platforms or person.email in special | set(estate.get("without_user", [])):
            continue
        first, _, last = person.name.rpartition(" ")
        apart = person.email in (*estate.get("unlinked", []), *estate.get("unlinked_and_ignored", []))
        user = directory.add(
            first=first,
            last=last,
            email=person.email,
            role="Administrator" if person.role == "admin" else "Employee",
            active=person.email not in estate.get("inactive", []),
            ignore=person.email in estate.get("unlinked_and_ignored", []),
            integration_id=None if apart else records.id_of(person),
        )
        person.ids["nexonia"] = user.id
    for entry in estate.get("records", []):
        _record(world, directory, records, entry)
    for entry in estate.get("users", []):
        _user(world, directory, records, entry)


def _user(world: World, directory: Directory, records: Records, entry: Json) -> None:
    person = world.people.get(entry.get("of", ""))
    if person is None and "of" in entry:
        return
    first, _, last = person.name.rpartition(" ") if person is not None else ("", "", "")
    link = (
        records.id_of(person) if person is not None and entry.get("linked") else entry.get("integration_id")
    )
    user = directory.add(
        first=entry.get("first", first),
        last=entry.get("last", last),
        email=entry.get("email", person.email if person is not None else ""),
        role=entry.get("role", "Employee"),
        active=entry.get("active", True),
        ignore=entry.get("ignore", False),
        integration_id=link,
    )
    if person is not None:
        person.ids.setdefault("nexonia", user.id)


def _record(world: World, directory: Directory, records: Records, entry: Json) -> None:
    ago = entry.get("terminated_days_ago")
    record = Record(
        kind="vendor" if entry["kind"] == "vendor" else "employee",
        id=entry["id"],
        first=entry["first"],
        last=entry["last"],
        email=entry["email"],
        flag=entry.get("flag", True),
        termination_date=world.now.date() - timedelta(days=ago) if ago is not None else None,
    )
    records.add(record)
    if entry.get("user"):
        directory.add(first=record.first, last=record.last, email=record.email, integration_id=record.id)
