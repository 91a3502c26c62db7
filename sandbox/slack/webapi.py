"""The HTTP side: /api/*, response addresses, uploads and downloads."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox.slack.args import Args
from sandbox.slack.content import Content, read_content
from sandbox.slack.errors import SlackError, TooManyRequests
from sandbox.slack.methods import METHODS
from sandbox.slack.methods.chat import edit, post, remove, whisper
from sandbox.slack.response_urls import Reach
from sandbox.slack.state import Method, State
from sandbox.wire import SHORT_LISTING, WHO
from sandbox.world import Json

LISTINGS = r"/(users\.list|conversations\.(list|members)|usergroups\.(list|users\.list))\b"
BODY_LIMIT = 60_000_000
_LISTED_AS = ("members", "channels", "usergroups", "users")


class WebApi:
    """Slack's servers as an app reaches them."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/{method}", self.call),
            web.post("/api/{method}", self.call),
            web.post("/response/{key}", self.respond),
            web.post("/upload/v1/{ticket}", self.upload),
            web.get("/files/{file}/{name:.*}", self.download),
        ]

    async def call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        answer: Json
        try:
            args = await Args.of(request)
            self.state.wire.add("out", "api", name, args.values)
            answer = {"ok": True, **self._answer(name, args, request)}
        except SlackError as refusal:
            answer = refusal.body()
            self.state.world.counters[f"slack.error.{refusal.code}"] += 1
        except TooManyRequests as refusal:
            answer = {"ok": False, "error": "ratelimited"}
            self.state.wire.add("in", "api", f"{name} answer", answer, 429)
            return rate_limited(self.state, refusal.retry_after_s)
        self.state.wire.add("in", "api", f"{name} answer", answer, 200)
        headers = {"X-OAuth-Scopes": ",".join(self.state.tokens.scopes)}
        return web.json_response(answer, headers=headers)

    def _answer(self, name: str, args: Args, request: web.Request) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._admit(method, args, request)
        answer = method.handler(self.state, args)
        return _shortened(answer) if request.get(SHORT_LISTING) else answer

    def _admit(self, method: Method, args: Args, request: web.Request) -> None:
        state = self.state
        if method.token != "none":
            state.tokens.allow(args.token, kind=method.token, scope=method.scope)
            request[WHO] = state.workspace.bot_name if method.token == "bot" else "app"
        if method.tier is not None:
            wait_s = state.rates.method_wait_s(method.name, method.tier, state.policy.rate_factor)
            if wait_s:
                raise TooManyRequests(wait_s)

    async def respond(self, request: web.Request) -> web.Response:
        """An answer to a response address; "ok" in plain text, or Slack's word for what is wrong."""
        state = self.state
        request[WHO] = "response_url"
        try:
            reach = state.response_urls.use(request.match_info["key"])
        except LookupError as refusal:
            return web.Response(status=404, text=str(refusal))
        try:
            args = await Args.of(request)
            state.wire.add("out", "response_url", "response_url", args.values)
            self._apply(reach, args)
        except SlackError as refusal:
            state.world.counters[f"slack.error.{refusal.code}"] += 1
            state.wire.add("in", "response_url", "response_url answer", refusal.body(), 400)
            return web.json_response(refusal.body(), status=400)
        return web.Response(text="ok")

    def _apply(self, reach: Reach, args: Args) -> None:
        if args.flag("delete_original"):
            self._delete_original(reach)
            return
        content = read_content(self.state.world, args)
        if args.flag("replace_original") and self._replace(reach, content):
            return
        thread_ts = args.text("thread_ts") or reach.thread_ts
        if args.text("response_type") == "in_channel":
            channel = self.state.workspace.channels[reach.channel]
            user = self.state.workspace.bot_user_id
            posted = post(self.state, channel, content, user=user, thread_ts=thread_ts)
            if reach.message_ts is None and reach.ephemeral_ts is None:
                reach.message_ts = posted.ts
        else:
            shown = whisper(self.state, reach.channel, reach.user, content, thread_ts=thread_ts)
            if reach.message_ts is None and reach.ephemeral_ts is None:
                reach.ephemeral_ts = shown.ts

    def _replace(self, reach: Reach, content: Content) -> bool:
        """Put new content in the place of the original; False when there is none left."""
        if reach.ephemeral_ts is not None:
            for shown in self.state.workspace.ephemerals:
                if shown.ts == reach.ephemeral_ts:
                    shown.text, shown.blocks = content.text, content.blocks
                    shown.attachments = content.attachments
                    data = {"channel": shown.channel, "user": shown.user, "ts": shown.ts}
                    self.state.world.notify("ephemeral:edited", data)
                    return True
            return False
        message = self.state.workspace.messages.get(reach.channel, {}).get(reach.message_ts or "")
        if message is None:
            return False
        edit(self.state, message, content)
        return True

    def _delete_original(self, reach: Reach) -> None:
        workspace = self.state.workspace
        message = workspace.messages.get(reach.channel, {}).get(reach.message_ts or "")
        if message is not None:
            remove(self.state, message)
        workspace.ephemerals = [one for one in workspace.ephemerals if one.ts != reach.ephemeral_ts]
        self.state.world.notify("ephemeral:deleted", {"channel": reach.channel, "user": reach.user})

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes, raw or as a multipart field, without a token."""
        file_id = self.state.uploads.get(request.match_info["ticket"])
        if file_id is None:
            return web.Response(status=404, text="invalid upload ticket")
        content = await _bytes(request)
        file = self.state.workspace.files[file_id]
        if len(content) != file.size:
            return web.Response(status=400, text="the size differs from what was announced")
        file.content = content
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        header = request.headers.get("Authorization", "")
        file = self.state.workspace.files.get(request.match_info["file"])
        if header != f"Bearer {self.state.tokens.bot}" or file is None or file.content is None:
            return web.Response(status=404)
        return web.Response(body=file.content, content_type="application/octet-stream")


async def _bytes(request: web.Request) -> bytes:
    if request.content_type == "multipart/form-data":
        for value in (await request.post()).values():
            if isinstance(value, web.FileField):
                return value.file.read()
    return await request.read()


def _shortened(answer: Json) -> Json:
    """Half of a listing, with nothing left to page for."""
    for key in _LISTED_AS:
        if isinstance(answer.get(key), list):
            short = answer | {key: answer[key][: len(answer[key]) // 2]}
            if "response_metadata" in answer:
                short["response_metadata"] = {"next_cursor": ""}
            return short
    return answer


def rate_limited(state: State, retry_after_s: float) -> web.Response:
    """Slack's 429: whole seconds in Retry-After and {"ok": false, "error": "ratelimited"}."""
    state.world.counters["slack.429"] += 1
    headers = {"Retry-After": str(max(1, round(retry_after_s)))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


def refusal(state: State, request: web.Request, status: int, retry_after_s: float) -> web.StreamResponse:
    """How Slack itself answers when it fails: 429 as documented, 5xx with a JSON body or none."""
    if status == 429:
        return rate_limited(state, retry_after_s)
    body = json.dumps({"ok": False, "error": "internal_error"})
    return web.Response(status=status, text=body, content_type="application/json")
