"""A sandbox and a real bot pointed at it, driven through the world's API as people would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from bot.alerts.model import Alert
from bot.alerts.repository import AlertRepository
from bot.app import App
from bot.config import Settings, load
from bot.db.key_sources import FileKeySource
from bot.inventory.repository import ConnectionRepository
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from sandbox.company import Company
from sandbox.running import Sandbox, running

WITHIN_S = 15.0
T = TypeVar("T")


@dataclass
class Desk:
    """One workspace with the bot in it, and hands to press things with."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    settings: Settings
    app: App | None = None
    _stop: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    async def start(self) -> None:
        """Compose the bot and wait until it has listed everything and hears Slack."""
        self._stop = asyncio.Event()
        self.app = app = await App.open(self.settings, root=self.sandbox.directory)
        self._task = task = asyncio.create_task(app.run(self._stop))
        before = self.sandbox.world.now

        async def scanned() -> bool:
            if task.done():
                task.result()
            async with app.store.read() as unit:
                states = [await unit[ConnectionRepository].get(c) for c in self.settings.connections]
            return all(s.last_attempt and s.last_attempt > before for s in states) and app.slack.pulse().ok

        await self.until(scanned, 30.0)

    async def stop(self) -> None:
        """Stop the bot as a signal would; its directory stays."""
        self._stop.set()
        if self._task is not None:
            await self._task
        if self.app is not None:
            await self.app.aclose()
        self.app = self._task = None

    async def restart(self) -> None:
        """A new bot on the same directory."""
        await self.stop()
        await self.start()

    @property
    def channel(self) -> str:
        """The alert channel."""
        return str(self.sandbox.ready["slack"]["channel"])

    def who(self, role: str, nth: int = 0) -> str:
        """The Slack id of the ``nth`` person with a role."""
        people = [p for p in self.sandbox.world.people.values() if p.role == role]
        return people[nth].slack_id

    async def post(self, path: str, body: Mapping[str, object]) -> Any:
        """POST to the world; its error is a test failure."""
        async with self.http.post(f"{self.sandbox.world_url}{path}", json=body) as answer:
            found = await answer.json()
            assert answer.status == 200, found
            return found

    async def get(self, path: str, **query: str) -> Any:
        """GET from the world."""
        async with self.http.get(f"{self.sandbox.world_url}{path}", params=query) as answer:
            found = await answer.json()
            assert answer.status == 200, found
            return found

    async def slash(self, user: str, text: str, channel: str = "") -> dict[str, Any]:
        """Type the command; returns the newest answer only that person sees."""
        at = channel or self.channel
        before = len(await self.ephemerals(user))
        answer = await self.post("/slack/slash", {"user": user, "channel": at, "text": text})
        ack = dict(answer.get("ack") or {})
        if "error" in ack or ack.get("response_type") == "in_channel":
            return ack
        return await self.newest(user, before)

    async def newest(self, user: str, before: int) -> dict[str, Any]:
        """The newest thing only that person sees, once they see more than ``before``."""

        async def answered() -> dict[str, Any] | None:
            shown = await self.ephemerals(user)
            return shown[-1] if len(shown) > before else None

        return await self.until(answered)

    async def ask(self, user: str, text: str, channel: str = "") -> str:
        """Type the command; returns the words of the answer."""
        return words_of(await self.slash(user, text, channel))

    async def typed_form(self, user: str, text: str) -> dict[str, Any]:
        """Type a command that opens a form; returns the form."""
        await self.close_forms(user)
        await self.post("/slack/slash", {"user": user, "channel": self.channel, "text": text})
        return await self.view(user)

    async def pressed_form(self, user: str, message: Mapping[str, Any], label: str) -> dict[str, Any]:
        """Press a button that opens a form; returns the form."""
        await self.close_forms(user)
        await self.click(user, message, label)
        return await self.view(user)

    async def close_forms(self, user: str) -> None:
        """Dismiss every form somebody has open."""
        views = (await self.get("/slack/views", user=user))["views"]
        if views:
            await self.post("/slack/close", {"user": user, "view_id": views[-1]["id"], "cleared": True})

    async def offered(
        self, user: str, view: Mapping[str, Any], name: str, typed: str
    ) -> list[dict[str, Any]]:
        """What a form's search field offers for what is typed."""
        body = {"user": user, "view_id": view["id"], "action_id": name, "block_id": name, "value": typed}
        return list((await self.post("/slack/options", body))["ack"].get("options", []))

    async def option(self, user: str, view: Mapping[str, Any], name: str, typed: str) -> dict[str, Any]:
        """The one option that a form's search field offers for what is typed."""
        (found,) = await self.offered(user, view, name, typed)
        return found

    async def scan(self) -> str:
        """Have an admin scan everything now; returns what they are told."""
        return await self.ask(self.who("admin"), "scan")

    async def advance(self, *, days: float = 0, seconds: float = 0) -> None:
        """Move the clock and wait until the bot has followed and done what the time brings about."""
        await self.post("/advance", {"days": days, "seconds": seconds})
        app, world = self.app, self.sandbox.world
        assert app

        async def followed() -> bool:
            return abs((app.clock.now() - world.now).total_seconds()) < 1.0

        await self.until(followed)

    async def alerts(self, rule: str) -> list[Alert]:
        """Every alert of a rule, of any state, oldest first, as the bot keeps them."""
        assert self.app
        async with self.app.store.read() as unit:
            return [alert for alert in await unit[AlertRepository].all() if alert.rule == rule]

    async def state_of(self, ref: str) -> RequestState:
        """Where a request is."""
        assert self.app
        async with self.app.store.read() as unit:
            request = await unit[RequestRepository].by_ref(ref)
        assert request, ref
        return request.state

    async def settled(self, ref: str, *states: RequestState, within_s: float = WITHIN_S) -> ChangeRequest:
        """The request, once it is in one of these states."""
        app = self.app
        assert app

        async def there() -> ChangeRequest | None:
            async with app.store.read() as unit:
                request = await unit[RequestRepository].by_ref(ref)
            return request if request and request.state in states else None

        return await self.until(there, within_s)

    async def at_step(self, ref: str, key: str, within_s: float = WITHIN_S) -> ChangeRequest:
        """The request once ``key`` is its next step and it waits there."""

        async def there() -> ChangeRequest | None:
            assert self.app
            request = await self.app.services.approvals.get(ref)
            waits = request.state is RequestState.WAITING and request.step and request.step.key == key
            return request if waits else None

        return await self.until(there, within_s)

    async def ref_of(self, words: str) -> str:
        """The id of the one thing of the inventory that a name means."""
        assert self.app
        return (await self.app.services.inventory.catalogue()).find(words).ref

    async def calls(self, match: str) -> list[dict[str, Any]]:
        """The requests Salesforce received whose "METHOD path" the expression finds."""
        found = (await self.get("/calls", platform="salesforce"))["calls"]
        return [call for call in found if re.search(match, f"{call['method']} {call['path']}")]

    async def fault(self, platform: str, kind: str, match: str = "", **more: object) -> None:
        """Plant a failure."""
        await self.post("/faults", {"platform": platform, "kind": kind, "match": match, **more})

    async def heal(self) -> None:
        """Lift every failure."""
        await self.post("/faults", {"clear": True})

    async def ephemerals(self, user: str) -> list[dict[str, Any]]:
        """What only that person sees, oldest first."""
        return list((await self.get("/slack/ephemerals", user=user))["ephemerals"])

    async def messages(self, channel: str = "") -> list[dict[str, Any]]:
        """A channel's messages, oldest first."""
        return list((await self.get("/slack/messages", channel=channel or self.channel))["messages"])

    async def view(self, user: str) -> dict[str, Any]:
        """The form open before somebody, once it is filled."""

        async def opened() -> dict[str, Any] | None:
            views = (await self.get("/slack/views", user=user))["views"]
            ready = [v for v in views if any(b["type"] == "input" for b in v["blocks"])]
            return ready[-1] if ready else None

        return await self.until(opened)

    async def submit(self, user: str, view: Mapping[str, Any], /, **answers: object) -> dict[str, Any]:
        """Send a form; an answer is a text, or the option as the form offers it."""
        values: dict[str, dict[str, object]] = {}
        for block in view["blocks"]:
            if block["type"] == "input" and block["block_id"] in answers:
                name = block["block_id"]
                values[name] = {block["element"]["action_id"]: answers[name]}
        return dict(
            (await self.post("/slack/submit", {"user": user, "view_id": view["id"], "values": values}))["ack"]
            or {}
        )

    async def submit_late(self, user: str, view: Mapping[str, Any], /, **answers: object) -> None:
        """Send a form to systems so slow that the answer comes after "Working…", however soon they give up."""
        await self.post("/latency", {"ms": 700})
        try:
            ack = await self.submit(user, view, **answers)
            assert ack.get("response_action") == "update", ack
        finally:
            await self.post("/latency", {"ms": 0})

    async def press(self, user: str, message: Mapping[str, Any], label: str) -> dict[str, Any]:
        """Press a message's button; returns the newest thing only that person sees."""
        before = len(await self.ephemerals(user))
        await self.click(user, message, label)
        return await self.newest(user, before)

    async def click(self, user: str, message: Mapping[str, Any], label: str) -> None:
        """Press a message's button and wait for nothing."""
        button = buttons_of(message)[label]
        body = {"user": user, "channel": message.get("channel", self.channel), "ts": message["ts"]}
        await self.post(
            "/slack/click", {**body, "action_id": button["action_id"], "value": button.get("value")}
        )

    async def grants(self, username: str) -> list[str]:
        """The apps a user has approved, by label, straight from the stand-in."""
        org = self.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        users = {row["Id"] for row in org["User"] if row["Username"] == username}
        return [row["AppName"] for row in org["OauthToken"] if row["UserId"] in users]

    async def dm(self, user: str) -> list[dict[str, Any]]:
        """The bot's direct messages to somebody."""
        mine = (await self.get("/slack/dms", user=user))["dms"]
        return await self.messages(mine[0]["id"]) if mine else []

    async def until(self, look: Callable[[], Awaitable[T | None]], within_s: float = WITHIN_S) -> T:
        """Look again and again until something true comes back."""
        end = asyncio.get_running_loop().time() + within_s
        while True:
            if found := await look():
                return found
            assert asyncio.get_running_loop().time() < end, (
                f"{look.__name__} did not come true in {within_s} s"
            )
            await asyncio.sleep(0.05)

    async def said(self, *words: str, channel: str = "", within_s: float = WITHIN_S) -> dict[str, Any]:
        """The newest message of a channel that holds all words, once there is one."""

        async def found() -> dict[str, Any] | None:
            hits = [m for m in await self.messages(channel) if all(w in words_of(m) for w in words)]
            return hits[-1] if hits else None

        return await self.until(found, within_s)


