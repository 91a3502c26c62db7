"""Who answers for what."""

from __future__ import annotations

from dataclasses import replace

from bot.chat.grammar import WordKind
from bot.chat.model import Data, Form, Input, InputKind, Mention, Para, Reply, Role, Trigger, Typed
from bot.dispatch import Ask, button, command, form
from bot.errors import BadArgument, NotFound
from bot.inventory.catalogue import Catalogue, label
from bot.inventory.model import Item, Rank
from bot.text import clean, fold, plural


@command(
    "owner set",
    usage="owner set <id|name> @person",
    role=Role.OPERATOR,
    examples=("owner set 7K2QXM @ana",),
    opens=lambda parsed: (
        "Set owner" if not any(w.kind is WordKind.PERSON or "@" in w.value for w in parsed.args) else None
    ),
)
async def set_owner(ask: Ask) -> Reply:
    """Ask somebody to answer for an account; it is theirs once they accept."""
    people = [w for w in ask.words if w.kind is WordKind.PERSON or ("@" in w.value and not w.quoted)]
    name = " ".join(w.value for w in ask.words if w not in people)
    catalogue = await ask.services.inventory.catalogue()
    if not people:
        return _form(catalogue.find(name) if name else None)
    if len(people) > 1:
        raise BadArgument("Name one person. A second one is asked by `owner backup <id> @person`.")
    return await _propose(ask, catalogue.find(name), _member(catalogue, people[0].value))


@command(
    "owner backup",
    usage="owner backup <id|name> @person",
    role=Role.OPERATOR,
    examples=("owner backup 7K2QXM @ben",),
)
async def set_backup(ask: Ask) -> Reply:
    """Ask a second person, who hears when the owner does not answer and is asked to take over when they go."""
    people = [w for w in ask.words if w.kind is WordKind.PERSON or ("@" in w.value and not w.quoted)]
    name = " ".join(w.value for w in ask.words if w not in people)
    if len(people) != 1:
        raise BadArgument("Name one account and one person: `owner backup 7K2QXM @ben`.")
    catalogue = await ask.services.inventory.catalogue()
    return await _propose(ask, catalogue.find(name), _member(catalogue, people[0].value), Rank.BACKUP)


@command(
    "owner attest",
    usage="owner attest [id|name]",
    examples=("owner attest", "owner attest 7K2QXM"),
    writes=True,
)
async def attest(ask: Ask) -> Reply:
    """Say that what you answer for is still yours: all of it, or one account. The trail keeps it as evidence."""
    catalogue = await ask.services.inventory.catalogue()
    return await _attested(ask, catalogue.find(ask.text) if ask.words else None)


@button("owner.attest", writes=True)
async def press_attest(ask: Ask) -> Reply:
    """The All Still Mine button of a quarterly question."""
    return replace(await _attested(ask, None), replace=True)


async def _attested(ask: Ask, item: Item | None) -> Reply:
    count = await ask.services.stewardship.attest(ask.caller.user_id, item)
    text = f"You attested {plural(count, 'account')}. Thank you; the trail has it."
    return Reply(
        summary=text,
        parts=(Para((text,)), Para((Typed("list mine"), " shows everything that is yours."))),
    )


@button("owner.open", role=Role.OPERATOR, opens="Set owner")
async def open_form(ask: Ask) -> Reply:
    """The form behind the Set Owner button."""
    catalogue = await ask.services.inventory.catalogue()
    return _form(catalogue.find(ask.request.value))


@form("owner", role=Role.OPERATOR)
async def submitted(ask: Ask) -> Reply:
    """A sent Set Owner form."""
    catalogue = await ask.services.inventory.catalogue()
    ref = ask.request.state.get("item") or ask.request.answers.get("item", "")
    person = ask.request.answers.get("person", "")
    if not ref:
        return Reply(summary="Pick an account.", errors={"item": "Pick an account from the list."})
    if not person:
        return Reply(summary="Pick a person.", errors={"person": "Pick a person."})
    try:
        return await _propose(ask, catalogue.find(ref), person)
    except BadArgument as exc:
        return Reply(summary=exc.hint, errors={"person": exc.hint})


async def _propose(ask: Ask, item: Item, person: str, rank: Rank = Rank.OWNER) -> Reply:
    await ask.services.ownerships.propose(item, person, ask.caller.user_id, rank)
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
async def accept(ask: Ask) -> Reply:
    """Accept that you answer for an account you were proposed for."""
    return await _answer(ask, await _proposal(ask), accepted=True)


@command("owner decline", usage="owner decline <id|name>", examples=("owner decline 7K2QXM",), writes=True)
async def decline(ask: Ask) -> Reply:
    """Decline to answer for an account you were proposed for."""
    return await _answer(ask, await _proposal(ask), accepted=False)


@button("owner.accept", writes=True)
async def press_accept(ask: Ask) -> Reply:
    """The Accept button of a proposal."""
    return await _answer(ask, ask.request.value, accepted=True)


@button("owner.decline", writes=True)
async def press_decline(ask: Ask) -> Reply:
    """The Decline button of a proposal."""
    return await _answer(ask, ask.request.value, accepted=False)


async def _proposal(ask: Ask) -> str:
    catalogue = await ask.services.inventory.catalogue()
    item = catalogue.find(ask.text) if ask.words else None
    pending = await ask.services.ownerships.pending_for(ask.caller.user_id, item)
    if not pending:
        raise NotFound("Nobody has asked you to answer for that. `list mine` shows what is yours.")
    if len(pending) > 1:
        raise BadArgument("You were asked about several. Name one: `owner accept <id>`.")
    return pending[0].id


async def _answer(ask: Ask, proposal_id: str, *, accepted: bool) -> Reply:
    _, item = await ask.services.ownerships.answer(proposal_id, ask.caller.user_id, accept=accepted)
    name = clean(label(item), 80)
    text = (
        f"You now answer for {name}."
        if accepted
        else f"You declined {name}. Nothing is yours that you did not accept."
    )
    return Reply(
        summary=text,
        replace=ask.request.trigger is Trigger.BUTTON,
        parts=(Para((text,)), Para((Typed("list mine"), " shows everything that is yours."))),
    )


def _member(catalogue: Catalogue, value: str) -> str:
    if value in catalogue.people or "@" not in value:
        return value
    found = next((p for p in catalogue.people.values() if p.email and fold(p.email) == fold(value)), None)
    if found is None:
        raise NotFound("No member of this workspace has that e-mail address.")
    return found.slack_id


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
