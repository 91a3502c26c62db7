"""From a request to a reply: routes, roles, refusals and failures, with handlers that a test writes."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import handlers
from bot.chat.model import Buttons, Caller, Code, Option, Reply, Request, Role, Trigger
from bot.dispatch import Ask, Dispatcher, Routes, button, command, discover, form, marked, search
from bot.errors import BadArgument, InvariantBroken
from bot.services import Services

WHO = Caller(user_id="U1")


@dataclass
class Access:
    """Gives one role to everybody and remembers how it was asked."""

    role: Role = Role.ADMIN
    asked: list[bool] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    async def role_of(self, caller: Caller, *, fresh: bool = False) -> Role:
        self.asked.append(fresh)
        return self.role

    async def refused(self, caller: Caller, what: str) -> None:
        self.refusals.append(what)


@command("show", usage="show <id>", aliases=("card",), examples=("show 1",))
async def show(ask: Ask) -> Reply:
    """Shows a thing."""
    return Reply(summary=f"shown {ask.text} to {ask.caller.role.value}")


@command("break", usage="break", role=Role.OPERATOR, opens=lambda parsed: None if parsed.args else "Break it")
async def broken(ask: Ask) -> Reply:
    """Breaks a thing."""
    raise ZeroDivisionError("a secret name")


@command("owner accept", usage="owner accept", writes=True)
async def accept(ask: Ask) -> Reply:
    """Accepts."""
    return Reply(summary="accepted")


@command("menu", usage="menu", role=Role.NONE)
async def menu(ask: Ask) -> Reply:
    """The menu."""
    return Reply(summary="menu")


@button("decide", role=Role.APPROVER)
async def decide(ask: Ask) -> Reply:
    """Decides."""
    return Reply(summary=f"decided {ask.request.value}")


@form("owner")
async def owner(ask: Ask) -> Reply:
    """A form."""
    raise BadArgument("Type `owner set` instead.")


@search("thing")
async def things(ask: Ask) -> tuple[Option, ...]:
    """A hundred and one things."""
    return tuple(Option(str(n), str(n)) for n in range(101))


def routes() -> Routes:
    """The handlers above, found as a package's are."""
    found = Routes()
    for handler in (show, broken, accept, menu, decide, owner, things):
        for kind, name, route in getattr(handler, "__handover_routes__"):  # noqa: B009  mypy knows no such attribute
            table: dict[str, Any] = getattr(found, {"search": "searches"}.get(kind, f"{kind}s"))
            table[name] = handler if kind == "search" else route
    return found


def desk(access: Access | None = None) -> Dispatcher:
    settings = SimpleNamespace(slack=SimpleNamespace(command="/svc"))
    services = SimpleNamespace(access=access or Access(), settings=settings)
    return Dispatcher(routes(), cast(Services, services))


def typed(text: str) -> Request:
    return Request(trigger=Trigger.COMMAND, caller=WHO, text=text)


def pressed(name: str, value: str = "") -> Request:
    return Request(trigger=Trigger.BUTTON, caller=WHO, name=name, value=value)


async def test_a_handler_gets_the_words_and_the_role() -> None:
    """The role comes from us, never from the request."""
    reply = await desk(Access(Role.VIEWER))(typed("show a b"))
    assert reply.summary == "shown a b to viewer"


async def test_nothing_typed_is_the_menu() -> None:
    """An empty command is a question, not a mistake."""
    for text in ("", "   "):
        assert (await desk()(typed(text))).summary == "menu"


async def test_too_small_a_role_is_refused_and_written_down() -> None:
    """The refusal says which role is missing; the trail learns who tried what."""
    access = Access(Role.VIEWER)
    reply = await desk(access)(pressed("decide", "X"))
    assert "needs the approver role and you have viewer" in reply.summary
    assert access.refusals == ["decide"]


@pytest.mark.parametrize(
    ("request_", "fresh"),
    [
        (typed("show x"), False),
        (typed("owner accept"), True),
        (pressed("decide"), True),
        (typed("break x"), True),
        (Request(trigger=Trigger.SUBMIT, caller=WHO, name="owner"), True),
    ],
)
async def test_whatever_writes_needs_a_role_read_anew(request_: Request, fresh: bool) -> None:
    """Old groups may answer questions, and never let anything be changed."""
    access = Access()
    await desk(access)(request_)
    assert access.asked == [fresh]


