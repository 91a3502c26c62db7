"""Recipes that move a flow to another account, and that renew its token."""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import BadArgument, NotFound, NotSupported
from bot.platform.plan import Draft, How, Manner, Plan, PlanKind, Step
from bot.text import fold
from platforms.wrike import people, planning, token_steps
from platforms.wrike.declared import PREFIX, Flow, FlowKind
from platforms.wrike.folders import Folder, Tree
from platforms.wrike.org import Org, find, label
from platforms.wrike.people import Contact, Directory
from platforms.wrike.token_steps import Case


async def handover(org: Org, credential_id: str, target: str, how: How, tree: Tree) -> Draft:
    """
    The plan that moves one declared flow to ``target``.

    Hostile: the old token ends first, and the flow stands still until the new one is in place.

    Raises:
        NotFound, BadArgument: no such flow or user.
    """
    flow = await _flow(org, credential_id)
    directory = await people.directory(org.client)
    to = find(directory, target)
    holder = next(iter(directory.by_email(flow.account)), None)
    shares, unseen = _needs(tree, flow)
    case = await _case(org, flow, directory, to, how)
    first = planning.preflight("handover", {"credential": flow.id, "target": to.id, **how.written})
    content = planning.share_steps(tree, shares, to.id, label(to))
    renew, noted = token_steps.renew(case), token_steps.noted(case)
    hostile = how.manner is Manner.HOSTILE
    ending: Iterable[Step] = token_steps.retire(case, first=hostile)
    steps = (
        (first, *ending, *content, *renew, *noted)
        if hostile
        else (first, *content, *renew, *noted, *token_steps.rest(case), *ending)
    )
    services = await org.register.known_accounts()
    objections = [
        *planning.about_target(directory, to, services, await org.register.known_flows(), flow.system),
        *(f"the bot does not see “{name}”, which {flow.name} needs" for name in unseen),
    ]
    if holder and holder.id == to.id:
        objections.append(f"{flow.name} acts as {label(to)} already")
    if holder and holder.id == directory.own_id:
        objections.append("the bot's own token is not handed over by the bot")
    plan = Plan(
        kind=PlanKind.HANDOVER,
        connection=org.client.connection,
        title=f"Hand over {flow.name} from {flow.account} to {label(to)}",
        subject_id=flow.id,
        subject_label=flow.name,
        steps=steps,
        application=flow.name,
        holder_id=holder.id if holder else "",
        holder_email=flow.account,
        target_id=to.id,
        target_label=label(to),
        downtime=_downtime(case, hostile=hostile),
        notes=(*planning.notes_on(to), *_notes(flow, holder, case)),
        manner=how.manner,
        consumer=how.consumer,
        destination=how.destination if case.kind is FlowKind.PERMANENT_TOKEN else "",
    )
    return Draft(plan=plan, objections=tuple(objections))


async def rotate(org: Org, credential_id: str, how: How) -> Draft:
    """
    The plan that gives a flow a new permanent token of the account it acts as.

    Raises:
        NotFound: no such flow, or nobody holds it.
        NotSupported: it signs in by OAuth, where the integration renews its token itself.
    """
    flow = await _flow(org, credential_id)
    if flow.kind is FlowKind.OAUTH:
        raise NotSupported(
            f"{flow.name} signs in by OAuth: its tokens are renewed by the integration itself, every hour",
            connection=org.client.connection,
            operation="rotate",
        )
    directory = await people.directory(org.client)
    holder = find(directory, flow.account)
    case = await _case(org, flow, directory, holder, how)
    hostile = how.manner is Manner.HOSTILE
    first = planning.preflight("rotate", {"credential": flow.id, **how.written})
    ending = token_steps.retire(case, first=hostile)
    renew = token_steps.renew(case)
    steps = (first, *ending, *renew) if hostile else (first, *renew, *token_steps.rest(case), *ending)
    services = await org.register.known_accounts()
    objections = planning.about_target(directory, holder, services, (), flow.system)
    plan = Plan(
        kind=PlanKind.ROTATION,
        connection=org.client.connection,
        title=f"Give {flow.name} a new token of {label(holder)}",
        subject_id=flow.id,
        subject_label=flow.name,
        steps=steps,
        application=flow.name,
        holder_id=holder.id,
        holder_email=flow.account,
        target_id=holder.id,
        target_label=label(holder),
        downtime=_downtime(case, hostile=hostile),
        notes=tuple(_notes(flow, holder, case)),
        manner=how.manner,
        consumer=how.consumer,
        destination=how.destination,
    )
    return Draft(plan=plan, objections=tuple(objections))


async def _flow(org: Org, credential_id: str) -> Flow:
    if not credential_id.startswith(PREFIX):
        raise BadArgument("name a declared flow, as `list` and `show` print it")
    return await org.flow(credential_id)


async def _case(org: Org, flow: Flow, directory: Directory, to: Contact, how: How) -> Case:
    holder = next(iter(directory.by_email(flow.account)), None)
    rest_s = org.settings.unused_for_s if how.cadence is None else round(how.cadence.total_seconds())
    return Case(
        kind=flow.kind,
        account=directory.account,
        contact=to.id,
        label=label(to),
        consumer=how.consumer,
        destination=how.destination,
        rest_s=rest_s,
        audited=flow.kind is FlowKind.OAUTH and await org.sees_audit(),
        flow=flow,
        holder_id=holder.id if holder else "",
        holder_label=flow.account,
    )


def _needs(tree: Tree, flow: Flow) -> tuple[tuple[Folder, ...], tuple[str, ...]]:
    """What the flow needs, and what of it the bot does not see."""
    found: dict[str, Folder] = {}
    unseen = []
    for name in flow.folders:
        try:
            folder = tree.named(name)
        except (NotFound, BadArgument):
            unseen.append(name)
        else:
            found[folder.id] = folder
    return tuple(found.values()), tuple(unseen)


def _downtime(case: Case, *, hostile: bool) -> str:
    if hostile:
        return f"{case.whom} stands still from the end of the old one until the new one is in place"
    if case.kind is FlowKind.OAUTH:
        return "none expected: the connection is changed in one step"
    return "none expected"


def _notes(flow: Flow, holder: Contact | None, case: Case) -> Iterable[str]:
    if holder is None:
        yield f"Wrike shows no user {flow.account}: the old token may belong to a deleted one."
    elif holder.deleted or holder.active is False:
        gone = "deleted" if holder.deleted else "deactivated"
        yield f"{flow.account} is {gone}. Whether its token still answers is proven at the end, not assumed."
        if not holder.deleted:
            yield "A token refused because its user is deactivated may come back with the user: delete its app too."
    if fold(flow.system) == "wrike integrate" or case.kind is FlowKind.OAUTH:
        yield "Wrike lists no connections: that this flow acts as that account is declared, and proven only by its end."
    if case.kind is FlowKind.PERMANENT_TOKEN:
        yield token_steps.NO_LAST_USE
    elif not case.audited:
        yield "The audit log is not open to the bot, so two steps rest on the word of whoever does them."
