"""The peer: a Bolt app over Socket Mode whose one listener acknowledges and does nothing. Run as a program."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def _main(api: str, bot_token: str, app_token: str) -> None:
    app = AsyncApp(client=AsyncWebClient(token=bot_token, base_url=api), signing_secret="unused")  # noqa: S106

    @app.command(re.compile(".*"))
    async def listener(ack: Any) -> None:
        await ack()

    await AsyncSocketModeHandler(app, app_token).start_async()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    asyncio.run(_main(given["api"], given["bot_token"], given["app_token"]))
