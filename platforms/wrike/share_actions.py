"""Target states of folders: shared with an account, or not. Wrike takes one change to folders at a time."""

from __future__ import annotations

from bot.errors import Rejected
from bot.platform.plan import Action, Confirmation
from platforms.wrike import folders
from platforms.wrike.account_actions import contact_id
from platforms.wrike.client import joined
from platforms.wrike.org import Org, done, not_done


async def shared(org: Org, action: Action, key: str) -> Confirmation:
    """The folder names the account among those it is shared with."""
    folder = await _read(org, action)
    if contact_id(action) in (folder.shared or ()):
        return done(f"“{folder.title}” is shared with it", folder.id)
    return not_done(f"“{folder.title}” is not shared with it yet")


async def share(org: Org, action: Action, key: str) -> None:
    """
    Share the folder.

    The 2019 reference and clients send plain ids; the OpenAPI of 2025 calls the same parameter an array of objects.
    A refusal of the first spelling changed nothing, so the second may be tried.
    """
    await _change(org, action, "share the folder", "addShareds")


async def unshared(org: Org, action: Action, key: str) -> Confirmation:
    """The folder does not name the account."""
    folder = await _read(org, action)
    if contact_id(action) in (folder.shared or ()):
        return not_done(f"“{folder.title}” is still shared with it")
    return done(f"“{folder.title}” is not shared with it", folder.id)


async def unshare(org: Org, action: Action, key: str) -> None:
    """Take the share back."""
    await _change(org, action, "take the share back", "removeShareds")


async def _read(org: Org, action: Action) -> folders.Folder:
    row = await org.client.one("read shares", f"/folders/{joined([action.subject])}")
    return folders.read(row)


async def _change(org: Org, action: Action, operation: str, name: str) -> None:
    path, whom = f"/folders/{joined([action.subject])}", contact_id(action)
    async with org.turns.turn(org.writing_folders(), 1):
        try:
            await org.client.write(operation, "PUT", path, {name: [whom]})
        except Rejected as error:
            if error.vendor_code != "invalid_parameter":
                raise
            await org.client.write(operation, "PUT", path, {name: [{"id": whom}]})
