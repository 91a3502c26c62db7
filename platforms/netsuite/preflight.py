"""Why a move of a credential must not run, and what people should know before they approve it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.platform.model import PrincipalKind, PrincipalStatus
from bot.text import clean, plural
from platforms.netsuite.account_self import Me
from platforms.netsuite.roles import ADMINISTRATOR, LOGIN_M2M, LOGIN_TBA, REST, RoleRecord
from platforms.netsuite.scene import Employee
from platforms.netsuite.tokens import Token

MOST_TOKENS = 25  # a vendor's article says so, Oracle's page was not found: only a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is moved, from whom to whom, as it stands at this moment. None marks what could not be seen."""

    application: str
    state: str  # of the integration record; empty where it could not be seen
    holder: Employee | None
    target: Employee
    role: RoleRecord | None
    role_id: str
    role_name: str
    me: Me
    own: bool  # whether it is the bot's own credential
    own_known: bool
    target_tokens: int
    roles_held: frozenset[str] | None
    by_certificate: bool = False
    same_user: bool = False  # a rotation


def about_token(token: Token) -> Iterator[str]:
    """Objections to moving this token at all."""
    if token.revoked:
        yield "this token is revoked: there is nothing left to move"
    if token.inactive:
        yield "this token is inactive: nothing uses it; revoke it, or make a new one"


def objections(case: Case) -> Iterator[str]:
    """Why it must not run."""
    to = case.target
    if case.own:
        yield "this is the bot's own credential: rotate it instead"
    elif not case.own_known:
        yield "the bot cannot tell which credential is its own: try again in minutes, when the trail shows its sign-in"
    if not case.same_user:
        yield from _about_target(case)
    if to.principal.status is PrincipalStatus.INACTIVE:
        yield f"{to.username} is inactive: nothing signs in with it"
    elif not to.active:
        yield f"{to.username} has no access: {_GIVE_ACCESS}"
    if case.role is not None and case.role.inactive:
        yield f"the role {case.role_name} is inactive: Setup > Users/Roles > Manage Roles > the role"
    if case.roles_held is None:
        yield "the bot cannot see who holds which role: it needs Lists > Employee Record (View)"
    yield from _about_role(case)
    if case.state and case.state.lower() != "enabled":
        yield (
            f"the integration record of {case.application} is {case.state}: Setup > Integration > Manage"
            " Integrations > the record > State: Enabled"
        )


def _about_target(case: Case) -> Iterator[str]:
    to = case.target
    if case.holder and case.holder.id == to.id:
        yield f"{to.username} holds it already"
    if to.id == case.me.entity:
        yield "the bot's own user is not for other integrations"
    if to.principal.kind is PrincipalKind.PERSON:
        yield f"{to.username} is a person, whose leaving would stop it again"
    if to.principal.kind is PrincipalKind.UNKNOWN:
        yield (
            f"nobody has said that {to.username} is an integration account: add it to integration_accounts of the"
            " connection"
        )


def _about_role(case: Case) -> Iterator[str]:
    role = case.role
    if role is None or not role.held or role.administrator:
        return  # not seen, or it may everything
    login, label = (
        (LOGIN_M2M, "Log in using OAuth 2.0 Access Tokens")
        if case.by_certificate
        else (LOGIN_TBA, "Log in using Access Tokens")
    )
    for perm, name in ((login, label), (REST, "REST Web Services")):
        if perm == REST and not case.by_certificate:
            continue  # tokens may be for SOAP or RESTlets
        if not role.held.get(perm):
            yield (
                f"the role {case.role_name} lacks “{name}”: Setup > Users/Roles > Manage Roles > the role >"
                " Permissions > Setup"
            )


def notes(case: Case) -> Iterator[str]:
    """What approvers should know."""
    to = case.target
    if case.role_id == ADMINISTRATOR:
        yield (
            f"It acts as Administrator. A token of that role can be made only by {to.username} itself; a role of its"
            " own with what the integration needs would be safer."
        )
    if not case.same_user:
        yield (
            f"From the switch on, System Notes show {to.username} under Set By where {_who(case)} stood: tell finance"
            " and whoever filters or reports by it."
        )
        if danger := [
            d for d in to.principal.privileges if not case.holder or d not in case.holder.principal.privileges
        ]:
            yield f"{to.username} has what {_who(case)} has not: {', '.join(danger)}."
    if case.target_tokens >= MOST_TOKENS - 2:
        held = plural(case.target_tokens, "active token")
        yield f"{to.username} has {held}; NetSuite is said to allow {MOST_TOKENS}."
    if not case.state:
        yield "The state of the integration record could not be seen."


def _who(case: Case) -> str:
    return clean(case.holder.username, 80) if case.holder else "the old user"


_GIVE_ACCESS = "give it with `netsuite access`, or in Setup > Users/Roles > Manage Users > the user > Access"
