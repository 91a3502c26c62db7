"""The made-up company that every stand-in seeds itself from, read from a TOML file and scaled on demand."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

DEFAULT_FILE = Path(__file__).with_name("company.toml")
ROLES = ("admin", "approver", "operator", "viewer")
INTEGRATION_KINDS = ("oauth", "client_credentials", "jwt", "password")

_GIVEN = [
    "Amara",
    "Bjørn",
    "Chiara",
    "Dmitri",
    "Élodie",
    "Farid",
    "Grace",
    "Hiroshi",
    "Ifeoma",
    "João",
    "Katarzyna",
    "Liam",
    "Meera",
    "Nikos",
    "Olu",
    "Paz",
    "Quynh",
    "Rania",
    "Santiago",
    "Thandiwe",
    "Ulf",
    "Valentina",
    "Wei",
    "Ximena",
    "Yusuf",
    "Zsófia",
]
_FAMILY = [
    "Adeyemi",
    "Bergström",
    "Costa",
    "Dubois",
    "Eriksen",
    "Fernández",
    "Gupta",
    "Haddad",
    "Ivanov",
    "Jankowski",
    "Kimura",
    "Larsen",
    "Müller",
    "Nguyen",
    "Okafor",
    "Papadopoulos",
    "Quinn",
    "Rossi",
    "Suzuki",
    "Tanaka",
    "Uddin",
    "Vega",
    "Walsh",
    "Xu",
    "Yılmaz",
    "Zhang",
]


class CompanyError(ValueError):
    """The company file is wrong; the text names the entry and the key."""


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of the file. `slack_role` is what the bot lets them do; `manager` is an e-mail."""

    email: str
    name: str
    title: str
    department: str
    manager: str | None
    slack_role: Literal["admin", "approver", "operator", "viewer"]
    platforms: tuple[str, ...]
    tz: str


@dataclass(frozen=True, slots=True)
class Integration:
    """
    One integration and who it logs in as.

    `kind` is how: oauth (a user authorised it), client_credentials (a run-as user), jwt (a certificate),
    password (user name, password and security token). `acts_as` is a person's e-mail or the user name of a
    service account. `cadence` is how often it works: a number and m, h or d.
    """

    name: str
    platform: str
    kind: Literal["oauth", "client_credentials", "jwt", "password"]
    acts_as: str
    consumer: str
    cadence: str


@dataclass(frozen=True, slots=True)
class Channel:
    """A Slack channel. `members` is "everyone" or a department's name; `alerts` marks the bot's channel."""

    name: str
    topic: str
    members: str
    alerts: bool
    private: bool
    bot: bool


@dataclass(frozen=True, slots=True)
class Company:
    """Everything in the file, plus generated people. `raw` keeps sections that only one stand-in reads."""

    name: str
    domain: str
    people: tuple[Employee, ...]
    integrations: tuple[Integration, ...]
    channels: tuple[Channel, ...]
    raw: dict[str, Any]


def load(path: Path | None = None, *, people: int | None = None, seed: int = 1) -> Company:
    """
    Read a company file; with `people`, add generated viewers until there are that many.

    Raises CompanyError when a key is missing or has a value outside its set, FileNotFoundError as usual.
    """
    try:
        raw = tomllib.loads((path or DEFAULT_FILE).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CompanyError(f"{path or DEFAULT_FILE}: {problem}") from problem
    company = raw.get("company", {})
    name, domain = _text(company, "name", "[company]"), _text(company, "domain", "[company]")
    employees = [_employee(entry) for entry in raw.get("people", [])]
    known = {employee.email for employee in employees}
    if len(known) != len(employees):
        raise CompanyError("[[people]]: two entries have the same email")
    for employee in employees:
        if employee.manager is not None and employee.manager not in known:
            raise CompanyError(f"[[people]] {employee.email}: manager {employee.manager!r} is nobody here")
    if people is not None:
        employees.extend(_generated(people - len(employees), domain, known, seed))
    return Company(
        name=name,
        domain=domain,
        people=tuple(employees),
        integrations=tuple(_integration(entry) for entry in raw.get("integrations", [])),
        channels=tuple(_channel(entry) for entry in raw.get("channels", [])),
        raw=raw,
    )


def cadence_s(text: str) -> int:
    """Seconds of a cadence such as "15m", "6h" or "1d"."""
    unit = {"m": 60, "h": 3600, "d": 86400}.get(text[-1:])
    if unit is None or not text[:-1].isdigit() or int(text[:-1]) == 0:
        raise CompanyError(f"cadence {text!r} is not a number followed by m, h or d")
    return int(text[:-1]) * unit


def _employee(entry: dict[str, Any]) -> Employee:
    where = f"[[people]] {entry.get('email', '?')}"
    return Employee(
        email=_text(entry, "email", where),
        name=_text(entry, "name", where),
        title=_text(entry, "title", where),
        department=_text(entry, "department", where),
        manager=entry.get("manager"),
        slack_role=_one_of(entry, "slack_role", ROLES, where),
        platforms=tuple(entry.get("platforms", ())),
        tz=_text(entry, "tz", where),
    )


def _integration(entry: dict[str, Any]) -> Integration:
    where = f"[[integrations]] {entry.get('name', '?')}"
    cadence_s(_text(entry, "cadence", where))
    return Integration(
        name=_text(entry, "name", where),
        platform=_text(entry, "platform", where),
        kind=_one_of(entry, "kind", INTEGRATION_KINDS, where),
        acts_as=_text(entry, "acts_as", where),
        consumer=_text(entry, "consumer", where),
        cadence=entry["cadence"],
    )


def _channel(entry: dict[str, Any]) -> Channel:
    where = f"[[channels]] {entry.get('name', '?')}"
    return Channel(
        name=_text(entry, "name", where),
        topic=entry.get("topic", ""),
        members=entry.get("members", "everyone"),
        alerts=bool(entry.get("alerts", False)),
        private=bool(entry.get("private", False)),
        bot=bool(entry.get("bot", True)),
    )


def _generated(count: int, domain: str, known: set[str], seed: int) -> list[Employee]:
    rng = random.Random(seed)  # noqa: S311 - names, not secrets
    made = []
    for number in range(max(0, count)):
        given, family = rng.choice(_GIVEN), rng.choice(_FAMILY)
        made.append(
            Employee(
                email=f"staff{number + 1:05d}@{domain}",
                name=f"{given} {family}",
                title="Associate",
                department=rng.choice(("Sales", "Support", "Warehouse", "Finance", "Marketing")),
                manager=None,
                slack_role="viewer",
                platforms=("salesforce", "netsuite"),
                tz=rng.choice(("Europe/London", "America/Chicago", "Asia/Kolkata")),
            )
        )
        if made[-1].email in known:
            raise CompanyError(f"[[people]]: {made[-1].email} is kept for generated people")
    return made


def _text(entry: dict[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise CompanyError(f"{where}: {key} must be a text")
    return value


def _one_of(entry: dict[str, Any], key: str, allowed: tuple[str, ...], where: str) -> Any:
    value = entry.get(key)
    if value not in allowed:
        raise CompanyError(f"{where}: {key} must be one of {', '.join(allowed)}, not {value!r}")
    return value
