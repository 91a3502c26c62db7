"""Pieces that several plans share: the preflight, the role, the new token, its proof and the old one's rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.platform.plan import Action, How, Step, StepMode, Twin
from bot.platform.secret_steps import deliver, receive
from platforms.netsuite.config import Settings
from platforms.netsuite.roles import ADMINISTRATOR
from platforms.netsuite.scene import Employee
from platforms.netsuite.tokens import PREFIX, Token

TOKENS = "Setup > Users/Roles > Access Tokens"
USERS = "Setup > Users/Roles > Manage Users"
TBA_ENDS = (
    "From 2027.1 NetSuite takes no new integrations with tokens, and token-based authentication is to end with 2028.2"
    " (tentative): plan OAuth 2.0 client credentials for this integration."
)
_HELD = ("token_id", "token_secret")


def preflight(plan: str, subject: str, params: Mapping[str, str]) -> Step:
    """The first step of every plan: the same plan, drawn up again, still has no objection."""
    return Step(
        key="preflight",
        mode=StepMode.AUTO,
        title="Check once more that nothing speaks against it",
        action=Action(verb="preflight", subject=subject, params={"plan": plan, **params}),
        evidence="every condition, read again from NetSuite",
    )


def grant(to: Employee, role: str, role_name: str, held: Sequence[str]) -> list[Step]:
    """Give the role to the new user, unless it is there. Administrator is given by a person only."""
    if role in held or not role:
        return []
    params = {"role": role, "role_name": role_name, "username": to.username}
    if role == ADMINISTRATOR:
        return [
            Step(
                key="grant-administrator",
                mode=StepMode.GUIDED,
                title=f"Give {to.username} the Administrator role",
                action=Action(verb="assign-role", subject=to.id, params=params),
                instructions=(
                    "Sign in to NetSuite as an administrator.",
                    f"{USERS} > {to.username} > Edit > Access > Roles: add Administrator and save.",
                ),
                evidence="the role stands in the employee's record",
                twin=Twin(
                    mode=StepMode.GUIDED,
                    title=f"Take Administrator from {to.username} again",
                    action=Action(verb="remove-role", subject=to.id, params=params),
                    instructions=(f"{USERS} > {to.username} > Edit > Access > Roles: remove Administrator.",),
                    evidence="the role is gone from the record",
                ),
            )
        ]
    return [
        Step(
            key="grant",
            mode=StepMode.AUTO,
            title=f"Assign the role {role_name} to {to.username}",
            action=Action(verb="assign-role", subject=to.id, params=params),
            evidence="the role stands in the employee's record, and what stood there before still does",
            twin=Twin(
                mode=StepMode.AUTO,
                title=f"Take the role {role_name} from {to.username} again",
                action=Action(verb="remove-role", subject=to.id, params=params),
                evidence="the role is gone from the record",
            ),
        )
    ]


def mint(token: Token, to: Employee, role: str, role_name: str, before: Sequence[Token], where: str) -> Step:
    """A person makes the new token: nobody can make one for somebody else by API. ``where`` its values go."""
    params = {
        "application": token.app_id,
        "application_name": token.app,
        "user": to.id,
        "username": to.username,
        "role": role,
        "before": ",".join(sorted((one.id for one in before), key=int)),
    }
    return Step(
        key="mint",
        mode=StepMode.GUIDED,
        title=f"Make a token of {to.username} for {token.app}",
        action=Action(verb="token-made", subject="", params=params),
        instructions=(
            f"{TOKENS} > New. The page needs the permission Access Token Management; tokens of the Administrator"
            " role can be made only by their own user.",
            f"Application Name: {token.app}. User: {to.username}. Role: {role_name}. Token Name: one that no other"
            f" token has, for example “{token.app} as {to.username}”.",
            f"Save. Token ID and Token Secret are shown once: {where}. Never paste them into Slack.",
        ),
        evidence="a new, active token of that application, user and role in the list",
        twin=Twin(
            mode=StepMode.GUIDED,
            title="Revoke the new token",
            action=Action(verb="token-revoked", subject=""),
            instructions=(f"{TOKENS} > the new token > Edit > Revoke.",),
            evidence="the token's row says revoked",
        ),
    )


def hand_on(token: Token, how: How) -> list[Step]:
    """The new values enter the vault, and leave it for whoever holds the credential."""
    consumer = how.consumer or token.app
    return [
        receive(
            _HELD,
            title="Enter the new token's values",
            instructions=(
                "Open the sealed page (or `secret put` on the command line) and enter Token ID and Token Secret.",
                "They are kept only until they are delivered.",
            ),
        ),
        deliver(_HELD, destination=how.destination, consumer=consumer),
    ]


def prove(token: Token, to: Employee, *, by_name: bool) -> Step:
    """NetSuite's own trail shows the new token at work."""
    return Step(
        key="prove",
        mode=StepMode.WATCH,
        title="See the new token sign in",
        action=Action(
            verb="sign-in-proven",
            subject="",
            params={
                "application_name": token.app,
                "user": to.id,
                "username": to.username,
                **({"by_name": "yes"} if by_name else {}),
            },
        ),
        evidence=f"a success of {token.app} as {to.username}"
        + (" with the new token's name" if by_name else "")
        + " in the Login Audit Trail, which lags some minutes",
    )


def silence(settings: Settings, token: Token, how: How) -> Step:
    """The old token rests for a whole beat of the integration."""
    window_s = round(how.cadence.total_seconds()) if how.cadence else settings.unused_for_s
    params = {
        "application_name": token.app,
        "user": token.entity,
        "window_s": str(window_s),
        "token_name": token.name,
    }
    return Step(
        key="silence",
        mode=StepMode.WATCH,
        title=f"Wait until the token of {token.person} has rested",
        action=Action(verb="token-silent", subject=PREFIX + token.id, params=params),
        evidence="no sign-in with the old token for the whole time; a use is named and the time begins anew",
    )


def park(token: Token) -> Step:
    """The old token is switched off, which can be undone."""
    return Step(
        key="park",
        mode=StepMode.GUIDED,
        title=f"Set the token of {token.person} inactive",
        action=Action(verb="token-parked", subject=PREFIX + token.id),
        instructions=(
            f"{TOKENS} > “{token.name}” of {token.person} for {token.app} > Edit: tick Inactive and save.",
            "Do not press Revoke yet: that is for ever.",
        ),
        evidence="the token's row says inactive",
        destructive=True,
        twin=Twin(
            mode=StepMode.GUIDED,
            title="Switch the old token on again",
            action=Action(verb="token-unparked", subject=PREFIX + token.id),
            instructions=(
                f"{TOKENS} (tick Show Inactives) > “{token.name}” > Edit: untick Inactive and save.",
            ),
            evidence="the token's row says active",
        ),
    )


def retire(token: Token, *, first: bool = False) -> Step:
    """The old token ends for good. ``first``: at the beginning of a hostile plan."""
    return Step(
        key="retire",
        mode=StepMode.GUIDED,
        title=f"Revoke the token of {token.person}",
        action=Action(verb="token-revoked", subject=PREFIX + token.id),
        instructions=(
            f"{TOKENS} (tick Show Inactives) > “{token.name}” of {token.person} for {token.app} > Edit > Revoke.",
            f"{token.app} stands still from this moment until its new token is in."
            if first
            else "This is for ever: nothing takes it back.",
        ),
        evidence="the token's row says revoked",
        destructive=True,
    )
