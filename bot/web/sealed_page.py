"""The sealed page: where a person enters secrets, or is shown them once, past Slack. See docs/threat-model.md.

Looking changes nothing; what changes something is a POST that brings along a proof of the page it comes from and
the cookie it was given. Nothing that was entered is ever sent back.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from aiolimiter import AsyncLimiter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.errors import BadArgument, BotError, Denied
from bot.platform import secret_steps
from bot.platform.plan import Step
from bot.requests.model import ChangeRequest
from bot.requests.repository import RequestRepository
from bot.secrets.exchange import waiting_for_person
from bot.secrets.sealed_links import LASTS_OPEN, PATH, Link, Purpose, WrongCode, opened_by
from bot.services import Services
from bot.text import clean
from bot.web.form import Form, read_form

log = structlog.get_logger()
WAY = "sealed page"
POSTS_A_MINUTE = 120  # of all people together; a page takes three
_HERE = Path(__file__).parent
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), clipboard-write=(self)",
    "X-Robots-Tag": "noindex, nofollow",
}


class SealedPage:
    """The page's routes. One for the process: it counts what is posted."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._links = services.links
        self._posts = AsyncLimiter(POSTS_A_MINUTE, 60)
        self._safe = services.settings.web.public_url.startswith("https://")
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def routes(self) -> tuple[BaseRoute, ...]:
        """For the web server."""
        return (
            Mount(f"{PATH}static", StaticFiles(directory=_HERE / "static")),
            Route(f"{PATH}{{token}}", self._get, methods=["GET"]),  # and HEAD
            Route(f"{PATH}{{token}}", self._post, methods=["POST"]),
        )

    async def _get(self, request: Request) -> Response:
        token = request.path_params["token"]
        link = await self._links.look(token)
        if link is None:
            return self._gone()
        session = request.cookies.get(self._cookie(token), "")
        if not session:
            session = secrets.token_urlsafe(32)
        elif opened_by(link, session):
            return await self._again(token, session, link)
        return self._with_cookie(self._ask_code(token, session), token, session)

    async def _post(self, request: Request) -> Response:
        if not self._posts.has_capacity():
            return self._page(
                "note.html", 429, title="Too much at once", lines=("Wait a minute and try again.",)
            )
        await self._posts.acquire()
        token = request.path_params["token"]
        session = request.cookies.get(self._cookie(token), "")
        try:
            form = await read_form(request)
            if request.headers.get(
                "sec-fetch-site", "same-origin"
            ) != "same-origin" or not self._links.proves(token, session, form.get("proof", "")):
                return self._stale()
            return await self._posted(token, session, form)
        except BotError as exc:
            log.info("page.refused", code=exc.code)
            return self._page("note.html", 409, title="That did not work", lines=(exc.hint.replace("`", ""),))

    async def _posted(self, token: str, session: str, form: Form) -> Response:
        if form.get("step") == "code":
            return await self._code(token, session, form.get("code", ""))
        link = await self._links.look(token)
        if link is None or not opened_by(link, session):
            return self._gone()
        if form.get("step") == "enter" and link.purpose is Purpose.ENTER:
            return await self._entered(token, session, link, form)
        if form.get("step") == "place" and link.purpose is Purpose.SHOW and link.shown:
            return await self._in_place(token, link)
        return self._stale()

    async def _code(self, token: str, session: str, code: str) -> Response:
        try:
            link = await self._links.unlock(token, code, session)
        except WrongCode as exc:
            return self._ask_code(token, session, problem=exc.hint)
        except Denied as exc:
            return self._page("note.html", 403, title="Not from here", lines=(exc.hint,))
        if link is None:
            return self._gone()
        if link.purpose is Purpose.ENTER:
            return await self._ask_secrets(token, session, link)
        return await self._show(token, session, link)

    async def _again(self, token: str, session: str, link: Link) -> Response:
        """The page was loaded again in the browser that opened it."""
        if link.purpose is Purpose.ENTER:
            return await self._ask_secrets(token, session, link)
        if link.shown:
            request = await self._request(link)
            return self._shown(token, session, request, [])
        return self._ask_code(token, session)

    async def _ask_secrets(
        self,
        token: str,
        session: str,
        link: Link,
        problems: Mapping[str, str] | None = None,
        trimmed: tuple[str, ...] = (),
    ) -> Response:
        request = await self._request(link)
        step = waiting_for_person(request)
        if step is None or step.key != link.step:
            await self._links.use_up(token)
            return self._gone()
        missing = await self._services.passing.missing(request, step)
        return self._page(
            "enter.html",
            422 if problems else 200,
            about=_about(request),
            lines=[clean(line, 500) for line in step.instructions],
            fields=_fields(step, missing, problems or {}),
            trimmed=trimmed,
            sealed=[name for name in _names(step) if name not in missing],
            form=self._form(token, session),
        )

    async def _entered(self, token: str, session: str, link: Link, form: Form) -> Response:
        given = {
            name.removeprefix("secret."): text
            for name, text in form.items()
            if name.startswith("secret.") and text.strip()
        }
        problems: dict[str, str] = {}
        trimmed: tuple[str, ...] = ()
        for name, text in given.items():  # one by one, so that what was good is not lost with what was not
            try:
                done = await self._services.passing.enter(
                    link.request_id, {name: text}, by=link.user, way=WAY, step_key=link.step
                )
                trimmed += done.trimmed
            except BadArgument as exc:
                problems[name] = exc.hint.partition(": ")[2] or exc.hint
        request = await self._request(link)
        step = waiting_for_person(request)
        missing = (
            await self._services.passing.missing(request, step, given.keys() - problems.keys())
            if step and step.key == link.step
            else ()
        )
        for name in missing:
            problems.setdefault(name, "This is still needed.")
        if problems:
            return await self._ask_secrets(token, session, link, problems, trimmed)
        await self._links.use_up(token)
        await self._services.begin(link.request_id)
        lines = ["Everything is sealed. The request goes on by itself; you can close this page."]
        if trimmed:
            lines.append(f"White space around {', '.join(trimmed)} was taken off.")
        return self._page("note.html", title="Sealed", lines=lines)

    async def _show(self, token: str, session: str, link: Link) -> Response:
        request = await self._request(link)
        if link.shown:
            return self._shown(token, session, request, [])
        shown = await self._services.passing.show(link.request_id, by=link.user, way=WAY, step_key=link.step)
        if not await self._links.mark_shown(token, shown.prints):
            return self._gone()
        values: list[dict[str, object]] = [
            {"name": name, "id": f"v{n}", "block": "\n" in value.reveal(), "value": value.reveal()}
            for n, (name, value) in enumerate(shown.values.items())
        ]
        return self._shown(token, session, request, values)

    def _shown(
        self, token: str, session: str, request: ChangeRequest, values: list[dict[str, object]]
    ) -> Response:
        consumer = clean(request.plan.consumer) or "the consumer"
        form = self._form(token, session)
        about = _about(request)
        return self._page("show.html", about=about, form=form, values=values, consumer=consumer)

    async def _in_place(self, token: str, link: Link) -> Response:
        await self._services.passing.in_place(
            link.request_id, link.prints, by=link.user, way=WAY, step_key=link.step
        )
        await self._links.use_up(token)
        await self._services.begin(link.request_id)
        said = "Noted, with your name. The request goes on by itself; you can close this page."
        return self._page("note.html", title="Thank you", lines=(said,))

    def _ask_code(self, token: str, session: str, problem: str = "") -> Response:
        status = 403 if problem else 200
        return self._page("code.html", status, problem=problem, form=self._form(token, session))

    def _gone(self) -> Response:
        command = self._services.settings.slack.command
        lines = (
            "This link does not work, or does not work any more: each works once, for ten minutes.",
            f"Ask for a new one in Slack: {command} secret, and the request.",
        )
        return self._page("note.html", 404, title="No such page", lines=lines)

    def _stale(self) -> Response:
        lines = (
            "This page is out of date, or your browser keeps no cookies. Open the link in Slack once more.",
        )
        return self._page("note.html", 403, title="Out of date", lines=lines)

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        html = self._templates.get_template(template).render(static=f"{PATH}static", **values)
        extra = {"Strict-Transport-Security": "max-age=31536000"} if self._safe else {}
        return HTMLResponse(html, status_code=status, headers=HEADERS | extra)

    def _form(self, token: str, session: str) -> dict[str, str]:
        return {"action": f"{PATH}{token}", "proof": self._links.proof(token, session)}

    def _with_cookie(self, page: Response, token: str, session: str) -> Response:
        page.set_cookie(
            self._cookie(token),
            session,
            max_age=int(LASTS_OPEN.total_seconds()),
            path="/",
            secure=self._safe,
            httponly=True,
            samesite="strict",
        )
        return page

    def _cookie(self, token: str) -> str:
        """A cookie for each link, so that two pages side by side do not disturb each other."""
        return f"{'__Host-' if self._safe else ''}handover-{token[:8]}"

    async def _request(self, link: Link) -> ChangeRequest:
        async with self._services.store.read() as unit:
            return await unit[RequestRepository].get(link.request_id)


def _names(step: Step) -> tuple[str, ...]:
    return secret_steps.names_of(step.action)


def _about(request: ChangeRequest) -> dict[str, str]:
    return {"ref": request.ref, "title": clean(request.plan.title, 200)}


def _fields(step: Step, missing: tuple[str, ...], problems: Mapping[str, str]) -> list[dict[str, object]]:
    """The questions, in order; the first that needs an answer has the focus."""
    focus = next(iter([*problems, *missing]), "")
    return [
        {
            "name": name,
            "id": f"f-{name}",
            "block": secret_steps.has_lines(name),
            "needed": name in missing,
            "problem": problems.get(name, ""),
            "focus": name == focus,
        }
        for name in _names(step)
    ]
