"""Connected apps and external client apps: who may approve them, whom they act as, what they sign with."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from bot.domain.identity import (
    Application,
    Area,
    Credential,
    CredentialKind,
    CredentialStatus,
    Gap,
    Principal,
)
from bot.errors import Forbidden
from platforms.salesforce import queries, soap
from platforms.salesforce.client import Client, Listing
from platforms.salesforce.permissions import refused_gap, tick
from platforms.salesforce.rows import flag, text
from platforms.salesforce.soap import Element, Listed
from platforms.salesforce.together import both, every

CONNECTED = "connected app"
EXTERNAL = "external client app"
_SETTINGS = "ExtlClntAppGlobalOauthSettings"
_POLICIES = "ExtlClntAppOauthConfigurablePolicies"
_FROM_METADATA = (
    (Area.RUN_AS, "users that {} act as by client credentials"),
    (Area.APP_CERTIFICATE, "certificates of {}"),
)
METADATA_REMEDY = tick("PermissionsModifyMetadata")


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One app. ``configured`` is False while its metadata could not be seen: run-as and certificate unknown."""

    id: str
    name: str
    developer_name: str
    kind: str
    contact: str = ""
    self_authorize: bool | None = None
    configured: bool = False
    run_as: str = ""  # user name
    certificate: str = ""  # PEM
    consumer_key: str = ""

    def application(self, run_as_id: str) -> Application:
        """As the inventory has it."""
        return Application(
            native_id=self.id,
            name=self.name,
            kind=self.kind,
            contact_email=self.contact,
            run_as_id=run_as_id,
            self_authorize=self.self_authorize,
        )


@dataclass(frozen=True, slots=True)
class Apps:
    """Every app seen, and what could not be."""

    apps: tuple[App, ...]
    gaps: tuple[Gap, ...]


async def load(client: Client) -> Apps:
    """Every app with its configuration, read live."""
    (connected, external, policies), listed = await both(
        client.queries([queries.CONNECTED_APPS, queries.CLIENT_APPS, queries.CLIENT_APP_POLICIES]),
        configuration(client),
    )
    return await configured(client, read(connected, external, policies), *listed)


async def configuration(client: Client) -> tuple[tuple[Listed, ...] | Forbidden, ...]:
    """What the Metadata interface lists: connected apps with profiles, and the two parts of external apps."""

    async def kinds(*names: str) -> tuple[Listed, ...] | Forbidden:
        try:
            return await soap.listed(client, names)
        except Forbidden as error:
            return error

    return tuple(await every((kinds("ConnectedApp", "Profile"), kinds(_SETTINGS, _POLICIES))))


async def configured(
    client: Client,
    found: Apps,
    connected: Sequence[Listed] | Forbidden,
    external: Sequence[Listed] | Forbidden,
) -> Apps:
    """``found`` with run-as user, certificate and consumer key of each app, read by the Metadata interface."""
    gaps = [*found.gaps, *_unseen("connected apps", connected), *_unseen("external client apps", external)]
    of_connected = () if isinstance(connected, Forbidden) else connected
    of_external = () if isinstance(external, Forbidden) else external
    names = {kind: [o.full_name for o in of_external if o.kind == kind] for kind in (_SETTINGS, _POLICIES)}
    records, settings, policies = await every(
        (
            soap.read(
                client, "ConnectedApp", [o.full_name for o in of_connected if o.kind == "ConnectedApp"]
            ),
            soap.read(client, _SETTINGS, names[_SETTINGS]),
            soap.read(client, _POLICIES, names[_POLICIES]),
        )
    )
    by_id = {_short(o.id): o.full_name for o in of_connected if o.kind == "ConnectedApp" and o.id}
    by_name = {record.one("fullName"): record for record in records}
    by_label = {record.one("label"): record for record in records}
    by_settings = {record.one("externalClientApplication"): record for record in settings}
    by_policy = {record.one("externalClientApplication"): record for record in policies}
    apps = []
    for app in found.apps:
        if app.kind == CONNECTED:
            record = by_name.get(by_id.get(_short(app.id), "")) or by_label.get(app.name)
            apps.append(_connected(app, record))
        else:
            apps.append(
                _external(app, by_settings.get(app.developer_name), by_policy.get(app.developer_name))
            )
    gaps += _unconfigured(apps, gaps)
    return Apps(tuple(apps), tuple(gaps))


def read(
    connected: Listing | Forbidden, external: Listing | Forbidden, policies: Listing | Forbidden
) -> Apps:
    """Apps from their three listings."""
    gaps: list[Gap] = []
    apps: list[App] = []
    remedy = tick("PermissionsViewSetup", "PermissionsCustomizeApplication")
    if isinstance(connected, Forbidden):
        gaps.append(refused_gap(Area.APPLICATIONS, "connected apps", connected, remedy))
    else:
        apps += [
            App(
                id=text(row, "Id"),
                name=text(row, "Name"),
                developer_name="",
                kind=CONNECTED,
                self_authorize=not flag(row, "OptionsAllowAdminApprovedUsersOnly"),
            )
            for row in connected.rows
        ]
    if isinstance(policies, Forbidden):
        gaps.append(refused_gap(Area.APPLICATIONS, "who may approve external client apps", policies, remedy))
    if isinstance(external, Forbidden):
        gaps.append(refused_gap(Area.APPLICATIONS, "external client apps", external, remedy))
    else:
        permitted = _permitted(policies)
        for row in external.rows:
            prefix, name = text(row, "NamespacePrefix"), text(row, "DeveloperName")
            apps.append(
                App(
                    id=text(row, "Id"),
                    name=text(row, "MasterLabel"),
                    developer_name=f"{prefix}__{name}" if prefix else name,
                    kind=EXTERNAL,
                    contact=text(row, "ContactEmail"),
                    self_authorize=permitted.get(text(row, "Id")),
                )
            )
    return Apps(tuple(apps), tuple(gaps))


