"""The question to which account an integration goes, as a list to choose from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.chat.model import Input, InputKind, Option, Para, Part
from bot.inventory.catalogue import Catalogue, Entry
from bot.platform.model import Principal
from bot.requests.targets import Target
from bot.text import clean, fold

LONGEST = 75  # of an option's label, value and small print in Slack


def target_input(offered: Sequence[Target], typed: str = "", *, best: bool = True, **more: Any) -> Input:
    """The question to which account. What was typed stays offered as it is: it may fit for reasons we do not see."""
    options = target_options(offered, best=best)
    same = [option for option in options if fold(typed) in (fold(option.value), fold(option.label))]
    if typed and not same:
        options = (
            Option(clean(typed, 75), typed, "As you typed it; not among the accounts that fit"),
            *options,
        )
    given: dict[str, Any] = {
        "name": "target",
        "label": "To which account",
        "hint": "An active integration account on the same system. The plan is checked first.",
        "placeholder": "Choose an account, or type a part of its name",
        **more,
    }
    return Input(kind=InputKind.SEARCH, options=options, initial=same[0].value if same else typed, **given)


def none_fits(offered: Sequence[Target], entry: Entry | None) -> tuple[Part, ...]:
    """Says so where the list of accounts would be empty."""
    if offered:
        return ()
    there = f" on {entry.item.connection}" if entry else ""
    return (Para((f"No account fits{there} yet. Create an integration account there first, then scan.",)),)


def chosen_target(catalogue: Catalogue, value: str) -> str:
    """The user name behind a chosen option: the value itself, unless it was too long to travel."""
    item = catalogue.by_ref.get(value)
    return item.body.username if item and isinstance(item.body, Principal) else value


def target_options(offered: Sequence[Target], *, best: bool) -> tuple[Option, ...]:
    """``best``: they are for one known credential, so the first is the one to take."""
    options = []
    for at, target in enumerate(offered):
        name = target.account.username
        value = name if len(name) <= LONGEST else target.item.ref
        why = f"Best choice: {target.why[:1].lower()}{target.why[1:]}" if best and at == 0 else target.why
        why = why if best else f"{target.item.connection} · {why}"
        options.append(Option(clean(name, LONGEST), value, clean(why, LONGEST)))
    return tuple(options)
