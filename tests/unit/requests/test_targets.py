"""Which accounts a credential can go to, in which order, and how they are offered."""

from __future__ import annotations

from bot.chat.model import InputKind
from bot.inventory.catalogue import Catalogue, build
from bot.platform.model import PrincipalKind, PrincipalStatus
from bot.requests.target_choice import chosen_target, none_fits, target_input
from bot.requests.targets import Target, Targets
from bot.slack.inputs import input_block
from tests.unit.samples import application, grant, item, principal

SVC = PrincipalKind.SERVICE
ITEMS = (
    item("APP001", application("0H4A", "Marketo sync")),
    item("APP002", application("0H4B", "Gong")),
    item("GRT001", grant("g1", "Marketo sync", "005S", "0H4A")),
    item("GRT002", grant("g2", "Gong", "005T", "0H4B")),
    item("ANA001", principal("005A", "Ana Duarte")),
    item("SVC001", principal("005S", "Holder Svc", kind=SVC)),
    item("SVC002", principal("005T", "Busy Svc", kind=SVC)),
    item("SVC003", principal("005U", "Free Svc", kind=SVC)),
    item("SVC004", principal("005V", "Asleep Svc", PrincipalStatus.FROZEN, kind=SVC)),
)


def fitting(catalogue: Catalogue) -> tuple[Target, ...]:
    entry = catalogue.entry(catalogue.by_ref["GRT001"])
    assert entry
    return Targets(catalogue).fitting(entry)


def test_dedicated_accounts_come_first_and_the_holder_not_at_all() -> None:
    """No person, no frozen account and not the account that holds it already; each says what else uses it."""
    found = fitting(build(ITEMS, (), ()))
    assert [(t.account.username, t.why) for t in found] == [
        ("free@example.com", "Nothing else uses it"),
        ("busy@example.com", "1 other integration on it"),
    ]


def test_only_the_best_is_called_best_and_shown_in_slack() -> None:
    """The first says that it is the best choice, in the small print of its option."""
    asked = target_input(fitting(build(ITEMS, (), ())))
    assert asked.kind is InputKind.SEARCH
    assert [o.why for o in asked.options] == [
        "Best choice: nothing else uses it",
        "1 other integration on it",
    ]
    assert input_block(asked)["element"]["type"] == "external_select"


def test_what_was_typed_is_chosen_already() -> None:
    """A known account in any spelling is found; another is kept as it was typed, and said to be so."""
    offered = fitting(build(ITEMS, (), ()))
    known = input_block(target_input(offered, "BUSY@example.com"))["element"]["initial_option"]
    assert known["value"] == "busy@example.com"
    other = input_block(target_input(offered, "ana@example.com"))["element"]["initial_option"]
    assert other["value"] == "ana@example.com"
    assert other["description"]["text"].startswith("As you typed it")


def test_a_user_name_too_long_for_slack_is_still_found() -> None:
    """Its reference travels in its place, and is turned back into the user name."""
    catalogue = build((*ITEMS[:5], item("SVC009", principal("005Z", "L" * 80, kind=SVC))), (), ())
    (option,) = target_input(fitting(catalogue)).options
    assert option.value == "SVC009"
    assert chosen_target(catalogue, option.value) == fitting(catalogue)[0].account.username
    assert chosen_target(catalogue, "busy@example.com") == "busy@example.com"


def test_an_empty_list_is_said_in_words() -> None:
    """Nobody is left before an empty field without knowing why."""
    catalogue = build(ITEMS[:6], (), ())
    entry = catalogue.entry(catalogue.by_ref["GRT001"])
    assert none_fits(fitting(catalogue), entry)
    assert none_fits(fitting(build(ITEMS, (), ())), entry) == ()
