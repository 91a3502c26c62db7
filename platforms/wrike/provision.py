"""The plan that makes a service account, one for each system, the way Wrike recommends.

Source: Wrike Help, "Using a Service Account for Wrike Integrate": a mailbox, an invitation, its acceptance with a
complex password, then permissions and content.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.errors import BadArgument, Forbidden
from bot.platform import secret_steps
from bot.platform.plan import Action, Draft, Plan, PlanKind, Step, StepMode, Twin
from bot.text import clean, fold
from platforms.wrike import account, invitations, people, planning, token_steps
from platforms.wrike.account import Account, UserType
from platforms.wrike.config import EMAIL
from platforms.wrike.declared import Flow, FlowKind
from platforms.wrike.folders import Folder, Tree
from platforms.wrike.org import Org, label
from platforms.wrike.people import Contact, Directory
from platforms.wrike.planning import Params
from platforms.wrike.token_steps import Case

PARAMS = frozenset(
    {
        "email",
        "system",
        "name",
        "user_type",
        "folders",
        "flow",
        "credential",
        "consumer",
        "destination",
    }
)
_NO_CREDENTIAL = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An account as asked for."""

    email: str
    system: str
    name: str
    user_type: str
    folders: str
    flow: str
    kind: FlowKind | None
    consumer: str
    destination: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What Wrike says of it, read live."""

    directory: Directory
    bought: Account
    sent: tuple[invitations.Invitation, ...] | Forbidden
    type: UserType | None
    tree: Tree
    shares: tuple[Folder, ...]
    flow: Flow | None
    flows: tuple[Flow, ...]
    services: frozenset[str]
    audited: bool

    def member(self, email: str) -> Contact | None:
        """Who has that address already and is not deleted."""
        return next((one for one in self.directory.by_email(email) if not one.deleted), None)

    def pending(self, email: str) -> invitations.Invitation | None:
        """The invitation that waits for that address."""
        last = None if isinstance(self.sent, Forbidden) else invitations.latest(self.sent, email)
        return last if last and last.status == invitations.PENDING else None


def read(params: Params) -> Wanted:
    """
    Check what can be checked before anything is asked of Wrike.

    Raises:
        BadArgument: which value is off, and what would do.
    """
    email, system = params.get("email", "").strip().lower(), params.get("system", "").strip()
    if len(email) > 120 or not EMAIL.fullmatch(email):
        raise BadArgument("email: give a mailbox that a team reads, for example svc.netsuite@yourcompany.com")
    if not 0 < len(system) <= 60:
        raise BadArgument(
            "system: say which system it is for, for example NetSuite. One account for each system"
        )
    kind = params.get("credential", "").strip().lower().replace("-", "_")
    if kind not in {"", _NO_CREDENTIAL, *FlowKind}:
        raise BadArgument("credential: permanent_token, oauth or none")
    if kind == _NO_CREDENTIAL and params.get("flow", "").strip():
        raise BadArgument("credential: a flow needs one. Leave out the flow, or this")
    return Wanted(
        email=email,
        system=system,
        name=params.get("name", "").strip() or f"{system} integration",
        user_type=params.get("user_type", "").strip(),
        folders=params.get("folders", ""),
        flow=params.get("flow", "").strip(),
        kind=FlowKind(kind) if kind and kind != _NO_CREDENTIAL else None,
        consumer=params.get("consumer", "").strip(),
        destination=params.get("destination", "").strip() or secret_steps.MANUAL,
    )


async def draft(org: Org, params: Params, tree: Tree) -> Draft:
    """
    Mailbox, invitation, acceptance, type, content, token, proof; for a flow also the end of its old token.

    Who is a member or invited already is found first: nobody is invited twice.

    Raises:
        BadArgument, NotFound: a value is off, or names nothing.
    """
    wanted = read(params)
    facts = await _facts(org, wanted, tree)
    member, flow = facts.member(wanted.email), facts.flow
    holder = next(iter(facts.directory.by_email(flow.account)), None) if flow else None
    steps = [
        planning.preflight("provision", params),
        *([] if member else _joining(org, wanted, facts)),
        *_type_steps(wanted, facts, member),
        *planning.share_steps(tree, facts.shares, member.id if member else "", wanted.email),
        _remembered(wanted),
    ]
    kind = wanted.kind or (flow.kind if flow else None)
    if kind:
        case = Case(
            kind=kind,
            account=facts.directory.account,
            contact=member.id if member else "",
            label=wanted.email,
            consumer=wanted.consumer,
            destination=wanted.destination,
            rest_s=org.settings.unused_for_s,
            audited=facts.audited,
            flow=flow,
            holder_id=holder.id if holder else "",
            holder_label=flow.account if flow else "",
        )
        steps += token_steps.renew(case)
        if flow:
            steps += [*token_steps.noted(case), *token_steps.rest(case), *token_steps.retire(case)]
    makes_token = kind is FlowKind.PERMANENT_TOKEN
    plan = Plan(
        kind=PlanKind.CHANGE,
        connection=org.client.connection,
        title=f"Make the Wrike service account {wanted.email} for {wanted.system}",
        subject_id=flow.id if flow else f"account:{wanted.email}",
        subject_label=wanted.email,
        steps=tuple(steps),
        application=flow.name if flow else "",
        holder_id=holder.id if holder else "",
        holder_email=flow.account if flow else "",
        target_id=member.id if member else "",
        target_label=wanted.email,
        notes=tuple(_notes(wanted, facts, kind)),
        consumer=wanted.consumer,
        destination=wanted.destination if makes_token else "",
    )
    return Draft(plan=plan, objections=tuple(_objections(wanted, facts)))


async def _facts(org: Org, wanted: Wanted, tree: Tree) -> Facts:
    client = org.client
    flow = await org.flow(wanted.flow) if wanted.flow else None
    names = ",".join([wanted.folders, *(flow.folders if flow and not wanted.folders.strip() else ())])
    shares = planning.folders_named(tree, names.strip(","))
    sent: tuple[invitations.Invitation, ...] | Forbidden
    try:
        sent = await invitations.listed(client)
    except Forbidden as error:
        sent = error
    return Facts(
        directory=await people.directory(client),
        bought=await account.read(client),
        sent=sent,
        type=await _type(org, wanted.user_type) if wanted.user_type else None,
        tree=tree,
        shares=shares,
        flow=flow,
        flows=await org.register.known_flows(),
        services=await org.register.known_accounts(),
        audited=await org.sees_audit(),
    )


async def _type(org: Org, named: str) -> UserType:
    types = await account.user_types(org.client)
    if isinstance(types, Forbidden):
        raise BadArgument("user_type: Wrike does not show the bot which user types there are; leave it out")
    found = [one for one in types if fold(named) in (fold(one.title), fold(one.id))]
    if len(found) != 1:
        there = ", ".join(one.title for one in types)
        raise BadArgument(f"user_type: there is no “{clean(named, 40)}”. There is: {there}")
    if not found[0].role and any(word in fold(found[0].title) for word in ("admin", "owner")):
        raise BadArgument(
            "user_type: administrators and owners are made by hand only, and no integration needs one"
        )
    return found[0]


def _joining(org: Org, wanted: Wanted, facts: Facts) -> Iterable[Step]:
    """From a mailbox to a member."""
    pending = facts.pending(wanted.email)
    first, _, last = wanted.name.partition(" ")
    yield Step(
        key="mailbox",
        mode=StepMode.ATTESTED,
        title=f"Confirm that somebody of the team reads mail to {wanted.email}",
        action=Action(verb="attest", subject="", params={"email": wanted.email}),
        instructions=(
            f"Send a mail to {wanted.email} and see it arrive. A shared mailbox, nobody's own: it must outlive people.",
        ),
        evidence="the word of whoever did it; the acceptance below proves it again",
    )
    fields = {"email": wanted.email, "first": first, "last": last}
    fields |= {"user_type": facts.type.id} if facts.type else {}
    fields |= {"resend": pending.id} if pending else {}
    yield Step(
        key="invite",
        mode=StepMode.AUTO,
        title=f"Send the waiting invitation to {wanted.email} again"
        if pending
        else f"Invite {wanted.email} to Wrike",
        action=Action(verb="invite", subject="", params=fields),
        evidence="the invitation, found in the list by its address",
        twin=Twin(
            mode=StepMode.AUTO,
            title=f"Cancel the invitation of {wanted.email}",
            action=Action(verb="uninvite", subject="", params={"email": wanted.email}),
            evidence="no invitation to that address waits",
        ),
    )
    yield secret_steps.make_password("password", length=org.settings.password_length)
    yield replace(
        secret_steps.deliver(("password",), destination=secret_steps.MANUAL, consumer=wanted.email),
        key="show-password",
        title="Take the new password from the sealed page, for whoever accepts the invitation",
        undo="",
        instructions=(
            "Open the sealed page and put the password straight into the password safe of the team, never into Slack.",
        ),
    )
    yield Step(
        key="accept",
        mode=StepMode.GUIDED,
        title=f"Accept the invitation from the mailbox {wanted.email}",
        action=Action(verb="accept", subject="", params={"email": wanted.email}),
        instructions=(
            f"Open the mail from Wrike in {wanted.email}, in a private browser window, and follow its link.",
            f"Enter the name “{wanted.name}” and the password from the sealed page.",
            "If the account asks for two-factor or single sign-on, enrol it for the team, or exempt it: programs"
            " cannot answer a second question.",
        ),
        evidence="a member with that address; its new id is noted",
        undo=f"delete {wanted.email} in Account Management → Users; that cannot be undone",
    )


def _type_steps(wanted: Wanted, facts: Facts, member: Contact | None) -> Iterable[Step]:
    """No record shows the type itself; where its name tells what the user is then shown as, that is read back."""
    chosen = facts.type
    if chosen is None:
        return
    params = {"user_type": chosen.id, "title": chosen.title, "role": chosen.role}
    params |= {"external": str(chosen.external).lower()} | ({"contact": member.id} if member else {})
    before = f"set {wanted.email} to {member.rank} again" if member else ""
    yield Step(
        key="user-type",
        mode=StepMode.AUTO if chosen.role else StepMode.ATTESTED,
        title=f"Make {wanted.email} a user of type {chosen.title}",
        action=Action(verb="set-user-type", subject="", params=params),
        instructions=()
        if chosen.role
        else (f"Account Management → Users → {wanted.email} → License type: {chosen.title}.",),
        evidence="its role, read back"
        if chosen.role
        else "the word of whoever did it: Wrike shows the bot no sign of this type",
        undo=before,
    )


def _remembered(wanted: Wanted) -> Step:
    return Step(
        key="remember",
        mode=StepMode.AUTO,
        title=f"Note that only programs use {wanted.email}",
        action=Action(
            verb="remember-account", subject="", params={"email": wanted.email, "system": wanted.system}
        ),
        evidence="the bot's own register",
    )


def _objections(wanted: Wanted, facts: Facts) -> Iterable[str]:
    member = facts.member(wanted.email)
    if isinstance(facts.sent, Forbidden) and member is None:
        yield (
            "the bot cannot see or send invitations: its token needs amReadWriteInvitation, and its user the right to"
            " invite"
        )
    if member:
        services = {*facts.services, fold(wanted.email)}  # this plan makes it one
        yield from planning.about_target(facts.directory, member, services, facts.flows, wanted.system)
    if facts.flow and fold(facts.flow.account) == fold(wanted.email):
        yield f"{facts.flow.name} acts as {wanted.email} already: renew its token with a rotation"
    if facts.flow and fold(facts.flow.system) != fold(wanted.system):
        system = facts.flow.system
        yield f"{facts.flow.name} is a flow of {system}, not of {wanted.system}: say “{system}” if you mean that"
    if wanted.kind and facts.flow and wanted.kind is not facts.flow.kind:
        yield f"{facts.flow.name} is declared with {facts.flow.kind.value}: change the declaration first"
    seats = next(iter(account.capacities(facts.bought, facts.directory, _waiting(facts))), None)
    needs_seat = facts.type is None or facts.type.role != "Collaborator"
    if seats and seats.used >= seats.total and needs_seat and not member and not facts.pending(wanted.email):
        yield f"no seat is free: {seats.used} of {seats.total} are taken, waiting invitations among them"


def _waiting(facts: Facts) -> int:
    if isinstance(facts.sent, Forbidden):
        return 0
    emails = {
        fold(one.email) for one in facts.sent if one.status == invitations.PENDING and one.role == "User"
    }
    return len(emails)


def _notes(wanted: Wanted, facts: Facts, kind: FlowKind | None) -> Iterable[str]:
    member, pending = facts.member(wanted.email), facts.pending(wanted.email)
    if member:
        yield f"{label(member)} is a member already ({member.rank}): nobody is invited."
        yield from planning.notes_on(member)
    else:
        yield (
            "The invitation takes a paid seat. Nobody but the mailbox can accept it; the plan waits as long as it"
            " takes."
        )
    if pending:
        yield "An invitation to that address waits already. It is sent again, not made twice."
    if not facts.shares:
        yield "Nothing is shared with it by this plan: it will see nothing but public spaces."
    if kind is FlowKind.OAUTH and not facts.audited:
        yield "The audit log is not open to the bot, so two steps rest on the word of whoever does them."
    if facts.flow and kind is FlowKind.PERMANENT_TOKEN:
        yield token_steps.NO_LAST_USE
    yield "Give it an owner in Handover afterwards, and keep its password in the team's password safe."
