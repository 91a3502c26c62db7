"""Who answers for what: asked by command, button or form, and true only once that person accepts."""

from __future__ import annotations

import asyncio

import pytest
from desk import Desk, buttons_of, words_of

from bot.inventory.model import OwnershipState
from bot.inventory.repository import OwnershipRepository
from bot.people.repository import PersonRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def owners(desk: Desk, ref: str) -> list[tuple[str, OwnershipState]]:
    """Everybody ever asked to answer for an item."""
    assert desk.app
    item = (await desk.app.services.inventory.catalogue()).by_ref[ref]
    async with desk.app.store.read() as unit:
        return [(each.person, each.state) for each in await unit[OwnershipRepository].of(item.id)]


async def proposal(desk: Desk, user: str, name: str) -> dict[str, object]:
    """The direct message that asks somebody to answer for something, once it is there."""

    async def asked() -> dict[str, object] | None:
        mine = [m for m in await desk.dm(user) if name in words_of(m) and "Accept" in buttons_of(m)]
        return mine[-1] if mine else None

    return await desk.until(asked)


async def test_a_typed_proposal_counts_once_it_is_accepted(desk: Desk) -> None:
    """Ownership begins with the yes of the person it names; until then the account stays orphaned."""
    ref, ana = await desk.ref_of("gong"), desk.who("viewer", 1)
    said = await desk.ask(desk.who("operator"), f"owner set {ref} <@{ana}>")
    assert "counts once they accept" in said
    message = await proposal(desk, ana, "Gong")
    assert ref in await desk.ask(desk.who("viewer"), "list gong orphaned")
    assert "asked:" in await desk.ask(desk.who("viewer"), f"show {ref}")
    await desk.click(ana, message, "Accept")

    async def accepted() -> bool:
        return (ana, OwnershipState.ACCEPTED) in await owners(desk, ref)

    await desk.until(accepted)
    assert ref in await desk.ask(ana, "list mine")
    assert ref not in await desk.ask(desk.who("viewer"), "list gong orphaned")
    assert "Gong" in await desk.ask(desk.who("viewer"), f"list --owner <@{ana}>")


async def test_the_message_that_asked_becomes_its_record(desk: Desk) -> None:
    """After the answer the buttons are gone, and whoever asked is told."""
    ana = desk.who("viewer", 1)

    async def settled() -> bool:
        return any("You now answer for Gong" in words_of(m) for m in await desk.dm(ana))

    await desk.until(settled)
    assert all("Accept" not in buttons_of(m) for m in await desk.dm(ana))

    async def told() -> bool:
        return any("accepted ownership" in words_of(m) for m in await desk.dm(desk.who("operator")))

    await desk.until(told)


async def test_two_clicks_at_once_are_one_answer(desk: Desk) -> None:
    """A doubled click accepts once: one line on record, one message to whoever asked."""
    ref, ana = await desk.ref_of("docusign madison"), desk.who("viewer", 10)
    await desk.slash(desk.who("operator", 1), f"owner set {ref} <@{ana}>")
    message = await proposal(desk, ana, "Docusign")
    before = len(await desk.ephemerals(ana))
    await asyncio.gather(desk.click(ana, message, "Accept"), desk.click(ana, message, "Accept"))
    assert "answered already" in words_of(await desk.newest(ana, before))
    assert (await desk.ask(desk.who("viewer"), f"audit {ref}")).count("accepted to own") == 1


async def test_a_second_yes_is_told_that_it_came_late(desk: Desk) -> None:
    """A proposal is answered once; the loser of a double click learns that nothing changed."""
    ref, ana = await desk.ref_of("gong"), desk.who("viewer", 1)
    assert "Nobody asked you" in await desk.ask(ana, f"owner accept {ref}")
    assert "They own it already" in await desk.ask(desk.who("operator"), f"owner set {ref} <@{ana}>")


async def test_only_the_person_named_can_answer(desk: Desk) -> None:
    """Nobody accepts, or declines, for somebody else, however they come by the button."""
    ref, ana, eve = await desk.ref_of("outreach"), desk.who("viewer", 2), desk.who("viewer", 3)
    await desk.slash(desk.who("operator"), f"owner set {ref} <@{ana}>")
    await proposal(desk, ana, "Outreach")
    for verb in ("accept", "decline"):
        assert "Nobody asked you" in await desk.ask(eve, f"owner {verb} {ref}")
    assert await owners(desk, ref) == [(ana, OwnershipState.PROPOSED)]


async def test_a_no_leaves_it_without_an_owner(desk: Desk) -> None:
    """Declining, typed, leaves the account orphaned, and whoever asked is told."""
    ref, ana, operator = await desk.ref_of("outreach"), desk.who("viewer", 2), desk.who("operator")
    assert "You declined" in await desk.ask(ana, f"owner decline {ref}")
    assert await owners(desk, ref) == [(ana, OwnershipState.DECLINED)]
    assert ref in await desk.ask(desk.who("viewer"), "list outreach orphaned")

    async def told() -> bool:
        return any("declined ownership" in words_of(m) for m in await desk.dm(operator))

    await desk.until(told)


async def test_the_decline_button_answers_too(desk: Desk) -> None:
    """Every typed answer has a button, and the button's message turns into the record."""
    ref, ana = await desk.ref_of("shopify"), desk.who("viewer", 4)
    await desk.slash(desk.who("operator"), f"owner set {ref} <@{ana}>")
    await desk.click(ana, await proposal(desk, ana, "Shopify"), "Decline")

    async def declined() -> bool:
        return await owners(desk, ref) == [(ana, OwnershipState.DECLINED)]

    await desk.until(declined)


