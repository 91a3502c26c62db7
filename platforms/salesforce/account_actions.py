"""Target states of accounts: a user exists, holds a licence or a set, is frozen or not, is deactivated."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import Conflict, Forbidden, NotFound
from bot.platform.plan import Action, Confirmation, Outcome
from platforms.salesforce import permissions, queries
from platforms.salesforce.answers import Query, Row, flag, text
from platforms.salesforce.org import Org

# Our parameter → the column of User it becomes.
USER_FIELDS = {
    "username": "Username",
    "last_name": "LastName",
    "email": "Email",
    "alias": "Alias",
    "profile_id": "ProfileId",
    "timezone": "TimeZoneSidKey",
}
# Source: Object Reference, User, required on create, read 2026-11-21.
_FIXED_FIELDS = {
    "LocaleSidKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "en_US",
}


async def user_exists(org: Org, action: Action) -> Confirmation:
    """Whether the user of this name is there; user names are unique in all of Salesforce, so the name is the key."""
    row = await _by_username(org, action.params["username"])
    if row is None:
        return Confirmation(outcome=Outcome.NOT_DONE, detail="the user does not exist yet")
    differs = [
        column
        for column, wanted in (
            ("ProfileId", action.params["profile_id"]),
            ("Email", action.params["email"].lower()),
        )
        if (text(row, column).lower() if column == "Email" else text(row, column)) != wanted
    ]
    if differs or not flag(row, "IsActive"):
        why = f"its {' and '.join(differs)} differ" if differs else "it is deactivated"
        return Confirmation(
            outcome=Outcome.UNKNOWN,
            detail=f"a user of that name exists already, but {why}: look at it by hand",
        )
    return Confirmation(
        outcome=Outcome.DONE,
        detail=f"user {action.params['username']} exists",
        record_id=text(row, "Id"),
        facts={"user_id": text(row, "Id")},
    )


async def create_user(org: Org, action: Action) -> None:
    """Make the user, once."""
    fields = {column: action.params[name] for name, column in USER_FIELDS.items()}
    await org.client.create("create the user", "User", fields | _FIXED_FIELDS)


async def licence_held(org: Org, action: Action) -> Confirmation:
    """Whether the user has the permission set licence."""
    user = await _user(org, action)
    return _assignment(
        await org.rows(queries.set_licences_of(user)), "PermissionSetLicenseId", action.params["licence"]
    )


async def assign_licence(org: Org, action: Action) -> None:
    """Give the user the permission set licence."""
    fields = {
        "AssigneeId": await _user(org, action),
        "PermissionSetLicenseId": queries.record_id(action.params["licence"]),
    }
    await org.client.create("assign the permission set license", "PermissionSetLicenseAssign", fields)


async def set_held(org: Org, action: Action) -> Confirmation:
    """Whether the user has the permission set."""
    user = await _user(org, action)
    return _assignment(await org.rows(queries.sets_of(user)), "PermissionSetId", action.params["set"])


async def assign_set(org: Org, action: Action) -> None:
    """Give the user the permission set."""
    fields = {
        "AssigneeId": await _user(org, action),
        "PermissionSetId": queries.record_id(action.params["set"]),
    }
    await org.client.create("assign the permission set", "PermissionSetAssignment", fields)


async def licence_absent(org: Org, action: Action) -> Confirmation:
    """Whether the user is without the permission set licence."""
    await org.must_see(permissions.PRIVILEGES)  # unseen is not absent
    return _turned(await licence_held(org, action))


async def unassign_licence(org: Org, action: Action) -> None:
    """Remove the permission set license from the user; nothing where it is gone since it was looked for."""
    await org.must_see(permissions.PRIVILEGES)
    if record := (await licence_held(org, action)).record_id:
        await org.client.delete("remove the permission set license", "PermissionSetLicenseAssign", record)


async def set_absent(org: Org, action: Action) -> Confirmation:
    """Whether the user is without the permission set."""
    await org.must_see(permissions.PRIVILEGES)  # unseen is not absent
    return _turned(await set_held(org, action))


async def unassign_set(org: Org, action: Action) -> None:
    """Take the permission set from the user; nothing where it is gone since it was looked for."""
    await org.must_see(permissions.PRIVILEGES)
    if record := (await set_held(org, action)).record_id:
        await org.client.delete("remove the permission set", "PermissionSetAssignment", record)


async def freeze_state(org: Org, action: Action) -> Confirmation:
    """Whether the user is frozen, or unfrozen, as ``params["frozen"]`` asks."""
    row = await _login_row(org, action.subject)
    if row is None:
        return Confirmation(outcome=Outcome.UNKNOWN, detail=_NO_LOGIN_ROW)
    wanted = action.params["frozen"] == "true"
    return Confirmation(
        outcome=Outcome.DONE if flag(row, "IsFrozen") is wanted else Outcome.NOT_DONE,
        detail="frozen" if flag(row, "IsFrozen") else "not frozen",
        record_id=text(row, "Id"),
    )


async def set_freeze(org: Org, action: Action) -> None:
    """Freeze or unfreeze."""
    row = await _login_row(org, action.subject)
    if row is None:
        raise Conflict(_NO_LOGIN_ROW)
    frozen = action.params["frozen"] == "true"
    operation = "freeze the user" if frozen else "unfreeze the user"
    await org.client.update(operation, "UserLogin", text(row, "Id"), {"IsFrozen": frozen})


async def deactivated(org: Org, action: Action) -> Confirmation:
    """Whether the user is deactivated."""
    rows = await org.rows(queries.users_by_id([action.subject]))
    if not rows:
        return Confirmation(outcome=Outcome.UNKNOWN, detail="the user is not among those the bot may see")
    active = flag(rows[0], "IsActive")
    return Confirmation(
        outcome=Outcome.NOT_DONE if active else Outcome.DONE,
        detail="active" if active else "deactivated",
        record_id=action.subject,
    )


async def deactivate(org: Org, action: Action) -> None:
    """Deactivate. Salesforce refuses where the user has a part in its set-up, and says which."""
    record = queries.record_id(action.subject)
    await org.client.update("deactivate the user", "User", record, {"IsActive": False})


async def made_user_deactivated(org: Org, action: Action) -> Confirmation:
    """Whether the user that an earlier step made is deactivated; nothing to see where none was made."""
    row = await _by_username(org, action.params["username"])
    if row is None:
        return Confirmation(outcome=Outcome.DONE, detail="no such user")
    return await deactivated(org, replace(action, subject=text(row, "Id")))


async def deactivate_made(org: Org, action: Action) -> None:
    """Deactivate the user that an earlier step made: Salesforce never deletes users."""
    row = await _by_username(org, action.params["username"])
    if row is not None:
        await deactivate(org, replace(action, subject=text(row, "Id")))


_NO_LOGIN_ROW = (
    "Salesforce shows no sign-in record of this user, as may be for one who never signed in:"
    " use Setup → Users → the user → Freeze"
)


async def _by_username(org: Org, username: str) -> Row | None:
    rows = await org.rows(queries.users_by_address(username))
    return next((row for row in rows if text(row, "Username").lower() == username.lower()), None)


async def _user(org: Org, action: Action) -> str:
    """The user's id: planned, found by an earlier step, or looked up by name."""
    known = action.params.get("user") or action.known.get("user_id")
    if known:
        return queries.record_id(known)
    row = await _by_username(org, action.params["username"])
    if row is None:
        raise NotFound(f"Salesforce has no user {action.params['username']}")
    return text(row, "Id")


def _assignment(rows: tuple[Row, ...], column: str, wanted: str) -> Confirmation:
    for row in rows:
        if text(row, column)[:15] == wanted[:15]:
            return Confirmation(outcome=Outcome.DONE, detail="assigned", record_id=text(row, "Id"))
    return Confirmation(outcome=Outcome.NOT_DONE, detail="not assigned")


def _turned(seen: Confirmation) -> Confirmation:
    """The same look, asked for the opposite. Only an assignment that is seen or not seen can be turned."""
    done = seen.outcome is Outcome.NOT_DONE
    return Confirmation(
        outcome=Outcome.DONE if done else Outcome.NOT_DONE, detail=seen.detail, record_id=seen.record_id
    )


async def _login_row(org: Org, user: str) -> Row | None:
    query: Query = queries.login_state(user)
    rows = await org.rows(query)
    if not rows:
        columns = await org.columns()
        own = await org.client.query(queries.own_permissions(await org.own_id(), columns.permission_set))
        if not permissions.rights(own, columns).any(*permissions.FROZEN.any_of):
            raise Forbidden("the bot's user does not hold “Manage Users”", scope="Manage Users")
    return rows[0] if rows else None
