"""Integration records, their tokens and their certificate mappings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.company import cadence_s
from sandbox.netsuite.account import Account, Mapping
from sandbox.netsuite.auth.assertions import SCOPES
from sandbox.netsuite.seed.estate import Estate
from sandbox.netsuite.seed.people import flag
from sandbox.netsuite.tables import Row


def plant(account: Account, estate: Estate) -> None:
    """In the order of the file, so that ids repeat for the same seed (keys' texts too; certificates are new)."""
    for entry in estate.get("integrations", []):
        application(
            account,
            entry["name"],
            days_ago=entry.get("days_ago", 0),
            state=entry.get("state", "Enabled"),
            tba="tba" in entry["ways"],
            m2m="m2m" in entry["ways"],
        )
    for entry in estate.get("tokens", []):
        _token(account, entry)
    key = ec.generate_private_key(ec.SECP256R1())
    for number, entry in enumerate(estate.get("mappings", [])):
        _mapping(account, entry, number, key.public_key())


def application(
    account: Account,
    name: str,
    *,
    days_ago: float = 0,
    state: str = "Enabled",
    tba: bool = True,
    m2m: bool = True,
) -> Row:
    """A new integration record. Keys come from its name and the seed."""
    return account["integrationapp"].numbered(
        {
            "name": name,
            "state": state,
            "createddate": account.now - timedelta(days=days_ago),
            "_tba": tba,
            "_m2m": m2m,
            "_consumer_key": account.secret("consumer key", name),
            "_consumer_secret": account.secret("consumer secret", name),
            "_client_id": account.secret("client id", name),
            "_scopes": frozenset(SCOPES),
        }
    )


def token(
    account: Account, app: Row, entity: int, role: int, name: str, *, by: int, key: str | None = None
) -> Row:
    """A new TBA token. `key` makes its id and secret repeat; without one they are new."""
    return account["oauthtoken"].numbered(
        {
            "tba_token_name": name,
            "tba_app_name": app["id"],
            "entity_name": entity,
            "role_name": role,
            "createdby": by,
            "dcreated": account.now,
            "brevoked": "F",
            "drevoked": None,
            "binactive": "F",
            "_token_id": account.secret("token id", key) if key else account.mint("token id"),
            "_secret": account.secret("token secret", key) if key else account.mint("token secret"),
            "_cadence_s": None,
            "_orders": False,
        }
    )


def _token(account: Account, entry: dict[str, Any]) -> None:
    app, people = account.application(entry["application"]), account["employee"].where(email=entry["user"])
    roles = account["role"].where(name=entry["role"])
    if app is None or not people or not roles:
        return
    made = token(
        account, app, people[0]["id"], roles[0]["id"], entry["name"],
        by=people[0]["id"], key=f"{entry['application']} {entry['name']}",
    )  # fmt: skip
    revoked = entry.get("revoked_days_ago")
    account["oauthtoken"].change(
        made,
        dcreated=account.now - timedelta(days=entry["days_ago"]),
        brevoked=flag(revoked is not None),
        drevoked=account.now - timedelta(days=revoked) if revoked is not None else None,
        binactive=flag(entry.get("inactive", False)),
        _cadence_s=cadence_s(entry["cadence"]) if "cadence" in entry else None,
        _orders=entry.get("orders", False),
    )
    if entry.get("orders") and made["brevoked"] == "F":
        account.connector_token = made["_token_id"]


def _mapping(account: Account, entry: dict[str, Any], number: int, key: ec.EllipticCurvePublicKey) -> None:
    app, people = account.application(entry["application"]), account["employee"].where(email=entry["user"])
    roles = account["role"].where(name=entry["role"])
    if app is None or not people or not roles:
        return
    certificate_id = account.secret("certificate", str(number))[:43]
    account.mappings[certificate_id] = Mapping(
        certificate_id=certificate_id,
        integration=app["id"],
        entity=people[0]["id"],
        role=roles[0]["id"],
        key=key,
        fingerprint=f"seeded {number}",
        valid_from=account.now - timedelta(days=entry["days_ago"]),
        valid_until=(account.now + timedelta(days=entry["ends_in_days"])).date(),
        cadence_s=cadence_s(entry["cadence"]) if "cadence" in entry else None,
    )
