"""The plan that makes an integration user the way Salesforce recommends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import available_timezones

from bot.errors import BadArgument
from bot.platform.plan import Action, Draft, Plan, PlanKind, Step, StepMode, Twin
from platforms.salesforce import plans, queries
from platforms.salesforce.answers import Listing, Row, number, text
from platforms.salesforce.org import Org, profile_named, survey
from platforms.salesforce.people import INTEGRATION_LICENCE, Profile
from platforms.salesforce.permissions import API_ONLY

PARAMS = frozenset(
    {
        "name",
        "last_name",
        "label",
        "email",
        "username",
        "alias",
        "profile",
        "permission_sets",
        "timezone",
        "security_token",
    }
)
# Recommended first. Source: Salesforce Help, platform.integration_user, and field reports, 2026-11-21.
PROFILES = ("Minimum Access - API Only Integrations", "Salesforce API Only System Integrations")
_SET_LICENCES = ("SalesforceAPIIntegrationPsl", "SalesforceAPIIntegrationPSL")
_EMAIL = re.compile(r"[^@\s\"'<>\\,;]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A user as asked for, every value in the form Salesforce takes."""

    last_name: str
    email: str
    username: str
    alias: str
    timezone: str
    profile: str = ""
    sets: tuple[str, ...] = ()
    security_token: bool = False


def read(params: Mapping[str, str]) -> Wanted:
    """
    Check every value before anything is asked of Salesforce: a user, once made, can never be deleted.

    Raises:
        BadArgument: which value is off, and what would do.
    """
    username = params.get("username", "").lower()
    last_name = params.get("name") or params.get("last_name") or params.get("label") or ""
    email = params.get("email", "")
    alias = params.get("alias") or re.sub(r"[^a-z0-9]", "", username.partition("@")[0])[:8]
    zone = params.get("timezone") or "GMT"
    if not 0 < len(last_name) <= 80:
        raise BadArgument("name: give the integration's name, up to 80 characters, for example Marketo sync")
    if len(username) > 80 or not _EMAIL.fullmatch(username):
        raise BadArgument(
            "username: it must look like an e-mail and be unique in all of Salesforce, for example"
            " svc-marketo@yourcompany.com.integrations"
        )
    queries.address(username)
    if len(email) > 128 or not _EMAIL.fullmatch(email):
        raise BadArgument(
            "email: give an address that a team reads, for example integrations@yourcompany.com"
        )
    if not 0 < len(alias) <= 8:
        raise BadArgument("alias: one to 8 characters")
    if zone not in available_timezones():
        raise BadArgument("timezone: give a name like GMT or Europe/Berlin")
    token = params.get("security_token", "no").lower()
    if token not in {"yes", "no", "true", "false", ""}:
        raise BadArgument("security_token: yes or no. Only SOAP and username-password sign-ins need one")
    return Wanted(
        last_name=last_name,
        email=email,
        username=username,
        alias=alias,
        timezone=zone,
        profile=params.get("profile", ""),
        sets=tuple(s for s in (part.strip() for part in params.get("permission_sets", "").split(",")) if s),
        security_token=token in {"yes", "true"},
    )


async def draft(org: Org, params: Mapping[str, str]) -> Draft:
    """
    User, then permission set licence, then permission sets: Salesforce refuses the other order.

    Raises:
        BadArgument: a value is off, or a profile or permission set is not there.
    """
    wanted = read(params)
    known = await survey(org)
    profile = profile_named(known, wanted.profile) if wanted.profile else profile_named(known, *PROFILES)
    if profile is None:
        raise BadArgument(
            f"profile: the org has none called {wanted.profile!r}"
            if wanted.profile
            else f"profile: the org has neither “{PROFILES[0]}” nor “{PROFILES[1]}”; name another"
        )
    taken, user_licences, set_licences, sets = await org.answers(
        queries.users_by_address(wanted.username),
        queries.USER_LICENCES,
        queries.SET_LICENCES,
        queries.PERMISSION_SETS,
    )
    license_row = _licence(set_licences) if profile.license == INTEGRATION_LICENCE else None
    chosen = [_set_named(sets, name) for name in wanted.sets]
    objections = list(_objections(wanted, profile, taken, user_licences))
    if profile.license == INTEGRATION_LICENCE and license_row is None:
        objections.append("the org has no permission set license “Salesforce API Integration”")
    elif license_row is not None and number(license_row, "UsedLicenses") >= number(
        license_row, "TotalLicenses"
    ):
        objections.append("no permission set license “Salesforce API Integration” is free")
    plan = Plan(
        kind=PlanKind.CHANGE,
        connection=org.client.wire.connection,
        title=f"Create integration user {wanted.username}",
        subject_id=wanted.username,
        subject_label=wanted.last_name,
        steps=tuple(_steps(wanted, params, profile, license_row, chosen)),
        target_label=wanted.username,
        notes=tuple(_notes(wanted, profile)),
    )
    return Draft(plan=plan, objections=tuple(objections))


