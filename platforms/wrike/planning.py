"""What every plan has: a preflight that is the same plan drawn up again, shares, and reasons against an account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bot.platform.plan import Action, Step, StepMode, Twin
from bot.text import fold
from platforms.wrike import people
from platforms.wrike.declared import Flow
from platforms.wrike.folders import Folder, Tree
from platforms.wrike.org import label
from platforms.wrike.people import Contact, Directory

Params = Mapping[str, str]


def preflight(recipe: str, params: Params) -> Step:
    """The first step: the same plan, drawn up again, still has no objection."""
    return Step(
        key="preflight",
        mode=StepMode.AUTO,
        title="Check once more that nothing speaks against it",
        action=Action(verb="preflight", subject="", params={"recipe": recipe, **params}),
        evidence="every condition, read again from Wrike",
    )


def share_steps(tree: Tree, wanted: Sequence[Folder], contact: str, name: str) -> Iterable[Step]:
    """One step for each folder, each with its twin."""
    who = {"contact": contact} if contact else {}
    for number, folder in enumerate(wanted, 1):
        path = tree.path(folder.id)
        yield Step(
            key=f"share-{number}",
            mode=StepMode.AUTO,
            title=f"Share the {folder.kind} “{path}” with {name}",
            action=Action(verb="share", subject=folder.id, params=who | {"title": path}),
            evidence="its list of shares, read back",
            twin=Twin(
                mode=StepMode.AUTO,
                title=f"Take “{path}” back from {name}",
                action=Action(verb="unshare", subject=folder.id, params=who | {"title": path}),
                evidence="its list of shares, read back",
            ),
        )


def folders_named(tree: Tree, written: str) -> tuple[Folder, ...]:
    """
    The folders of a list with commas; ids, handles, paths or titles. A title that has a comma is found by its whole.

    Raises:
        NotFound, BadArgument: one of them is not there, or several are.
    """
    if not written.strip():
        return ()
    whole = [one for one in tree.sharable if fold(written) in (fold(one.title), fold(tree.path(one.id)))]
    if len(whole) == 1:
        return (whole[0],)
    names = [part for part in (piece.strip() for piece in written.split(",")) if part]
    return tuple({one.id: one for one in map(tree.named, names)}.values())


def about_target(
    directory: Directory, target: Contact, services: Iterable[str], flows: Iterable[Flow], system: str
) -> Iterable[str]:
    """Objections to letting ``system`` act as an account."""
    name = label(target)
    if target.id == directory.own_id:
        yield "that is the bot's own user: what it holds could not be ended without the bot"
    if target.deleted:
        yield f"{name} is deleted in Wrike"
    elif target.active is False:
        yield f"{name} is deactivated: activate it first"
    if target.type != people.ROBOT and fold(target.email) not in set(services):
        yield (
            f"{name} is not known as a service account: add it to `service_accounts` in the configuration, or make one"
            " with `wrike invite`"
        )
    others = sorted({f.system for f in flows if fold(f.account) == fold(target.email)} - {system})
    if others and target.email:
        yield f"{name} serves {others[0]} already: use one account for each system"


def notes_on(target: Contact) -> Iterable[str]:
    """What people should know of an account before they approve."""
    name = label(target)
    if target.active is None and not target.deleted:
        yield f"Wrike does not tell the bot whether {name} is deactivated."
    if target.admin or target.owner:
        yield (
            f"{name} is {target.rank} of the account: more than an integration should be, unless it must invite or"
            " remove users."
        )
    if target.external or target.role == "Collaborator":
        yield f"{name} is {target.rank}: it sees and may do less than a regular user."
    yield f"{name} sees only what is shared with it. Compare with what the integration uses before you approve."
