"""NetSuite Connector: how its token user is changed, and what is true of it now.

Sources: NetSuite help, section_162606561992 (token-based authentication for the Connector); seed 001.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.platform.plan import Action, How, Manner, Step, StepMode
from platforms.netsuite import planning
from platforms.netsuite.config import Settings
from platforms.netsuite.planning import USERS
from platforms.netsuite.roles import ADMINISTRATOR, Roles
from platforms.netsuite.scene import Employee, Scene
from platforms.netsuite.tokens import Token


async def role_of_token(scene: Scene, token: Token) -> tuple[str, tuple[str, ...]]:
    """The role that the Connector's token has to have, and why it cannot be had, if so."""
    roles, wanted = await scene.roles(), scene.settings.connector_role
    named = [role.id for role in (roles.by_id or {}).values() if role.name == wanted]
    if len(named) == 1:
        return named[0], ()
    if roles.by_id is None:
        return token.role, ()
    return token.role, (
        f"this account has no role “{wanted}”: reinstall the Connector's SuiteApp, or name the role as connector_role",
    )


def steps(
    settings: Settings,
    token: Token,
    to: Employee,
    role: str,
    roles: Roles,
    before: Sequence[Token],
    how: How,
    *,
    rotation: bool,
) -> list[Step]:
    """Both roles, a token made and entered by a person, proof by sign-in and by Set By, the old token's end."""
    held = tuple(roles.held(to.id))
    fresh = [
        # in this order, there and back: nobody but an Administrator may change the roles of an Administrator
        *planning.grant(to, role, roles.name(role), held),
        *planning.grant(to, ADMINISTRATOR, "Administrator", held),
        planning.mint(token, to, role, roles.name(role), before, "enter both in the Connector at once"),
        _switch(token, to, by_name=rotation or bool(before)),
        *([] if rotation else [_set_by(to)]),
    ]
    if how.manner is Manner.HOSTILE:
        return [planning.retire(token, first=True), *fresh]
    return [*fresh, planning.silence(settings, token, how), planning.park(token), planning.retire(token)]


def _switch(token: Token, to: Employee, *, by_name: bool) -> Step:
    proof = planning.prove(token, to, by_name=by_name)
    return Step(
        key="prove",
        mode=StepMode.GUIDED,
        title=f"Enter the new token in {token.app} and see it sign in",
        action=proof.action,
        instructions=(
            "In the Connector's own settings of the NetSuite connection, replace Token ID and Token Secret by the new"
            " ones, and save.",
            "Post or import one order, so that the Connector signs in.",
            "Never paste the values into Slack; close the page that showed them.",
        ),
        evidence=proof.evidence,
        undo="enter the old Token ID and Token Secret in the Connector again, if they were kept",
    )


def _set_by(to: Employee) -> Step:
    return Step(
        key="set-by",
        mode=StepMode.WATCH,
        title=f"See new transactions Set By {to.username}",
        action=Action(verb="set-by-seen", subject="", params={"user": to.id, "username": to.username}),
        evidence="System Notes of a transaction made since then",
    )


AFTER = (
    f"Touch the old user only when all of this is done: {USERS} > the user. Deleting or inactivating whoever owns the"
    " Connector's token breaks the connection."
)