def credentials(
    apps: Iterable[App], people: Iterable[Principal], now: datetime
) -> tuple[list[Credential], list[Application], list[Gap]]:
    """Run-as and certificate credentials of apps, the applications, and what could not be read of them."""
    by_username = {person.username.lower(): person for person in people}
    held: list[Credential] = []
    applications: list[Application] = []
    gaps: list[Gap] = []
    for app in apps:
        person = by_username.get(app.run_as.lower()) if app.run_as else None
        applications.append(app.application(person.native_id if person else ""))
        if app.run_as:
            if person is None:
                gaps.append(
                    Gap(
                        area=Area.RUN_AS,
                        what=f"the run-as user of {app.name}",
                        reason="the app names a user that is not among the users the bot may see",
                        remedy="Setup → External Client App Manager → the app → Policies: look at Run As",
                    )
                )
            held.append(run_as(app, person.native_id if person else ""))
        if app.certificate:
            found = certificate(app, now)
            if isinstance(found, Gap):
                gaps.append(found)
            else:
                held.append(found)
    return held, applications, gaps


def run_as(app: App, user: str) -> Credential:
    """What lets the app act as its configured user."""
    return Credential(
        native_id=f"run-as:{app.id}",
        kind=CredentialKind.RUN_AS,
        label=f"{app.name} (client credentials)",
        principal_id=user,
        application_id=app.id,
    )


def certificate(app: App, now: datetime) -> Credential | Gap:
    """The certificate with which an app signs its assertions; its end is the certificate's own."""
    try:
        found = x509.load_pem_x509_certificate(_pem(app.certificate))
    except (ValueError, binascii.Error):
        return Gap(
            area=Area.APP_CERTIFICATE,
            what=f"the certificate of {app.name}",
            reason="what Salesforce holds is not a certificate we can read",
            remedy="upload it again in the app's OAuth settings",
        )
    ends = found.not_valid_after_utc
    return Credential(
        native_id=f"cert:{app.id}:{found.fingerprint(hashes.SHA256()).hex()[:20]}",
        kind=CredentialKind.APP_CERTIFICATE,
        label=f"{app.name} (certificate)",
        application_id=app.id,
        status=CredentialStatus.EXPIRED if ends <= now else CredentialStatus.ACTIVE,
        created_at=found.not_valid_before_utc,
        expires_at=ends,
    )


def _pem(raw: str) -> bytes:
    """PEM with its armour: Salesforce's own text, or the bare base64 that some exports hold."""
    if "BEGIN CERTIFICATE" in raw:
        return raw.encode()
    der = base64.b64decode("".join(raw.split()), validate=True)
    body = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"-----END CERTIFICATE-----\n"


def _permitted(policies: Listing | Forbidden) -> dict[str, bool]:
    if isinstance(policies, Forbidden):
        return {}
    return {
        text(row, "ExternalClientApplicationId"): text(row, "PermittedUsersPolicyType") == "AllSelfAuthorized"
        for row in policies.rows
    }


def _connected(app: App, record: Element | None) -> App:
    if record is None:
        return app
    return replace(
        app,
        developer_name=record.one("fullName"),
        contact=record.one("contactEmail"),
        configured=True,
        run_as=record.one("oauthConfig/oauthClientCredentialUser"),
        certificate=record.one("oauthConfig/certificate"),
        consumer_key=record.one("oauthConfig/consumerKey"),
    )


def _external(app: App, settings: Element | None, policy: Element | None) -> App:
    if settings is None and policy is None:
        return app
    return replace(
        app,
        configured=settings is not None and policy is not None,
        run_as=policy.one("clientCredentialsFlowUser") if policy else "",
        certificate=settings.one("certificate") if settings else "",
        consumer_key=settings.one("consumerKey") if settings else "",
    )


def _unseen(what: str, listed: Sequence[Listed] | Forbidden) -> list[Gap]:
    if not isinstance(listed, Forbidden):
        return []
    return [refused_gap(area, words.format(what), listed, METADATA_REMEDY) for area, words in _FROM_METADATA]


def _unconfigured(apps: Iterable[App], known: Sequence[Gap]) -> list[Gap]:
    """
    Apps whose metadata is missing although the interface answered, as for apps from a package.

    Named as a gap in applications: no run-as user or certificate of theirs was ever listed, so none can seem gone.
    """
    if any(gap.area in {Area.RUN_AS, Area.APP_CERTIFICATE} for gap in known):
        return []
    hidden = [app.name for app in apps if not app.configured]
    if not hidden:
        return []
    names = ", ".join(hidden[:5]) + (f" and {len(hidden) - 5} more" if len(hidden) > 5 else "")
    return [
        Gap(
            area=Area.APPLICATIONS,
            what=f"run-as users and certificates of {names}",
            reason="Salesforce lists these apps but shows no configuration of them, as for apps from a package",
            remedy="look in Setup → App Manager",
        )
    ]


def _short(record: str) -> str:
    """Ids are printed with 15 or 18 characters; the first 15 are the id."""
    return record[:15]