async def test_the_form_behind_the_button_asks_for_the_person(desk: Desk) -> None:
    """Set Owner on a card opens the form for that very account."""
    ref, ana = await desk.ref_of("tableau"), desk.who("viewer", 5)
    operator = desk.who("operator")
    view = await desk.pressed_form(operator, await desk.slash(operator, f"show {ref}"), "Set Owner")
    assert "Tableau" in words_of(view)
    await desk.submit(operator, view, person=ana)
    await proposal(desk, ana, "Tableau")
    assert await owners(desk, ref) == [(ana, OwnershipState.PROPOSED)]


async def test_the_empty_command_opens_a_form_with_a_search(desk: Desk) -> None:
    """Without an account the form searches the inventory while one types, and finds nothing for nonsense."""
    operator, ana = desk.who("operator"), desk.who("viewer", 6)
    view = await desk.typed_form(operator, "owner set")
    assert await desk.offered(operator, view, "item", "no such thing at all") == []
    found = await desk.offered(operator, view, "item", "zuora")
    assert all("Zuora" in option["text"]["text"] for option in found)
    await desk.submit(operator, view, item=found[0], person=ana)
    assert (ana, OwnershipState.PROPOSED) in await owners(desk, found[0]["value"])


async def test_a_new_proposal_takes_the_place_of_an_unanswered_one(desk: Desk) -> None:
    """Asking somebody else withdraws the first question: two people never both say yes to one account."""
    ref, first, second = await desk.ref_of("tableau"), desk.who("viewer", 5), desk.who("viewer", 7)
    old = await proposal(desk, first, "Tableau")
    await desk.slash(desk.who("operator"), f"owner set {ref} <@{second}>")
    shown = await desk.press(first, old, "Accept")
    assert "answered already" in words_of(shown)
    assert dict(await owners(desk, ref)) == {first: OwnershipState.ENDED, second: OwnershipState.PROPOSED}


async def test_an_accepted_owner_is_replaced_only_by_the_next_yes(desk: Desk) -> None:
    """The old owner answers for it until the new one accepts."""
    ref, ana, next_one = await desk.ref_of("gong"), desk.who("viewer", 1), desk.who("viewer", 8)
    await desk.slash(desk.who("operator"), f"owner set {ref} <@{next_one}>")
    assert ref in await desk.ask(ana, "list mine")
    await desk.ask(next_one, f"owner accept {ref}")
    assert ref not in await desk.ask(ana, "list mine")
    assert ref in await desk.ask(next_one, "list mine")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("<@U0NOBODY00X>", "not a full, active member"),
        ("nobody@larkspur.example", "No member of this workspace"),
        ("<@U0NOBODY00X> <@U0NOBODY00Y>", "Name one person"),
    ],
)
async def test_nobody_outside_the_workspace_is_asked(desk: Desk, words: str, said: str) -> None:
    """An owner is a member we know: a stranger's id, an unknown address and two people at once are refused."""
    ref = await desk.ref_of("marketo")
    assert said in await desk.ask(desk.who("operator"), f"owner set {ref} {words}")
    assert await owners(desk, ref) == []


async def test_a_deactivated_person_is_not_asked(desk: Desk) -> None:
    """Somebody who is gone cannot answer for anything, by command or in the form."""
    ref, gone = await desk.ref_of("expensify"), desk.who("viewer", 9)
    operator = desk.who("operator")
    email = next(p.email for p in desk.sandbox.world.people.values() if p.slack_id == gone)
    view = await desk.pressed_form(operator, await desk.slash(operator, f"show {ref}"), "Set Owner")
    await desk.post("/deactivate", {"email": email, "where": ["slack"]})
    app = desk.app
    assert app

    async def known() -> bool:
        async with app.store.read() as unit:
            person = await unit[PersonRepository].get(gone)
        return bool(person and person.deactivated)

    await desk.until(known)
    assert "not a full, active member" in await desk.ask(operator, f"owner set {ref} <@{gone}>")
    ack = await desk.submit(operator, view, person=gone)
    assert list(ack["errors"]) == ["person"]
    assert await owners(desk, ref) == []


async def test_an_owner_who_leaves_leaves_it_orphaned(desk: Desk) -> None:
    """What a deactivated person answered for counts as nobody's, and says so."""
    ref, owner = await desk.ref_of("gong"), desk.who("viewer", 8)
    email = next(p.email for p in desk.sandbox.world.people.values() if p.slack_id == owner)
    await desk.post("/deactivate", {"email": email, "where": ["slack"]})

    async def orphaned() -> bool:
        return ref in await desk.ask(desk.who("viewer"), "list gong orphaned")

    await desk.until(orphaned)
    assert "(deactivated)" in await desk.ask(desk.who("viewer"), f"show {ref}")


async def test_a_viewer_cannot_name_owners(desk: Desk) -> None:
    """Naming an owner is an operator's deed, typed or by a form."""
    ref = await desk.ref_of("marketo")
    said = await desk.ask(desk.who("viewer"), f"owner set {ref} <@{desk.who('viewer', 1)}>")
    assert "needs the operator role" in said
    assert "Set Owner" not in buttons_of(await desk.slash(desk.who("viewer"), f"show {ref}"))