async def test_an_unexpected_failure_shows_a_reference_and_nothing_else() -> None:
    """People get something to quote; names and causes stay in the log."""
    reply = await desk()(typed("break x"))
    assert "Reference" in reply.summary
    assert "secret" not in str(reply)
    assert "nothing was changed" in reply.summary


async def test_a_mistake_is_answered_with_its_hint() -> None:
    """What stands between backticks is shown as something to type."""
    reply = await desk()(Request(trigger=Trigger.SUBMIT, caller=WHO, name="owner"))
    assert reply.summary == "Type `owner set` instead."
    assert Code("owner set") in reply.parts[0].spans  # type: ignore[union-attr]


async def test_a_typo_offers_the_verb_that_was_meant() -> None:
    """Not a dead end: the nearest verb is a button away."""
    reply = await desk()(typed("shwo 1"))
    (offered,) = (part for part in reply.parts if isinstance(part, Buttons))
    assert [(b.action, b.value) for b in offered.items] == [("run", "show")]


async def test_a_button_of_another_release_is_explained() -> None:
    """Dead buttons say what to do now."""
    assert "older version" in (await desk()(pressed("no.such.button"))).summary


async def test_run_types_its_value_and_turn_takes_the_place_of_the_message() -> None:
    """Both are commands by another way, so both obey the command's role."""
    ran, turned = await desk()(pressed("run", "show 1")), await desk()(pressed("turn", "show 1"))
    assert (ran.summary, ran.replace) == ("shown 1 to admin", False)
    assert (turned.summary, turned.replace) == ("shown 1 to admin", True)
    assert "needs the operator role" in (await desk(Access(Role.VIEWER))(pressed("run", "break x"))).summary


async def test_only_what_reads_can_be_answered_in_public() -> None:
    """Everybody may see an answer that somebody asked for openly; what writes has no such switch."""
    assert (await desk()(typed("show 1 --public"))).public
    assert not (await desk()(typed("show 1"))).public
    assert "has no --public" in (await desk()(typed("break 1 --public"))).summary
    assert "has no --public" in (await desk()(typed("owner accept --public"))).summary


def test_a_form_is_announced_only_where_it_surely_comes() -> None:
    """The title is known before the work begins, also through a button that types."""
    at = desk()
    assert at.opens(typed("break")) == "Break it"
    assert at.opens(pressed("run", "break")) == "Break it"
    assert at.opens(typed("break x")) is None
    assert at.opens(typed("show")) is None
    assert at.opens(typed("nonsense")) is None


async def test_a_search_offers_a_hundred_at_most_and_nothing_to_strangers() -> None:
    """Slack takes a hundred options; whoever may not look is offered none."""
    asked = Request(trigger=Trigger.SEARCH, caller=WHO, name="thing")
    assert len(await desk().search(asked)) == 100
    assert await desk(Access(Role.NONE)).search(asked) == ()
    assert await desk().search(Request(trigger=Trigger.SEARCH, caller=WHO, name="other")) == ()


def test_two_handlers_of_one_name_stop_the_boot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of two handlers runs is never left to the order of files."""
    twice = (
        "from bot.dispatch import command\n"
        "@command('same', usage='same')\n"
        "async def handler(ask):\n"
        "    'Does it.'\n"
    )
    (tmp_path / "doubled").mkdir()
    (tmp_path / "doubled" / "__init__.py").write_text("")
    for name in ("one", "two"):
        (tmp_path / "doubled" / f"{name}.py").write_text(twice)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(InvariantBroken, match="two handlers for command 'same'"):
        discover(importlib.import_module("doubled"))


def test_every_handler_explains_itself() -> None:
    """The docstring is the help text; a command without examples teaches nobody."""
    for route in discover(handlers).commands.values():
        assert route.spec
        assert route.spec.summary.endswith((".", "?")), route.name
        assert route.spec.examples, route.name


def test_marked_text_alternates() -> None:
    """Backticks become fixed width, and never reach people as they are."""
    assert marked("Try `list` or `scan`.") == ("Try ", Code("list"), " or ", Code("scan"), ".")