def words_of(message: Mapping[str, Any]) -> str:
    """Everything a message or view shows, as one string."""
    found: list[str] = [str(message.get("text", ""))]

    def walk(node: object) -> None:
        if isinstance(node, Mapping):
            if node.get("type") in {"user"}:
                found.append(f"<@{node.get('user_id')}>")
            for key, value in node.items():
                if key in {"text", "title", "value", "placeholder", "hint", "label"} and isinstance(
                    value, str
                ):
                    found.append(value)
                else:
                    walk(value)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(message.get("blocks", []))
    walk(message.get("title", {}))
    return " ".join(found)


def buttons_of(message: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The buttons of a message by their label."""
    return {
        element["text"]["text"]: element
        for block in message.get("blocks", [])
        if block["type"] == "actions"
        for element in block["elements"]
    }


def held_in(view: Mapping[str, Any]) -> dict[str, str]:
    """What a form's fields hold before anybody enters anything, by field."""
    held = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            held[block["block_id"]] = element.get("initial_value") or (
                element.get("initial_option") or {}
            ).get("value", "")
    return held


def ref_in(message: Mapping[str, Any] | str, after: str = "request ") -> str:
    """The six-character id that follows some words of a message."""
    shown = message if isinstance(message, str) else words_of(message)
    found = re.search(re.escape(after) + r"([0-9A-HJKMNP-TV-Z]{6})", shown)
    assert found, f"no id after {after!r} in {shown}"
    return found[1]


@asynccontextmanager
async def desk_with_bot(
    directory: Path,
    company: Company,
    change: Callable[[Settings], Settings] = lambda settings: settings,
    platforms: Collection[str] = ("salesforce",),
) -> AsyncIterator[Desk]:
    """A sandbox with a bot inside this process; ``change`` alters the bot's settings before it starts."""
    started = running(company, directory=directory, platforms=platforms)
    async with started as sandbox, aiohttp.ClientSession() as http:
        settings = load(Path(sandbox.ready["bot_config"]))
        often = settings.approval.model_copy(update={"watch_every_s": 1.0})
        settings = change(settings.model_copy(update={"approval": often}))
        settings.data_dir.mkdir()
        FileKeySource.create(settings.key_file)
        desk = Desk(sandbox, http, settings)
        try:
            await desk.start()
            yield desk
        finally:
            await desk.stop()
