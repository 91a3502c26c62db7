"""From Slack to a Request and back: everything is acknowledged in time, whatever the answer takes.

One AsyncApp serves both transports: ``bot.slack.link`` feeds it from Socket Mode, HTTP mode from signed requests.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.chat.model import Caller, Option, Para, Reply, Request, Trigger, Typed
from bot.errors import PlatformError, StoreError
from bot.slack import payloads
from bot.slack.answers import Answers, Asker
from bot.slack.clients import Clients
from bot.slack.home import Home
from bot.slack.inputs import options, refilled
from bot.slack.modals import Modals, Opened
from bot.slack.payloads import Payload
from bot.slack.redaction import VENDOR_LOGGER
from bot.slack.render import working_view
from bot.slack.richtext import Json
from bot.slack.seen import Seen
from bot.slack.work import Work, outcome, within
from bot.text import Secret

log = logging.getLogger(__name__)

STORE_AGAIN_S = 2.0
UNSTORED_AT_MOST = 2_000  # events; with more, all members are read anew
HOMES_AT_ONCE = 50  # views.publish takes about a hundred a minute
EVERYTHING = re.compile(r".*", re.DOTALL)
Ack = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we let work take before we say something else, in seconds.

    Slack waits 3 s for an acknowledgement and gives 3 s to open a view.
    Source: docs.slack.dev/tools/bolt-python/concepts/acknowledge, read 2026-11-21.
    """

    command: float = 1.5  # then the answer comes later, by the response_url
    submit: float = 2.0  # then the form says "Working…"
    search: float = 2.0  # then there are no suggestions
    opening: float = 0.3  # then a loading view opens before the form
    settle: float = 0.5  # an update sent with an acknowledgement may arrive after a call made later
    crowd: int = 10  # commands being answered; with more than these, each is acknowledged first


class Dispatch(Protocol):
    """Answers requests. Implemented by ``bot.dispatch``, which may not know Slack."""

    async def __call__(self, request: Request) -> Reply:
        """The answer; never raises."""

    def modal(self, request: Request) -> str | None:
        """The title of the form this will surely be answered with."""

    async def search(self, request: Request) -> tuple[Option, ...]:
        """Choices for a search field."""

    async def event(self, name: str, event: Mapping[str, object], event_id: str) -> None:
        """Something happened in the workspace. Returns once it is stored; raises StoreError where it is not."""

    async def missed(self) -> None:
        """So much happened that everything is to be read anew. Raises as ``event``, and PlatformError."""


