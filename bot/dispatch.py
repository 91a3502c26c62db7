"""From a Request to a Reply: find the handler, decide whether the caller may, run it, explain what went wrong."""

from __future__ import annotations

import importlib
import pkgutil
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Protocol

import structlog

from bot.chat.grammar import Flag, FlagKind, Parsed, Spec, Unknown, Word, parse, tokenize
from bot.chat.model import (
    Button,
    Buttons,
    Caller,
    Code,
    Note,
    Option,
    Para,
    Reply,
    Request,
    Role,
    Span,
    Trigger,
    Typed,
)
from bot.chat.questions import understood
from bot.chat.tokens import typed_again
from bot.errors import BadArgument, BotError, Denied, InvariantBroken
from bot.people.find import Several
from bot.services import Services
from bot.text import clean

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a handler gets: the request, its parsed words, and the product's services."""

    request: Request
    services: Services
    words: tuple[Word, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)

    @property
    def caller(self) -> Caller:
        """Who asks, with their role."""
        return self.request.caller

    @property
    def text(self) -> str:
        """The words as one string."""
        return " ".join(word.value for word in self.words)

    def connection(self, platform: str) -> str:
        """The connection to a platform that ``--connection`` names, or the only one.

        Raises:
            BadArgument: none is configured, or it is not clear which.
        """
        named = self.flags.get("connection", "")
        known = [c for c in self.services.settings.connections if c.startswith(f"{platform}:")]
        if not known:
            title = TITLES.get(platform, platform.capitalize())
            raise BadArgument(
                f"No {title} connection is configured. Add one to the configuration and restart."
            )
        chosen = [c for c in known if named in ("", c, c.partition(":")[2])]
        if len(chosen) != 1:
            raise BadArgument(f"Say which with `--connection`: {', '.join(f'`{c}`' for c in known)}.")
        return chosen[0]


