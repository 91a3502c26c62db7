"""Target states of employees: a role is held or not, access is given, a record is inactive or not."""

from __future__ import annotations

from bot.errors import Conflict, NotFound
from bot.platform.plan import Action, Confirmation, Outcome
from platforms.netsuite import role_changes
from platforms.netsuite.roles import ADMINISTRATOR
from platforms.netsuite.rows import flag
from platforms.netsuite.scene import Employee, Scene


def said(done: bool, detail: str, record_id: str = "", **facts: str) -> Confirmation:
    """A look that settled it."""
    outcome = Outcome.DONE if done else Outcome.NOT_DONE
    return Confirmation(outcome=outcome, detail=detail, record_id=record_id if done else "", facts=facts)


async def role_held(scene: Scene, action: Action) -> Confirmation:
    """Whether the employee's own record lists the role."""
    held = await role_changes.lines(scene.client, action.subject)
    return said(
        action.params["role"] in held,
        f"{action.params['username']} has {len(held)} roles, {action.params['role_name']}"
        f" {'among' if action.params['role'] in held else 'not among'} them",
        action.subject,
    )


async def assign_role(scene: Scene, action: Action) -> None:
    """Add the role's line. What is there stays: the list is never replaced here."""
    await role_changes.send(scene.client, action.subject, [action.params["role"]])


async def role_gone(scene: Scene, action: Action) -> Confirmation:
    """Whether the employee's own record does not list the role."""
    held = await role_changes.lines(scene.client, action.subject)
    gone = action.params["role"] not in held
    return said(
        gone, f"{action.params['role_name']} is {'no longer' if gone else 'still'} held", action.subject
    )


async def remove_role(scene: Scene, action: Action) -> None:
    """Make the list exactly what was approved; Administrator never goes this way.

    Raises:
        Conflict: the list changed since it was approved.
    """
    role = action.params["role"]
    if role == ADMINISTRATOR:
        raise Conflict("the Administrator role is only ever taken away by a person, in the employee's record")
    held = await role_changes.lines(scene.client, action.subject)
    keep = [one for one in held if one != role]
    if "keep" in action.params and set(keep) != set(filter(None, action.params["keep"].split(","))):
        raise Conflict("the employee's roles changed since this was approved; ask for it anew")
    await role_changes.send(scene.client, action.subject, keep, replace=True)


async def inactive_state(scene: Scene, action: Action) -> Confirmation:
    """Whether the record is inactive, or active, as asked."""
    found = await _there(scene, action)
    inactive = flag(found.row, "isinactive")
    return said(
        inactive is (action.params["inactive"] == "true"),
        "inactive" if inactive else "active",
        action.subject,
    )


async def set_inactive(scene: Scene, action: Action) -> None:
    """Tick or untick Inactive. Nothing else of the record is touched."""
    inactive = action.params["inactive"] == "true"
    deed = "make the employee inactive" if inactive else "make the employee active"
    await scene.client.patch(deed, "employee", action.subject, {"isInactive": inactive})


async def access_state(scene: Scene, action: Action) -> Confirmation:
    """Whether Give Access is ticked, or not, as asked."""
    found = await _there(scene, action)
    given = flag(found.row, "giveaccess")
    return said(
        given is (action.params["access"] == "true"),
        "has access" if given else "has no access",
        action.subject,
    )


async def set_access(scene: Scene, action: Action) -> None:
    """Give or take access. A newcomer gets NetSuite's own mail to choose a password: none passes through here."""
    given = action.params["access"] == "true"
    body: dict[str, object] = {"giveAccess": given}
    if given:
        body["sendEmail"] = True
        if role := action.params.get("role"):
            body["roles"] = {"items": [{"selectedRole": {"id": role}}]}
    await scene.client.patch("give access" if given else "take access away", "employee", action.subject, body)


async def _there(scene: Scene, action: Action) -> Employee:
    found = await scene.employee(action.subject)
    if found is None:
        raise NotFound("the employee is not among those the bot may see")
    return found
