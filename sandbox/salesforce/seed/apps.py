"""Apps with their rows, certificates and grants."""

import hashlib
from datetime import timedelta
from typing import Any

from sandbox.company import Integration, cadence_s
from sandbox.salesforce import appregistry, passwords
from sandbox.salesforce.apps import App
from sandbox.salesforce.certificates import planted
from sandbox.salesforce.grants import MASK
from sandbox.salesforce.org import Org
from sandbox.salesforce.seed.estate import Estate
from sandbox.salesforce.seed.people import named
from sandbox.salesforce.stamps import stamp
from sandbox.salesforce.tables import Row


def plant(org: Org, estate: Estate) -> None:
    """Every app of the estate, and one for every integration the estate does not mention."""
    integrations = {i.name: i for i in org.world.company.integrations if i.platform == "salesforce"}
    entries = list(estate.get("apps", []))
    mentioned = {entry.get("integration") for entry in entries}
    entries += [
        {"integration": name, "kind": "connected", "grant_days": 200}
        for name in integrations
        if name not in mentioned
    ]
    for entry in entries:
        integration = integrations.get(entry.get("integration", ""))
        if "integration" in entry and integration is None:
            continue
        app = _app(org, entry, integration)
        _grants(org, entry, integration, app)
        if integration is not None and integration.kind == "password":
            for user in org["User"].where("Username", integration.acts_as):
                passwords.give(
                    org,
                    user,
                    secret(org, f"password:{integration.name}")[:16] + "1a",
                    secret(org, f"token:{integration.name}")[:24],
                )
    by_name = {app.name: app for app in org.apps.values()}
    for entry in estate.get("permission_sets", []):
        for name in entry.get("apps", []):
            if name in by_name:
                appregistry.approve(org, named(org, "PermissionSet", entry["name"]), by_name[name])


def secret(org: Org, label: str) -> str:
    """A made-up secret that is the same for the same seed, so that a restarted sandbox keeps its configuration."""
    return hashlib.sha256(f"{org.world.seed}:{label}".encode()).hexdigest().upper()


def _app(org: Org, entry: dict[str, Any], integration: Integration | None) -> App:
    label = entry.get("label") or (integration.name if integration else entry["name"])
    name = entry.get("name") or "_".join(label.replace("-", "_").split())
    own_key = entry.get("bot") or (integration and integration.kind == "jwt")
    keys = planted(name if own_key else "other apps")
    certificate = None
    if "certificate_days" in entry:
        ends = org.now + timedelta(days=entry["certificate_days"], hours=6)
        certificate = keys.certificate(f"{name}.{org.world.company.domain}", ends)
    credentials = bool(entry.get("run_as")) or (
        integration is not None and integration.kind == "client_credentials"
    )
    run_as = entry.get("run_as") or (integration.acts_as if credentials and integration else None)
    app = App(
        id="",
        kind=entry["kind"],
        name=name,
        label=label,
        client_id=f"3MVG9{secret(org, f'id:{name}')}"[:85],
        client_secret=secret(org, f"secret:{name}"),
        contact_email=entry.get("contact", f"admin@{org.world.company.domain}"),
        callback_url=f"https://{name.lower().replace('_', '-')}.example/callback",
        certificate=certificate,
        admin_approved=entry.get("admin_approved", False),
        installed=entry.get("installed", True),
        client_credentials=credentials,
        run_as=run_as,
        cadence_s=cadence_s(integration.cadence) if integration else None,
        flow=integration.kind if integration else "oauth",
        source_ip=entry.get("ip", "203.0.113.5"),
        api_version=entry.get("api_version", "58.0"),
        tls=entry.get("tls", "TLS 1.3"),
    )
    appregistry.register(org, app, created=stamp(org.now - timedelta(days=entry.get("grant_days", 400) + 5)))
    if own_key:
        org.private_keys[app.name] = keys.private_pem()
    return app


def _grants(org: Org, entry: dict[str, Any], integration: Integration | None, app: App) -> None:
    owner = entry.get("acts_as") or (
        integration.acts_as if integration and integration.kind == "oauth" else None
    )
    days, cadence = entry.get("grant_days", 200), app.cadence_s or 86400
    for user in org["User"].where("Username", owner) if owner else []:
        for at in range(entry.get("grants_each", 1)):
            age = timedelta(days=max(1, days - 20 * at))
            uses = (
                int(age.total_seconds() / cadence) if at == entry.get("grants_each", 1) - 1 else 40 * (at + 1)
            )
            _grant(org, user, app, age, uses, org.world.rng.uniform(0.05, 0.9) * cadence)
    for former in entry.get("former", []):
        for user in org["User"].where("Username", former):
            _grant(org, user, app, timedelta(days=days + 100), 5120, 5 * 3600)
    share = entry.get("personal_share", 0)
    if share:
        for person in org.world.people.values():
            user_id = person.ids.get("salesforce")
            holder = org["User"].get(user_id) if user_id and org.world.rng.random() < share else None
            if holder is not None:
                age = timedelta(days=org.world.rng.randint(3, 400))
                _grant(
                    org,
                    holder,
                    app,
                    age,
                    org.world.rng.randint(1, 300),
                    org.world.rng.uniform(600, 2_000_000),
                )


def _grant(org: Org, user: Row, app: App, age: timedelta, uses: int, last_used_s: float) -> None:
    number = len(org["OauthToken"])
    org["OauthToken"].insert(
        {
            "AccessToken": MASK,
            "RequestToken": MASK,
            "DeleteToken": secret(org, f"delete:{number}")[:48].lower(),
            "AppName": app.label,
            "AppMenuItemId": app.menu_item_id,
            "UserId": user["Id"],
            "CreatedDate": stamp(org.now - age),
            "LastUsedDate": stamp(org.now - min(age, timedelta(seconds=last_used_s))),
            "UseCount": max(1, uses),
            "_client_id": app.client_id,
            "_refresh_token": f"5Aep861{secret(org, f'refresh:{number}')}",
        }
    )
