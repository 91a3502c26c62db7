"""Who answers for what."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from bot.chat.grammar import WordKind
from bot.chat.model import Data, Form, Input, InputKind, Mention, Para, Reply, Role, Trigger, Typed
from bot.dispatch import Context, button, command, form
from bot.errors import BadArgument, NotFound
from bot.inventory.catalogue import Catalogue, label
from bot.inventory.model import Item, Rank
from bot.people.find import found, matching
from bot.text import clean, plural


@command(
    "owner set",
    usage="owner set <id|name> @person",
    role=Role.OPERATOR,
    examples=("owner set 7K2QXM @ana",),
    modal=lambda parsed: (
        "Set owner"
        if len(parsed.args) < 2 and not any(w.kind is WordKind.PERSON or "@" in w.value for w in parsed.args)
        else None
    ),
)
async def set_owner(context: Context) -> Reply:
    """Ask somebody to answer for an account; it is theirs once they accept."""
    people = [w for w in context.words if w.kind is WordKind.PERSON or ("@" in w.value and not w.quoted)]
    name = " ".join(w.value for w in context.words if w not in people)
    catalogue = await context.services.inventory.catalogue()
    if not people:
        if named := _named(context, catalogue):
            return await _propose(context, *named)
        return _form(catalogue.find(name) if name else None)
    if len(people) > 1:
        raise BadArgument("Name one person. A second one is asked by `owner backup <id> @person`.")
    return await _propose(context, catalogue.find(name), _member(catalogue, people[0].value))


@command(
    "owner backup",
    usage="owner backup <id|name> @person",
    role=Role.OPERATOR,
    examples=("owner backup 7K2QXM @ben",),
)
async def set_backup(context: Context) -> Reply:
    """Ask a second person, who hears when the owner does not answer and is asked to take over when they go."""
    people = [w for w in context.words if w.kind is WordKind.PERSON or ("@" in w.value and not w.quoted)]
    name = " ".join(w.value for w in context.words if w not in people)
    catalogue = await context.services.inventory.catalogue()
    if not people and (named := _named(context, catalogue)):
        return await _propose(context, *named, Rank.BACKUP)
    if len(people) != 1:
        raise BadArgument("Name one account and one person: `owner backup 7K2QXM @ben`.")
    return await _propose(context, catalogue.find(name), _member(catalogue, people[0].value), Rank.BACKUP)


@command(
    "owner attest",
    usage="owner attest [id|name]",
    examples=("owner attest", "owner attest 7K2QXM"),
    writes=True,
)
async def attest(context: Context) -> Reply:
    """Say that what you answer for is still yours: all of it, or one account. The trail keeps it as evidence."""
    catalogue = await context.services.inventory.catalogue()
    return await _attested(context, catalogue.find(context.text) if context.words else None)


@button("owner.attest", writes=True)
async def press_attest(context: Context) -> Reply:
    """The All Still Mine button of a quarterly question."""
    return replace(await _attested(context, None), replace=True)


async def _attested(context: Context, item: Item | None) -> Reply:
    count = await context.services.ownership_reviews.attest(context.caller.user_id, item)
    text = f"You confirmed {plural(count, 'account')}. Thank you. The audit log has it."
    return Reply(
        summary=text,
        parts=(Para((text,)), Para((Typed("list mine"), " shows everything that is yours."))),
    )


@button("owner.open", role=Role.OPERATOR, modal="Set owner")
async def open_form(context: Context) -> Reply:
    """The form behind the Set Owner button."""
    catalogue = await context.services.inventory.catalogue()
    return _form(catalogue.find(context.request.value))


@form("owner", role=Role.OPERATOR)
async def submitted(context: Context) -> Reply:
    """A sent Set Owner form."""
    catalogue = await context.services.inventory.catalogue()
    ref = context.request.state.get("item") or context.request.answers.get("item", "")
    person = context.request.answers.get("person", "")
    if not ref:
        return Reply(summary="Pick an account.", errors={"item": "Pick an account from the list."})
    if not person:
        return Reply(summary="Pick a person.", errors={"person": "Pick a person."})
    try:
        return await _propose(context, catalogue.find(ref), person)
    except BadArgument as exc:
        return Reply(summary=exc.hint, errors={"person": exc.hint})


async def _propose(context: Context, item: Item, person: str, rank: Rank = Rank.OWNER) -> Reply:
    await context.services.ownerships.propose(item, person, context.caller.user_id, rank)
    name = clean(label(item), 80)
    what = "an owner" if rank is Rank.OWNER else "a backup owner"
    deed = " to answer for " if rank is Rank.OWNER else " to be the backup owner of "
    return Reply(
        summary=f"Asked. {name} has {what} once they accept.",
        parts=(
            Para(
                (
                    "Asked ",
                    Mention(person),
                    deed,
                    Data(name, strong=True),
                    ". It counts once they accept.",
                )
            ),
            Para(
                (
                    "They were sent a direct message; they can also type ",
                    Typed(f"owner accept {item.ref}"),
                    ".",
                )
            ),
        ),
    )


@command("owner accept", usage="owner accept <id|name>", examples=("owner accept 7K2QXM",), writes=True)
async def accept(context: Context) -> Reply:
    """Accept that you answer for an account you were proposed for."""
    return await _answer(context, await _proposal(context), accepted=True)


@command("owner decline", usage="owner decline <id|name>", examples=("owner decline 7K2QXM",), writes=True)
async def decline(context: Context) -> Reply:
    """Decline to answer for an account you were proposed for."""
    return await _answer(context, await _proposal(context), accepted=False)


@button("owner.accept", writes=True)
async def press_accept(context: Context) -> Reply:
    """The Accept button of a proposal."""
    return await _answer(context, context.request.value, accepted=True)


@button("owner.decline", writes=True)
async def press_decline(context: Context) -> Reply:
    """The Decline button of a proposal."""
    return await _answer(context, context.request.value, accepted=False)


async def _proposal(context: Context) -> str:
    catalogue = await context.services.inventory.catalogue()
    item = catalogue.find(context.text) if context.words else None
    pending = await context.services.ownerships.pending_for(context.caller.user_id, item)
    if not pending:
        raise NotFound("Nobody asked you to own that. `list mine` shows what you own.")
    if len(pending) > 1:
        raise BadArgument("You were asked about several. Name one: `owner accept <id>`.")
    return pending[0].id


async def _answer(context: Context, proposal_id: str, *, accepted: bool) -> Reply:
    _, item = await context.services.ownerships.answer(proposal_id, context.caller.user_id, accept=accepted)
    name = clean(label(item), 80)
    text = (
        f"You now answer for {name}."
        if accepted
        else f"You declined {name}. Nothing is yours that you did not accept."
    )
    return Reply(
        summary=text,
        replace=context.request.trigger is Trigger.BUTTON,
        parts=(Para((text,)), Para((Typed("list mine"), " shows everything that is yours."))),
    )


def _named(context: Context, catalogue: Catalogue) -> tuple[Item, str] | None:
    """An account and, in the last words, somebody's name: where the words can be read so in one way only.

    Raises:
        Several: the name is that of more than one.
    """
    words = [word.value for word in context.words]
    ways: list[tuple[Item, str]] = []
    for at in range(1, len(words)):
        name = " ".join(words[at:])
        if not matching(catalogue.people.values(), name):
            continue
        with suppress(NotFound, BadArgument):
            ways.append((catalogue.find(" ".join(words[:at])), name))
    if len({item.id for item, _ in ways}) != 1:
        return None
    item, name = ways[0]
    return item, found(catalogue.people.values(), name).slack_id


def _member(catalogue: Catalogue, value: str) -> str:
    return value if "@" not in value else found(catalogue.people.values(), value).slack_id


def _form(item: Item | None) -> Reply:
    chosen = (
        ()
        if item
        else (Input(name="item", label="Account", kind=InputKind.SEARCH, placeholder="Type a name"),)
    )
    about = (Para(("For ", Data(clean(label(item), 120), strong=True))),) if item else ()
    asked = Form(
        name="owner",
        title="Set owner",
        submit="Ask Them",
        state={"item": item.ref} if item else {},
        parts=about,
        inputs=(
            *chosen,
            Input(name="person", label="Owner", kind=InputKind.PERSON, hint="It is theirs once they accept."),
        ),
    )
    return Reply(summary="Set owner", form=asked)
