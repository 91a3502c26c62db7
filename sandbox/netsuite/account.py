"""The state of the pretended account: its tables, keys, sessions and clock."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from sandbox.netsuite.catalogue import ADMINISTRATOR, FULL, NONE, TABLES, VIEW
from sandbox.netsuite.switches import Switches
from sandbox.netsuite.tables import Row, Table
from sandbox.world import World

ACCOUNT_ID = "3182736_SB1"
FIRST_IDS = {"integrationapp": 11, "employee": 1101, "vendor": 4001, "transaction": 70001, "oauthtoken": 201}
SYSTEM = -5
"""The entity that stands for the system itself in Oracle's samples."""


@dataclass(slots=True, eq=False)
class Mapping:
    """One OAuth 2.0 client credentials mapping: who an assertion signed by this certificate's key acts as."""

    certificate_id: str
    integration: int
    entity: int
    role: int
    key: RSAPublicKey | EllipticCurvePublicKey
    fingerprint: str
    valid_from: datetime
    valid_until: date
    revoked: bool = False
    invalidated: bool = False
    cadence_s: int | None = None

    @property
    def algorithm(self) -> str:
        return "RSA" if isinstance(self.key, RSAPublicKey) else "EC"


@dataclass(slots=True)
class Bearer:
    """One issued OAuth 2.0 access token."""

    mapping: Mapping
    scopes: frozenset[str]
    expires_at: datetime


@dataclass(slots=True)
class RequestToken:
    """One running three-step flow. `verifier` is there once somebody has consented."""

    secret: str
    integration: int
    callback: str
    state: str = ""
    verifier: str = ""
    entity: int = 0
    role: int = 0


@dataclass(slots=True)
class Account:
    """One account on one port. `base_url` is the address it is served at; `switches` may be replaced at any time."""

    world: World
    switches: Switches = field(default_factory=Switches)
    id: str = ACCOUNT_ID
    base_url: str = ""
    tables: dict[str, Table] = field(default_factory=dict)
    permissions: dict[int, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    mappings: dict[str, Mapping] = field(default_factory=dict)
    bearers: dict[str, Bearer] = field(default_factory=dict)
    request_tokens: dict[str, RequestToken] = field(default_factory=dict)
    nonces: dict[tuple[str, str], int] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)
    """Employee id to the e-mail of the world's person."""
    connector_token: str = ""
    """The Token ID that somebody entered in NetSuite Connector's own settings."""
    connector_secret_wrong: bool = False
    """Whether the Token Secret entered there was not that token's."""
    minted: int = 0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"netsuite:{self.world.seed}")  # noqa: S311 - believable data, not secrets
        names = {spec.kept_by or name for name, spec in TABLES.items()}
        self.tables = {name: Table(FIRST_IDS.get(name, 1)) for name in names}
        self.tables["dual"].insert({"dummy": "X"})

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    @property
    def now(self) -> datetime:
        """NetSuite's own clock: the world's, plus the skew that a lever may set."""
        return self.world.now + timedelta(seconds=self.switches.clock_skew_s)

    @property
    def label(self) -> str:
        """The account as a host name spells it."""
        return self.id.lower().replace("_", "-")

    def secret(self, kind: str, key: str) -> str:
        """64 hexadecimal digits, the same for the same seed, kind and key."""
        return hashlib.sha256(f"netsuite:{self.world.seed}:{kind}:{key}".encode()).hexdigest()

    def mint(self, kind: str) -> str:
        """64 hexadecimal digits never given before."""
        self.minted += 1
        return self.secret(kind, f"minted {self.minted}")

    def level(self, role: int, permission: str) -> int:
        """0 (none) to 4 (full). Administrator may everything."""
        if role == ADMINISTRATOR:
            return FULL
        return self.permissions[role].get(permission, NONE)

    def may(self, role: int, permission: str, level: int = VIEW) -> bool:
        return self.level(role, permission) >= level

    def roles_of(self, entity: int) -> list[int]:
        employee = self["employee"].get(entity)
        return list(employee["_roles"]) if employee else []

    def set_roles(self, employee: Row, roles: list[int]) -> None:
        """Make these the employee's roles, in the record and in the assignment tables."""
        for row in employee.pop("_assignments", ()):
            self["assignments"].delete(row)
        rows = [self["assignments"].insert({"entity": employee["id"], "role": role}) for role in roles]
        self["employee"].change(
            employee,
            _roles=list(roles),
            _assignments=rows,
            rolesforsearch=", ".join(map(str, roles)) or None,
            lastmodifieddate=self.now,
        )

    def application(self, name: str) -> Row | None:
        """The integration record with that name."""
        return next(iter(self["integrationapp"].where(name=name)), None)

    def name(self, table: str, number: int | None) -> str | None:
        """What BUILTIN.DF shows for a reference."""
        row = self[table].get(number) if table in self.tables else None
        if row is None:
            return "-System-" if number == SYSTEM and table == "employee" else None
        return str(row.get("entityid") or row.get("name"))

    def note(
        self,
        record: str,
        row: Row,
        changes: dict[str, tuple[Any, Any]],
        by: int,
        role: int | None,
        context: str,
    ) -> None:
        """One System Note per changed field. The entity -5 (system) may be the author."""
        at, type_id = self.now, RECORD_TYPES[record]
        for name, (old, new) in changes.items():
            self["systemnote"].insert(
                {
                    "record": record, "recordid": row["id"], "recordtypeid": type_id, "date": at, "name": by,
                    "role": role, "context": context, "field": name, "oldvalue": _shown(old), "newvalue": _shown(new),
                }
            )  # fmt: skip


RECORD_TYPES = {"employee": -9, "vendor": -9, "transaction": -30}
"""recordtypeid of System Notes, as reported."""


def _shown(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime | date):
        return f"{value.month}/{value.day}/{value.year}"
    return str(value)
