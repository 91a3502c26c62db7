"""The sandbox's web page: a made-up workspace in the browser, drawn from the world's own HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sandbox.world import World

HERE = Path(__file__).parent
STATIC = HERE / "static"

POLICY = "; ".join(
    (
        "default-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
"""No inline script or style, nothing from elsewhere: a name made of markup can do nothing here."""


class SlackStandIn(Protocol):
    """What the page asks of the Slack stand-in itself; the rest goes through the world's API."""

    def hello(self, url: str) -> dict[str, Any]:
        """Its block of the ready line."""


def mount(app: web.Application, world: World, slack: SlackStandIn) -> None:
    """
    Serve the page at /, every screen of the bot at /gallery, and their files under /static/.

    Every answer of `app`, the world's API included, gets the security headers and is revalidated by the
    browser each time, so that a page left open never runs yesterday's modules against today's sandbox.
    """
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined
    )
    # Named up front, so that the browser fetches all modules at once and not one import after the other.
    modules = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js").rglob("*.js"))
    sheets = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "css").glob("*.css"))
    gallery = environment.get_template("gallery.html").render(
        company=world.company.name,
        bot=world.company.raw.get("slack", {}).get("bot_name", "svc"),
        sheets=sheets,
    )
    shell = environment.get_template("shell.html").render(
        company=world.company.name,
        command=world.company.raw.get("slack", {}).get("command", "/svc"),
        bot=world.company.raw.get("slack", {}).get("bot_name", "svc"),
        modules=[name for name in modules if not name.endswith(("theme.js", "gallery.js"))],
        sheets=sheets,
    )

    async def page(request: web.Request) -> web.Response:
        return web.Response(text=shell, content_type="text/html")

    async def screens(request: web.Request) -> web.Response:
        return web.Response(text=gallery, content_type="text/html")

    app.router.add_get("/", page)
    app.router.add_get("/gallery", screens)
    app.router.add_static("/static", STATIC)
    app.on_response_prepare.append(_harden)


async def _harden(request: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-cache")
