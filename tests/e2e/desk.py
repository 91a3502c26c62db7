"""A sandbox and a real bot pointed at it, driven through the world's API as people would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from bot.app import App
from bot.config import load
from bot.store import FileKeySource
from sandbox.company import Company
from sandbox.running import Sandbox, running

WITHIN_S = 15.0


@dataclass
class Desk:
    """One workspace with the bot in it, and hands to press things with."""

    sandbox: Sandbox
    http: aiohttp.ClientSession
    app: App | None = None
    _: None = field(default=None, repr=False)

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
        if answer.get("ack"):
            return dict(answer["ack"])

        async def answered() -> dict[str, Any] | None:
            shown = await self.ephemerals(user)
            return shown[-1] if len(shown) > before else None

        return await self.until(answered)

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

    async def submit(self, user: str, view: Mapping[str, Any], **answers: object) -> dict[str, Any]:
        """Send a form; an answer is a text, or the option as the form offers it."""
        values: dict[str, dict[str, object]] = {}
        for block in view["blocks"]:
            element = block.get("element", {})
            name = next(
                (n for n in answers if n in f"{block['block_id']} {element.get('action_id', '')}"), None
            )
            if block["type"] == "input" and name:
                values[block["block_id"]] = {element["action_id"]: answers[name]}
        return dict(
            (await self.post("/slack/submit", {"user": user, "view_id": view["id"], "values": values}))["ack"]
            or {}
        )

    async def press(self, user: str, message: Mapping[str, Any], label: str) -> dict[str, Any]:
        """Press a message's button; returns the newest thing only that person sees."""
        before = len(await self.ephemerals(user))
        body = {"user": user, "channel": message.get("channel", self.channel), "ts": message["ts"]}
        await self.post("/slack/click", {**body, "action_id": buttons_of(message)[label]["action_id"]})

        async def answered() -> dict[str, Any] | None:
            shown = await self.ephemerals(user)
            return shown[-1] if len(shown) > before else None

        return await self.until(answered)

    async def grants(self, username: str) -> list[str]:
        """The apps a user has approved, by label, straight from the stand-in."""
        org = self.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]
        users = {row["Id"] for row in org["User"] if row["Username"] == username}
        return [row["AppName"] for row in org["OauthToken"] if row["UserId"] in users]

    async def dm(self, user: str) -> list[dict[str, Any]]:
        """The bot's direct messages to somebody."""
        mine = (await self.get("/slack/dms", user=user))["dms"]
        return await self.messages(mine[0]["id"]) if mine else []

    async def until(self, look: Callable[[], Awaitable[Any]], within_s: float = WITHIN_S) -> Any:
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


@asynccontextmanager
async def desk_with_bot(directory: Path, company: Company) -> AsyncIterator[Desk]:
    """A sandbox with a bot inside this process."""
    async with running(company, directory=directory) as sandbox, aiohttp.ClientSession() as http:
        settings = load(Path(sandbox.ready["bot_config"]))
        often = settings.approval.model_copy(update={"watch_every_s": 1.0})
        settings = settings.model_copy(update={"approval": often})
        settings.data_dir.mkdir()
        FileKeySource.create(settings.key_file)
        app = await App.open(settings, root=directory)
        stop = asyncio.Event()
        task = asyncio.create_task(app.run(stop))
        desk = Desk(sandbox, http, app)
        try:

            async def scanned() -> bool:
                if task.done():
                    task.result()
                async with app.store.read() as unit:
                    states = [await unit.connections.get(c) for c in settings.connections]
                return all(s.last_attempt for s in states) and app.slack.pulse().ok

            await desk.until(scanned, 30.0)
            yield desk
        finally:
            stop.set()
            await task
            await app.aclose()
