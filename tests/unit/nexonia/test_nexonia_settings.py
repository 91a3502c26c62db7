"""The table of a Nexonia connection: every key that is off is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.errors import ConfigError
from bot.text import Secret
from bot.user_sync.model import OURS, UNVERIFIED, RecordKind
from platforms.nexonia.config import FileSettings, RestSettings, Settings, parse
from platforms.nexonia.mapping import SANDBOX

FILE = {"users_file": "/srv/users.csv", "records": "netsuite:prod"}
REST: dict[str, Any] = {"directory": "rest", "url": "https://directory.example/api", "token": "t"}
FEW = {name: name for name in ("id", "first", "last", "email", "active")}
WRITABLE = {"one_path": "/users/{id}", "create_path": "/users"}


def read(**table: Any) -> Settings:
    return parse("nexonia:prod", table, lambda name: Secret("t"))


def test_a_file_is_the_default() -> None:
    """An export needs a path and nothing else; it is never written to."""
    found = read(**FILE)
    assert isinstance(found.source, FileSettings)
    assert found.source.users == Path("/srv/users.csv")
    assert (found.sync.writes, found.sync.label, found.sync.notify) == (False, "", False)
    assert found.sync.kinds == frozenset(RecordKind)


def test_records_of_our_own_files() -> None:
    """Who has no NetSuite connection names the files, with their headings."""
    found = read(
        users_file="/srv/u.csv",
        employees_file="/srv/e.csv",
        employee_columns={"flag": "Nexonia"},
        kinds=["employee"],
        time_zone="America/New_York",
    )
    assert found.record_files == {RecordKind.EMPLOYEE: (Path("/srv/e.csv"), {"flag": "Nexonia"})}


def test_a_rest_directory_is_labelled_unverified_and_only_read() -> None:
    """Off unless said otherwise, and said to be unverified in any case."""
    found = read(**REST, rest={"items": "data.users"})
    assert isinstance(found.source, RestSettings)
    assert (found.sync.label, found.sync.writes, found.source.mapping.items) == (
        UNVERIFIED,
        False,
        "data.users",
    )
    assert "t" not in repr(found.source).replace("token", "").split("=")


def test_the_sandbox_is_labelled_ours() -> None:
    """Nobody may take it for Nexonia."""
    found = read(directory="sandbox", url="http://127.0.0.1:1/x", token="t", write=True)
    assert isinstance(found.source, RestSettings)
    assert (found.sync.label, found.sync.writes, found.source.mapping) == (OURS, True, SANDBOX)


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({}, "users_file"),
        ({**FILE, "users_file": "users.csv"}, "users_file"),
        ({**FILE, "shoe_size": 4}, "shoe_size"),
        ({**FILE, "url": "https://x.example"}, "url"),
        ({**FILE, "write": True}, "write"),
        ({**FILE, "directory": "ldap"}, "directory"),
        ({**FILE, "kinds": ["robot"]}, "kinds"),
        ({**FILE, "kinds": []}, "kinds"),
        ({**FILE, "kinds": "employee"}, "kinds"),
        ({**FILE, "notify": "yes"}, "notify"),
        ({**FILE, "time_zone": "Mars/Olympus"}, "time_zone"),
        ({**FILE, "forecast_at": "25:00"}, "forecast_at"),
        ({**FILE, "forecast_at": "6 pm"}, "forecast_at"),
        ({**FILE, "records": "NetSuite"}, "records"),
        ({**FILE, "employees_file": "/e.csv"}, "records"),
        ({"users_file": "/u", "employees_file": "/e"}, "vendors_file"),
        ({**FILE, "user_columns": {"shoe": "Size"}}, "user_columns.shoe"),
        ({**FILE, "user_columns": {"email": ""}}, "user_columns.email"),
        ({**FILE, "user_columns": "email"}, "user_columns"),
        ({**FILE, "max_age_h": 0}, "max_age_h"),
        ({**FILE, "max_age_h": True}, "max_age_h"),
        ({"directory": "rest", "token": "t"}, "url"),
        ({**REST, "users_file": "/u"}, "users_file"),
        ({**REST, "rest": {"verb": "x"}}, "rest.verb"),
        ({**REST, "rest": {"page_size": "x"}}, "rest.page_size"),
        ({**REST, "rest": {"page_size": 0}}, "rest.page_size"),
        ({**REST, "rest": {"change_method": "DELETE"}}, "rest.change_method"),
        ({**REST, "rest": {"fields": {"id": "uid"}}}, "rest.fields.first"),
        ({**REST, "rest": {"fields": {"shoe": "size"}}}, "rest.fields.shoe"),
        ({**REST, "write": True}, "rest.one_path"),
        ({**REST, "write": True, "rest": {"one_path": "/users", "create_path": "/users"}}, "rest.one_path"),
        ({**REST, "write": True, "rest": {**WRITABLE, "fields": FEW}}, "rest.fields.ignore"),
        ({"directory": "sandbox", "url": "http://127.0.0.1:1", "token": "t", "rest": {}}, "rest"),
    ],
)  # fmt: skip
def test_a_key_that_is_off_is_named(table: dict[str, Any], key: str) -> None:
    """The boot stops with the key, and with what would be right."""
    with pytest.raises(ConfigError) as caught:
        read(**table)
    assert caught.value.hint.startswith(f'connections."nexonia:prod".{key}: ')
