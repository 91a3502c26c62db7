"""Connected apps and external client apps: who may approve them, whom they act as, what they sign with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from bot.concurrency import both, every
from bot.errors import Forbidden
from bot.platform.model import Application, Area, CoverageGap
from platforms.salesforce import queries, soap
from platforms.salesforce.answers import Listing, flag, text
from platforms.salesforce.client import Client
from platforms.salesforce.permissions import METADATA, refused_gap, tick
from platforms.salesforce.soap import Element, Listed

CONNECTED = "connected app"
EXTERNAL = "external client app"
_SETTINGS = "ExtlClntAppGlobalOauthSettings"
_POLICIES = "ExtlClntAppOauthConfigurablePolicies"
_FROM_METADATA = (
    (Area.RUN_AS, "users that {} act as by client credentials"),
    (Area.APP_CERTIFICATE, "certificates of {}"),
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """How long an app's refresh tokens last, in the org's own words; empty where it does not say."""

    policy: str = ""
    period: str = ""
    unit: str = ""


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
    certificate: str = field(default="", repr=False)  # PEM
    consumer_key: str = field(default="", repr=False)
    refresh: Refresh = Refresh()

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
    gaps: tuple[CoverageGap, ...]


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


def closed(what: str, error: Forbidden) -> list[CoverageGap]:
    """The gaps where the Metadata interface does not show ``what``."""
    deed = tick(*METADATA)
    return [refused_gap(area, said.format(what), error, deed) for area, said in _FROM_METADATA]


async def configured(
    client: Client,
    found: Apps,
    connected: Sequence[Listed] | Forbidden,
    external: Sequence[Listed] | Forbidden,
) -> Apps:
    """``found`` with run-as user, certificate and consumer key of each app, read by the Metadata interface."""
    gaps = list(found.gaps)

    async def records(what: str, kind: str, listed: Sequence[Listed] | Forbidden) -> tuple[Element, ...]:
        try:
            if isinstance(listed, Forbidden):
                raise listed
            return await soap.read(client, kind, [one.full_name for one in listed if one.kind == kind])
        except Forbidden as error:
            gaps.extend(closed(what, error))
            return ()

    of_connected, settings, policies = await every(
        (
            records("connected apps", "ConnectedApp", connected),
            records("external client apps", _SETTINGS, external),
            records("external client apps", _POLICIES, external),
        )
    )
    listed_apps = () if isinstance(connected, Forbidden) else connected
    by_id = {_short(o.id): o.full_name for o in listed_apps if o.kind == "ConnectedApp" and o.id}
    by_name = {record.one("fullName"): record for record in of_connected}
    by_label = {record.one("label"): record for record in of_connected}
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
    gaps: list[CoverageGap] = []
    apps: list[App] = []
    remedy = tick("PermissionsViewSetup", "PermissionsCustomizeApplication")
    if isinstance(connected, Forbidden):
        gaps += [refused_gap(Area.APPLICATIONS, "connected apps", connected, remedy)]
        gaps += closed("connected apps", connected)  # what is not listed has no configuration to read either
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
        gaps += [refused_gap(Area.APPLICATIONS, "external client apps", external, remedy)]
        gaps += closed("external client apps", external)
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
        refresh=Refresh(
            *(policy.one(f"refreshToken{part}") for part in ("PolicyType", "ValidityPeriod", "ValidityUnit"))
        )
        if policy
        else Refresh(),
    )


def _unconfigured(apps: Iterable[App], known: Sequence[CoverageGap]) -> list[CoverageGap]:
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
        CoverageGap(
            area=Area.APPLICATIONS,
            what=f"run-as users and certificates of {names}",
            reason="Salesforce lists these apps but shows no configuration of them, as for apps from a package",
            remedy="look in Setup → App Manager",
        )
    ]


def _short(record: str) -> str:
    """Ids are printed with 15 or 18 characters; the first 15 are the id."""
    return record[:15]