def _steps(
    wanted: Wanted, params: Mapping[str, str], profile: Profile, license_row: Row | None, sets: list[Row]
) -> list[Step]:
    to = {"username": wanted.username}
    fields = {
        "last_name": wanted.last_name,
        "email": wanted.email,
        "alias": wanted.alias,
        "profile_id": profile.id,
        "timezone": wanted.timezone,
    }
    steps = [
        plans.preflight("create", params),
        Step(
            key="create-user",
            mode=StepMode.AUTO,
            title=f"Create {wanted.username} with profile {profile.name}",
            action=Action(verb="create-user", subject="", params=to | fields),
            evidence="the user, found by its user name",
            twin=Twin(
                mode=StepMode.AUTO,
                title=f"Deactivate {wanted.username}: Salesforce never deletes users",
                action=Action(verb="deactivate-made-user", subject="", params=to),
                evidence="the user's Active mark, read back",
            ),
        ),
    ]
    if license_row is not None:
        steps.append(
            Step(
                key="assign-licence",
                mode=StepMode.AUTO,
                title=f"Give it the permission set license {text(license_row, 'MasterLabel')}",
                action=Action(
                    verb="assign-licence", subject="", params=to | {"licence": text(license_row, "Id")}
                ),
                evidence="the assignment, read back",
                twin=Twin(
                    mode=StepMode.AUTO,
                    title=f"Remove the permission set license {text(license_row, 'MasterLabel')} from it",
                    action=Action(
                        verb="unassign-licence", subject="", params=to | {"licence": text(license_row, "Id")}
                    ),
                    evidence="the assignment is gone",
                ),
            )
        )
    steps += [
        Step(
            key=f"assign-set-{number_of}",
            mode=StepMode.AUTO,
            title=f"Assign permission set {text(row, 'Label')}",
            action=Action(verb="assign-set", subject="", params=to | {"set": text(row, "Id")}),
            evidence="the assignment, read back",
            twin=Twin(
                mode=StepMode.AUTO,
                title=f"Remove permission set {text(row, 'Label')} from it",
                action=Action(verb="unassign-set", subject="", params=to | {"set": text(row, "Id")}),
                evidence="the assignment is gone",
            ),
        )
        for number_of, row in enumerate(sets, 1)
    ]
    return [*steps, *([_token_step(wanted)] if wanted.security_token else [])]


def _token_step(wanted: Wanted) -> Step:
    """No API reads, sets or resets a security token."""
    return Step(
        key="security-token",
        mode=StepMode.GUIDED,
        title=f"Have Salesforce send the security token of {wanted.username}",
        action=Action(verb="sign-in-seen", subject="", params={"username": wanted.username}),
        instructions=(
            f"Setup → Users → {wanted.last_name} → Reset Password: a link goes to {wanted.email}.",
            "Open the link in a private window and set a password. Setting it makes Salesforce e-mail a new token.",
            "If the page refuses an API-only user: take API Only off its profile for these minutes, set the"
            " password, choose Settings → Reset My Security Token, and put API Only back.",
            "Enter password and token in the integration itself, never in Slack. If its profile has login IP"
            " ranges, no token is needed from there.",
        ),
        evidence="a successful sign-in of this user by program in Login History",
        undo="reset the password again: the old one and its token stop working",
    )


def _objections(wanted: Wanted, profile: Profile, taken: Listing, licenses: Listing) -> list[str]:
    found = []
    if any(text(row, "Username").lower() == wanted.username for row in taken.rows):
        found.append(f"{wanted.username} exists already")
    row = next((r for r in licenses.rows if text(r, "Name") == profile.license), None)
    if row is None:
        found.append(f"the bot cannot find a license called {profile.license!r}")
    elif number(row, "UsedLicenses") >= number(row, "TotalLicenses"):
        total = number(row, "TotalLicenses")
        found.append(f"no {profile.license} license is free: all {total} are in use")
    return found


def _notes(wanted: Wanted, profile: Profile) -> list[str]:
    notes = ["Give it an owner in Handover afterwards: Salesforce has no field for one."]
    if profile.license != INTEGRATION_LICENCE and API_ONLY not in profile.held:
        notes.append(
            f"Profile {profile.name} has neither the integration license nor API Only: people could sign in with it."
        )
    if not wanted.sets:
        notes.append("Without permission sets it can sign in but sees almost no data.")
    notes.append("Restrict its login IP ranges before its first use: `salesforce restrict`.")
    return notes


def _licence(found: Listing) -> Row | None:
    return next((row for row in found.rows if text(row, "DeveloperName") in _SET_LICENCES), None)


def _set_named(found: Listing, name: str) -> Row:
    wanted = name.casefold()
    fitting = [
        row for row in found.rows if wanted in {text(row, "Name").casefold(), text(row, "Label").casefold()}
    ]
    if len(fitting) != 1:
        raise BadArgument(
            f"permission_sets: the org has {'none' if not fitting else 'several'} called {name[:60]!r}"
        )
    return fitting[0]
