"""A small bot on unmodified slack_bolt that gives the page something of every kind to draw and to press."""

from __future__ import annotations

from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

HOSTILE = "Robert <img src=x onerror=\"document.title='owned'\"> <!channel> =cmd()"
REQUEST = "K7QF2M"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def section(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def raw(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


def listing() -> list[dict[str, Any]]:
    rows = [
        ("Shopify connector", "Ana Duarte", "7 days"),
        ("Marketo sync", HOSTILE, "30 days"),
        ("Data warehouse loader", "svc-warehouse", "never"),
    ]
    return [
        {"type": "header", "text": plain("3 integration accounts")},
        {
            "type": "table",
            "rows": [
                [raw("Integration"), raw("Logs in as"), raw("Runs out")],
                *[[raw(cell) for cell in row] for row in rows],
            ],
        },
        {
            "type": "actions",
            "elements": [
                {"type": "button", "action_id": "page_next", "text": plain("Next page"), "value": "2"},
                {
                    "type": "overflow",
                    "action_id": "more",
                    "options": [{"text": plain("Export"), "value": "export"}],
                },
            ],
        },
        {
            "type": "context",
            "elements": [mrkdwn("Read <!date^1700000000^{date_short} at {time}|then> · `/svc`")],
        },
    ]


def alert(person: str) -> list[dict[str, Any]]:
    return [
        {"type": "header", "text": plain("A deactivated person still holds an integration")},
        section(
            {"type": "user", "user_id": person},
            {"type": "text", "text": " was deactivated and "},
            {"type": "text", "text": "Marketo sync", "style": {"bold": True}},
            {"type": "text", "text": f" logs in as them. Recorded name: {HOSTILE}"},
        ),
        {
            "type": "actions",
            "block_id": f"decide-{REQUEST}",
            "elements": [
                {
                    "type": "button",
                    "action_id": "approve",
                    "style": "primary",
                    "text": plain("Approve handover"),
                    "value": REQUEST,
                    "confirm": {
                        "title": plain("Approve the handover?"),
                        "text": plain("Marketo sync moves to svc-marketo."),
                        "confirm": plain("Approve"),
                        "deny": plain("Not now"),
                    },
                },
                {"type": "button", "action_id": "deny", "text": plain("Deny"), "value": REQUEST},
            ],
        },
    ]


def form() -> dict[str, Any]:
    def field(block_id: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}

    urgencies = [{"text": plain(one), "value": one.lower()} for one in ("Normal", "Hostile")]
    return {
        "type": "modal",
        "callback_id": "plan",
        "title": plain("Plan a handover"),
        "submit": plain("Request"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": [
            {"type": "alert", "level": "warning", "text": plain("Nothing changes before somebody approves.")},
            field(
                "account", "Account", {"type": "external_select", "action_id": "pick", "min_query_length": 1}
            ),
            field("owner", "New owner", {"type": "users_select", "action_id": "pick"}),
            field(
                "reason",
                "Reason",
                {"type": "plain_text_input", "action_id": "text", "multiline": True},
                hint=plain("At least 10 characters."),
            ),
            field("due", "Due", {"type": "datepicker", "action_id": "date"}, optional=True),
            field("kind", "Kind", {"type": "radio_buttons", "action_id": "kind", "options": urgencies}),
            field(
                "tell",
                "Tell",
                {
                    "type": "checkboxes",
                    "action_id": "tell",
                    "options": [{"text": plain("The current owner"), "value": "owner"}],
                },
                optional=True,
            ),
        ],
    }


def build(token: str, api: str) -> AsyncApp:
    """The bot's app. What it was told is kept in `app.said`, a list of (what, payload)."""
    client = AsyncWebClient(token=token, base_url=api)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=3))
    app = AsyncApp(client=client, signing_secret="unused")
    said: list[tuple[str, Any]] = []
    app.said = said  # type: ignore[attr-defined]
    home = {"type": "home", "blocks": [{"type": "header", "text": plain("Waiting for you")}, *listing()]}

    @app.command("/svc")
    async def command(ack: Any, body: Any, client: AsyncWebClient) -> None:
        said.append(("command", body))
        verb = body["text"].split(" ")[0]
        if verb == "alert":
            await ack()
            await client.chat_postMessage(
                channel=body["channel_id"], text="Alert", blocks=alert(body["user_id"])
            )
        elif verb == "handover":
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=form())
        elif verb == "quiet":
            pass
        elif verb == "list":
            await ack(text="3 integration accounts", blocks=listing())
        else:
            await ack(text=f"I do not know *{verb}*. Try `/svc list`.")

    @app.action("approve")
    async def approve(ack: Any, body: Any, client: AsyncWebClient) -> None:
        await ack()
        said.append(("approve", body))
        channel, ts = body["channel"]["id"], body["message"]["ts"]
        done = [section({"type": "text", "text": f"Approved by {body['user']['name']}"})]
        await client.chat_update(channel=channel, ts=ts, text="Approved", blocks=done)
        for step in ("Step 1 of 2: granted the permission set", "Step 2 of 2: the new token works"):
            await client.chat_postMessage(channel=channel, thread_ts=ts, text=step)

    @app.action("deny")
    @app.action("page_next")
    @app.action("more")
    @app.action("pick")
    async def other(ack: Any, body: Any) -> None:
        await ack()
        said.append((body["actions"][0]["action_id"], body))

    @app.options("pick")
    async def accounts(ack: Any, payload: Any) -> None:
        names = [f"Marketo sync {number}" for number in range(1, 4)] + [HOSTILE[:75]]
        found = [name for name in names if payload["value"].lower() in name.lower()]
        await ack(options=[{"text": plain(name), "value": name[:75]} for name in found])

    @app.view("plan")
    async def planned(ack: Any, body: Any) -> None:
        said.append(("plan", body))
        reason = body["view"]["state"]["values"]["reason"]["text"]["value"]
        if len(reason) < 10:
            await ack(response_action="errors", errors={"reason": "Give a reason of at least 10 characters"})
        else:
            await ack()

    @app.view_closed("plan")
    async def closed(ack: Any, body: Any) -> None:
        await ack()
        said.append(("closed", body))

    @app.event("app_home_opened")
    async def opened(event: Any, client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=home)

    @app.event("user_change")
    async def changed(event: Any, client: AsyncWebClient) -> None:
        said.append(("user_change", event))

    return app


async def connect(app: AsyncApp, app_token: str) -> AsyncSocketModeHandler:
    """Connect by Socket Mode; close the handler with `close_async`."""
    handler = AsyncSocketModeHandler(app, app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    return handler