class Inbound:
    """The routes. Works in tasks of its own, so that nothing is lost when Slack's library forgets a listener."""

    def __init__(
        self,
        dispatch: Dispatch,
        clients: Clients,
        home: Home,
        *,
        command: str,
        signing: Secret,
        patience: Patience = Patience(),
    ) -> None:
        self._dispatch = dispatch
        self._patience = patience
        self._answering = 0  # commands
        self._crowd = asyncio.Event()  # set while there are more of them than we let wait
        self._home = home
        self._command_name = command
        self._answers = Answers(clients, command)
        self._modals = Modals(clients, command)
        self._seen = Seen()
        self._unstored: dict[str, Mapping[str, Any]] = {}  # by event id, in order
        self._storing: asyncio.Task[None] | None = None
        self._work = Work()
        self.app = AsyncApp(
            name="handover",
            authorize=_genuine,
            # We subscribe to nothing that we cause ourselves, so the library need not ask who we are.
            ignoring_self_events_enabled=False,
            # Nor is this a step of Slack's workflows or an assistant.
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
            # Socket Mode needs no signature; a random secret makes sure that nothing unsigned gets in by HTTP.
            signing_secret=signing.reveal() or secrets.token_hex(32),
            logger=logging.getLogger(VENDOR_LOGGER),
        )
        self.app.command(EVERYTHING)(self._on_command)
        self.app.action(EVERYTHING)(self._on_action)
        self.app.shortcut(EVERYTHING)(self._on_shortcut)
        self.app.view(EVERYTHING)(self._on_submission)
        self.app.view_closed(EVERYTHING)(self._on_closed)
        self.app.options(EVERYTHING)(self._on_options)

    async def refresh_homes(self) -> int:
        """Show Home anew to its latest viewers, one after the other; how many saw something different."""
        shown = 0
        for user in self._home.viewers()[:HOMES_AT_ONCE]:
            request = Request(trigger=Trigger.HOME, caller=Caller(user_id=user))
            reply = await outcome(self._work.start(self._dispatch(request)))
            try:
                shown += await self._home.publish(user, reply.parts or (Para((reply.summary,)),), again=True)
            except PlatformError as exc:
                log.info("a Home tab was not shown anew: %s", exc.code)
        return shown

    async def aclose(self, grace_s: float = 25.0) -> None:
        """Let what was begun come to its end, and stop what has not by then."""
        await self._work.aclose(grace_s)

    async def _on_command(self, ack: Ack, body: dict[str, Any]) -> None:
        self._work.start(self._command(ack, body))

    async def _on_action(self, ack: Ack, body: dict[str, Any]) -> None:
        self._work.start(self._pressed(ack, body, payloads.button(body)))

    async def _on_shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        self._work.start(self._pressed(ack, body, payloads.shortcut(body)))

    async def _on_submission(self, ack: Ack, body: dict[str, Any]) -> None:
        self._work.start(self._submission(ack, body))

    async def _on_closed(self, ack: Ack) -> None:
        await ack()

    async def _on_options(self, ack: Ack, body: dict[str, Any]) -> None:
        self._work.start(self._options(ack, body))

    async def _command(self, ack: Ack, body: Payload) -> None:
        if self._again(body):
            await ack()
            return
        request = payloads.command(body)
        asker = Asker(request.caller.user_id, request.channel, str(body.get("response_url") or ""))
        work = self._work.start(self._dispatch(request))
        if title := await self._opens(request):
            await ack()
            await self._open(work, str(body.get("trigger_id") or ""), title, asker)
            return
        in_time = await self._in_time(work)
        if not in_time:
            await ack()
            await self._answers.give(asker, await outcome(work))
            return
        reply = await outcome(work)
        if reply.form is None:
            await ack(self._answers.payload(reply))
            return
        await ack()
        await self._show(str(body.get("trigger_id") or ""), reply, asker)

    async def _in_time(self, work: asyncio.Task[Reply]) -> bool:
        """Whether a command is answered soon enough for its acknowledgement to hold the answer.

        In a crowd nobody waits for that: acknowledgements come first, answers follow.
        """
        self._answering += 1
        work.add_done_callback(self._answered)
        if self._answering > self._patience.crowd:
            self._crowd.set()
            return work.done()
        crowded = asyncio.create_task(self._crowd.wait())
        await asyncio.wait(
            {work, crowded}, timeout=self._patience.command, return_when=asyncio.FIRST_COMPLETED
        )
        crowded.cancel()
        return work.done()

    def _answered(self, _: asyncio.Task[Reply]) -> None:
        self._answering -= 1
        if self._answering <= self._patience.crowd:
            self._crowd.clear()

    async def _pressed(self, ack: Ack, body: Payload, request: Request | None) -> None:
        await ack()
        if self._again(body):
            return
        view = body.get("view") or {}
        asker = _presser(body)
        if request is None:
            await self._answers.give(asker, self._outdated())
            return
        work = self._work.start(self._dispatch(request))
        trigger_id = str(body.get("trigger_id") or "")
        above = view.get("type") == "modal"
        if title := await self._opens(request):
            await self._open(work, trigger_id, title, asker, above=above)
            return
        reply = await outcome(work)
        if above and reply.replace:
            shown = Opened(str(view["id"]), str(view.get("hash") or ""), _title(view))
            if not await self._modals.fill(shown, reply, asker.channel):
                await self._answers.give(asker, reply)
        elif above or reply.form is not None:
            await self._show(trigger_id, reply, asker, above=above)
        elif view.get("type") == "home" and await self._modals.show(trigger_id, reply, asker.channel):
            return  # Home has no channel to answer in, and a direct message would be missed there
        else:
            await self._answers.give(asker, reply)

    async def _submission(self, ack: Ack, body: Payload) -> None:
        if self._again(body):
            await ack()
            return
        view = body["view"]
        request = payloads.submission(body)
        if request is None:
            await ack(response_action="update", view=self._modals.view(self._outdated(), _title(view), ""))
            return
        asker = Asker(request.caller.user_id, request.channel)
        work = self._work.start(self._dispatch(request))
        if not await within(work, self._patience.submit):
            await ack(response_action="update", view=working_view(_title(view)))
            await asyncio.sleep(self._patience.settle)
            reply = await outcome(work)
            if not await self._modals.update(str(view["id"]), self._after_working(reply, view, request)):
                await self._answers.give(asker, reply)
            return
        reply = await outcome(work)
        if errors := payloads.misplaced(reply.errors, view):
            await ack(response_action="errors", errors=errors)
        elif reply.form is not None or reply.errors:
            said = _errors(reply) if reply.errors else reply
            shown = self._modals.view(said, _title(view), request.channel)
            await ack(response_action="update", view=shown)
        else:
            await ack(response_action="clear")
            await self._answers.give(asker, reply)

    def _after_working(self, reply: Reply, view: Payload, request: Request) -> Json:
        """What takes the place of "Working…": the form again with what was entered, if there were errors."""
        if not reply.errors:
            return self._modals.view(reply, _title(view), request.channel)
        said = self._modals.view(_errors(reply), _title(view), request.channel)["blocks"]
        values = (view.get("state") or {}).get("values") or {}
        kept = ("type", "callback_id", "title", "submit", "close", "private_metadata")
        return {
            **{key: view[key] for key in kept if view.get(key) is not None},
            "blocks": [*said, *refilled(list(view.get("blocks") or ()), values)][:100],
        }

    async def _options(self, ack: Ack, body: Payload) -> None:
        work = self._work.start(self._dispatch.search(payloads.search(body)))
        found: tuple[Option, ...] = ()
        if not await within(work, self._patience.search):
            work.cancel()
        elif work.exception() is None:
            found = work.result()
        await ack(options=options(found))

    async def take(self, body: Payload) -> bool:
        """Take in an event; whether what it says is stored by now. Only then may Slack be told that we have it.

        What could not be stored is tried again here until it can, and may also come again from Slack.
        """
        event: Mapping[str, Any] = body.get("event") or {}
        event_id = str(body.get("event_id") or "")
        if self._seen.again(event_id):
            return event_id not in self._unstored
        if event.get("type") == "app_home_opened":
            if event.get("tab") == "home":
                self._work.start(self._show_home(body))
            return True
        work = self._work.start(self._dispatch.event(str(event.get("type") or ""), event, event_id))
        await asyncio.wait({work})
        if work.cancelled():
            self._seen.forget(event_id)
            return False
        if isinstance(work.exception(), StoreError):
            self._unstored[event_id or work.get_name()] = event
            if self._storing is None:
                self._storing = self._work.start(self._store_later())
            return False
        if work.exception() is not None:
            self._seen.forget(event_id)
        return work.exception() is None

    async def _store_later(self) -> None:
        """Try what could not be stored again, in order, until all of it is; a crowd is read as a whole instead."""
        log.error("events cannot be stored; they are kept and tried again every %.0f s", STORE_AGAIN_S)
        kept = 0
        while self._unstored:
            await asyncio.sleep(STORE_AGAIN_S)
            try:
                if len(self._unstored) > UNSTORED_AT_MOST:
                    await self._dispatch.missed()
                    kept += len(self._unstored)
                    self._unstored.clear()
                for event_id, event in list(self._unstored.items()):
                    await self._dispatch.event(str(event.get("type") or ""), event, event_id)
                    self._unstored.pop(event_id, None)
                    kept += 1
            except (StoreError, PlatformError):
                continue
        self._storing = None
        log.warning("events can be stored again; %d were kept meanwhile", kept)

    async def _show_home(self, body: Payload) -> None:
        reply = await outcome(self._work.start(self._dispatch(payloads.home(body))))
        user = str((body.get("event") or {})["user"])
        await self._home.publish(user, reply.parts or (Para((reply.summary,)),))

    async def _open(
        self, work: asyncio.Task[Reply], trigger_id: str, title: str, asker: Asker, *, above: bool = False
    ) -> None:
        """Open the form that is being made: filled if it is ready in a moment, else at once and filled later."""
        if await within(work, self._patience.opening):
            await self._show(trigger_id, await outcome(work), asker, above=above)
            return
        opened = await self._modals.loading(trigger_id, title, above=above)
        reply = await outcome(work)
        if opened is None or not await self._modals.fill(opened, reply, asker.channel):
            await self._answers.give(asker, self._too_late() if reply.form else reply)

    async def _show(self, trigger_id: str, reply: Reply, asker: Asker, *, above: bool = False) -> None:
        if reply.form is None and not above:
            await self._answers.give(asker, reply)
        elif not await self._modals.show(trigger_id, reply, asker.channel, above=above):
            await self._answers.give(asker, self._too_late() if reply.form else reply)

    async def _opens(self, request: Request) -> str | None:
        async def ask() -> str | None:
            return self._dispatch.modal(request)

        work = self._work.start(ask())
        await asyncio.wait({work})
        return None if work.exception() else work.result()

    def _again(self, body: Payload) -> bool:
        return self._seen.again(str(body.get("trigger_id") or ""))

    def _outdated(self) -> Reply:
        said = "This button is from an older version. Run "
        return Reply(
            summary=f"{said}{self._command_name} to see what can be done now.",
            parts=(Para((said, Typed(""), " to see what can be done now.")),),
        )

    def _too_late(self) -> Reply:
        return Reply(
            summary="The form was closed, or Slack would not wait for it any longer. Do the same once more."
        )


async def _genuine(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    """Lets in what the transport has proven to come from Slack, without a call to Slack before each answer.

    The library would call auth.test first, and answer for us where that fails; our own clients hold the token.
    """
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id)


def _presser(body: Payload) -> Asker:
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    return Asker(
        user=str(body["user"]["id"]),
        channel=channel,
        url=str(body.get("response_url") or ""),
        ts=str(container.get("message_ts") or ""),
        ephemeral=bool(container.get("is_ephemeral")),
    )


def _title(view: Payload) -> str:
    return str((view.get("title") or {}).get("text") or "Handover")


def _errors(reply: Reply) -> Reply:
    """A reply's errors as text, for where they cannot stand at their inputs."""
    return Reply(summary=reply.summary, parts=tuple(Para((said,)) for said in reply.errors.values()))
