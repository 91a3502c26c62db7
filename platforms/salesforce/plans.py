"""What every plan of a change has: an account, a preflight, and the refusal to touch our own user."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import BadArgument
from bot.platform.plan import Action, Plan, PlanKind, Step, StepMode
from platforms.salesforce.org import Org, Survey, User, survey

Params = Mapping[str, str]


async def find_account(org: Org, params: Params) -> tuple[Survey, User]:
    """The account that ``username``, ``id`` or ``user`` names, with everybody's rights.

    Raises:
        BadArgument, NotFound: none named, several, or nobody there.
    """
    named = [params[name] for name in ("username", "id", "user") if params.get(name)]
    if len(named) != 1:
        raise BadArgument("name one account: username svc-crm@example.com, or its id")
    known = await survey(org)
    return known, await known.find(named[0])


def one_step(
    org: Org, verb: str, params: Params, user: User, title: str, step: Step, notes: list[str]
) -> Plan:
    """One step on one account, after the preflight."""
    return Plan(
        kind=PlanKind.CHANGE,
        connection=org.client.wire.connection,
        title=title,
        subject_id=user.id,
        subject_label=user.username,
        steps=(preflight(verb, params), step),
        holder_id=user.id,
        holder_email=user.principal.email,
        notes=tuple(notes),
    )


async def own_user_objections(org: Org, user: User) -> list[str]:
    """The objection to touching the bot's own user, if it is that."""
    return ["this is the bot's own user"] if user.id == await org.own_id() else []


def preflight(verb: str, params: Mapping[str, str]) -> Step:
    """The first step of every change: the same plan, drawn up again, still has no objection."""
    return Step(
        key="preflight",
        mode=StepMode.AUTO,
        title="Check again that nothing blocks this plan",
        action=Action(verb="preflight", subject="", params={"change": verb, **params}),
        evidence="every condition, read again from Salesforce",
    )