TITLES = {"netsuite": "NetSuite"}
Handler = Callable[[Context], Awaitable[Reply]]
Searcher = Callable[[Context], Awaitable[tuple[Option, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One handler with its metadata. ``opens`` is the title of the form it may answer with.

    For what ``writes``, groups that cannot be read grant nothing; what only reads may rely on older ones.
    """

    name: str
    handler: Handler
    role: Role
    writes: bool
    spec: Spec | None = None
    modal: Callable[[Parsed], str | None] | None = None


_ROUTES = "__handover_routes__"
PUBLIC = Flag(FlagKind.SWITCH, help="everybody in the channel sees the answer")
_TYPED_BUTTONS = frozenset({"run", "turn"})  # their value is a command; "turn" takes the place of the message


def command(
    verb: str,
    *,
    usage: str,
    role: Role = Role.VIEWER,
    aliases: tuple[str, ...] = (),
    flags: Mapping[str, Flag] | None = None,
    examples: tuple[str, ...] = (),
    modal: Callable[[Parsed], str | None] | None = None,
    writes: bool = False,
) -> Callable[[Handler], Handler]:
    """A typed command; the handler's docstring is its help text.

    What an operator's role is needed for ``writes`` in any case; what only reads can be answered in public.
    """
    reads = not (writes or role.covers(Role.OPERATOR))

    def attach(handler: Handler) -> Handler:
        spec = Spec(
            verb=verb,
            summary=(handler.__doc__ or "").strip().splitlines()[0],
            usage=usage,
            aliases=aliases,
            flags={**(flags or {}), **({"public": PUBLIC} if reads else {})},
            examples=examples,
        )
        route = Route(name=verb, handler=handler, role=role, writes=not reads, spec=spec, modal=modal)
        return _mark(handler, "command", route)

    return attach


def button(
    name: str, *, role: Role = Role.VIEWER, modal: str | None = None, writes: bool = False
) -> Callable[[Handler], Handler]:
    """What a button called ``name`` does."""
    title = (lambda _: modal) if modal else None
    writes = writes or role.covers(Role.OPERATOR)

    def attach(handler: Handler) -> Handler:
        route = Route(name=name, handler=handler, role=role, writes=writes, modal=title)
        return _mark(handler, "button", route)

    return attach


def form(name: str, *, role: Role = Role.VIEWER) -> Callable[[Handler], Handler]:
    """What happens when the form called ``name`` is sent: forms are there to write."""
    return lambda handler: _mark(handler, "form", Route(name=name, handler=handler, role=role, writes=True))


class Search(Protocol):
    """A function that answers a form's search field. Implemented in ``handlers``."""

    async def __call__(self, context: Context) -> tuple[Option, ...]: ...


def search(name: str) -> Callable[[Searcher], Searcher]:
    """What the search field called ``name`` offers."""

    def attach(searcher: Searcher) -> Searcher:
        marks = [*getattr(searcher, _ROUTES, ()), ("search", name, Role.VIEWER)]
        setattr(searcher, _ROUTES, marks)
        return searcher

    return attach


def _mark(handler: Handler, kind: str, route: Route) -> Handler:
    setattr(handler, _ROUTES, [*getattr(handler, _ROUTES, ()), (kind, route.name, route)])
    return handler


@dataclass(slots=True)
class Routes:
    """Everything that can be asked, by how it is asked."""

    commands: dict[str, Route] = field(default_factory=dict)
    buttons: dict[str, Route] = field(default_factory=dict)
    forms: dict[str, Route] = field(default_factory=dict)
    searches: dict[str, Searcher] = field(default_factory=dict)

    @property
    def specs(self) -> tuple[Spec, ...]:
        """The grammar's view of the commands."""
        return tuple(route.spec for route in self.commands.values() if route.spec)


def discover(package: ModuleType) -> Routes:
    """Collect every decorated function of a package's modules.

    Raises:
        InvariantBroken: two handlers claim one name.
    """
    routes = Routes()
    tables: dict[str, dict[str, object]] = {
        "command": routes.commands,  # type: ignore[dict-item]  # one loop serves four tables of two value types
        "button": routes.buttons,  # type: ignore[dict-item]
        "form": routes.forms,  # type: ignore[dict-item]
        "search": routes.searches,  # type: ignore[dict-item]
    }
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for thing in vars(importlib.import_module(info.name)).values():
            for kind, name, route in getattr(thing, _ROUTES, ()):
                held = thing if kind == "search" else route
                if tables[kind].setdefault(name, held) is not held:
                    raise InvariantBroken(f"two handlers for {kind} {name!r}")
    return routes


class Dispatcher:
    """The one way in for everything people do. Never raises: whatever goes wrong becomes a reply."""

    def __init__(self, routes: Routes, services: Services) -> None:
        self._routes = routes
        self._services = services

    async def __call__(self, request: Request) -> Reply:
        """Answer a request. Unexpected failures are logged under a reference that the reply shows."""
        try:
            return await self._answer(request)
        except BotError as exc:
            log.info("request.refused", code=exc.code, caller=request.caller.user_id, name=request.name)
            return self._refusal(exc, request)
        except Exception as exc:  # one of the three places that may: the reference is shown
            reference = secrets.token_hex(4)
            log.error(
                "request.failed",
                reference=reference,
                name=request.name,
                error=type(exc).__name__,
                exc_info=exc,
            )
            return Reply(
                summary=f"That failed on our side, and nothing was changed. Reference {reference}.",
                parts=(
                    Para(("That failed on our side, and nothing was changed.",)),
                    Para(("Tell an administrator this reference: ", Code(reference))),
                ),
            )

    async def _answer(self, request: Request) -> Reply:
        if request.trigger is Trigger.BUTTON and request.name in _TYPED_BUTTONS:
            typed = replace(request, trigger=Trigger.COMMAND, text=request.value)
            return replace(await self._answer(typed), replace=request.name == "turn")
        route, parsed = self._route(request)
        role = await self._services.access.role_of(request.caller, fresh=route.writes)
        if not role.covers(route.role):
            await self._services.access.refused(request.caller, route.name)
            raise Denied(
                f"This needs the {route.role.value} role and you have {role.value}. "
                "Ask an administrator of Handover to add you to the right Slack group."
            )
        asked = replace(request, caller=replace(request.caller, role=role))
        words, flags = (parsed.args, parsed.flags) if parsed else ((), {})
        reply = await route.handler(Context(request=asked, services=self._services, words=words, flags=flags))
        if request.trigger is Trigger.COMMAND and (meant := understood(tokenize(request.text))):
            also = Note(("You can also type ", Typed(_said(meant))))
            reply = replace(reply, parts=(*reply.parts, also))
        return replace(reply, public=True) if "public" in flags else reply

    def _route(self, request: Request) -> tuple[Route, Parsed | None]:
        if request.trigger is Trigger.COMMAND:
            typed = tokenize(request.text) or (Word("menu"),)
            words = understood(typed) or typed
            parsed = parse(words, self._routes.specs)
            return self._routes.commands[parsed.spec.verb], parsed
        if request.trigger is Trigger.HOME:
            return self._routes.buttons["home"], None
        table = self._routes.forms if request.trigger is Trigger.SUBMIT else self._routes.buttons
        if request.name not in table:
            raise Denied(
                f"This button is from an older version. Type {self._services.settings.slack.command} "
                "to see what can be done now.",
                reason="outdated",
            )
        return table[request.name], None

    def modal(self, request: Request) -> str | None:
        """The title of the form this request will surely be answered with; None when it may not be."""
        if request.trigger is Trigger.BUTTON and request.name in _TYPED_BUTTONS:
            request = replace(request, trigger=Trigger.COMMAND, text=request.value)
        try:
            route, parsed = self._route(request)
        except BotError:
            return None
        return route.modal(parsed or _NOTHING) if route.modal else None

    async def search(self, request: Request) -> tuple[Option, ...]:
        """Options for a form's search field; none for somebody who may not look."""
        role = await self._services.access.role_of(request.caller)
        searcher = self._routes.searches.get(request.name)
        if searcher is None or not role.covers(Role.VIEWER):
            return ()
        asked = replace(request, caller=replace(request.caller, role=role))
        return (await searcher(Context(request=asked, services=self._services)))[:100]

    async def event(self, name: str, event: Mapping[str, object], event_id: str) -> None:
        """Something happened in the workspace; may come twice, late or never."""
        await self._services.people.event(name, event)

    async def missed(self) -> None:
        """Events may be lost: read all members anew, which tells of everybody who left or came back meanwhile."""
        await self._services.people.reconcile()

    def _refusal(self, exc: BotError, request: Request | None = None) -> Reply:
        parts: tuple[Para | Buttons, ...] = (Para(marked(exc.hint)),)
        if isinstance(exc, Several) and request is not None and request.trigger is Trigger.COMMAND:
            meant = understood(tokenize(request.text))
            parts = (*parts, _one_of(exc, _said(meant) if meant else request.text))
        if isinstance(exc, Unknown) and exc.suggestion:
            label = f"Run {exc.suggestion}"
            parts = (*parts, Buttons((Button(label, "run", exc.suggestion),)))
        return Reply(summary=exc.hint, parts=parts)


def marked(hint: str) -> tuple[Span, ...]:
    """A hint as spans: what stands between backticks is something to type."""
    pieces = hint.split("`")
    return tuple(Code(piece) if at % 2 else piece for at, piece in enumerate(pieces) if piece)


_NOTHING = Parsed(spec=Spec(verb="", summary="", usage=""), args=(), flags={})


def _said(words: Sequence[Word]) -> str:
    return " ".join(typed_again(word) for word in words)


def _one_of(several: Several, text: str) -> Buttons:
    """The same command with each of these people in it: what was typed ends with what they are called."""
    verb = text.removesuffix(several.typed).rstrip()
    return Buttons(
        tuple(
            Button(
                clean(person.name, 30),
                "run",
                f"{verb} <@{person.slack_id}>",
                hint=f"{verb} {clean(person.name, 40)}",
            )
            for person in several.people[:5]
        )
    )
