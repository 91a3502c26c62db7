"""The sealed page over real sockets: from the button in Slack to the secret and back, and all that is refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from desk import Desk, words_of
from sealed_pages import BY_HAND, PEM, RECEIVE, Browser, asked, browser, link_in, with_page

from bot.audit.repository import AuditLog
from bot.config import Settings
from bot.requests.model import ChangeRequest, RequestState
from bot.secrets import plan_secrets
from bot.secrets.repository import SecretRepository

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOKEN = "tk-planted-on-the-page-Zx81"


def change(settings: Settings) -> Settings:
    return with_page(settings)


@pytest_asyncio.fixture(loop_scope="module")
async def web() -> AsyncIterator[Browser]:
    async with browser() as opened:
        yield opened


async def waiting(desk: Desk) -> tuple[ChangeRequest, str, str]:
    """A request that waits for secrets, with its operator's link and code."""
    request = await asked(desk, RECEIVE, BY_HAND)
    await desk.at_step(request.ref, "receive")
    url, code = link_in(await desk.slash(request.requester, f"secret {request.ref}"))
    return request, url, code


async def trail(desk: Desk, request: ChangeRequest) -> list[str]:
    assert desk.app
    async with desk.app.store.read() as unit:
        return [line.action for line in reversed(await unit[AuditLog].tail(200, request.ref))]


async def held(desk: Desk, request: ChangeRequest) -> tuple[str, ...]:
    assert desk.app
    async with desk.app.store.read() as unit:
        return await plan_secrets.names(unit, request.id)


async def test_a_secret_goes_in_and_comes_out_once(desk: Desk, web: Browser) -> None:
    """Button, code, entry; the plan goes on by itself; button, code, shown; in place: done, and nothing is kept."""
    request = await asked(desk, RECEIVE, BY_HAND)
    operator = request.requester
    note = await desk.said("Your turn: Make the new token", request.ref)
    url, code = link_in(await desk.press(operator, note, "Open Sealed Page"))
    page = await web.open(url)
    assert request.ref not in page.html, "nothing is told before the code"
    entry = await web.send(url, page, code=code.lower().replace("-", " "))
    assert (entry.status, request.ref in entry.html) == (200, True)
    assert "Rotate &lt;i&gt;Celigo&lt;/i&gt;" in entry.html
    sealed = await web.send(url, entry, **{"secret.token_id": f"  {TOKEN}\n", "secret.private_key": PEM})
    assert "Everything is sealed" in sealed.html
    assert "White space around token_id" in sealed.html
    await desk.at_step(request.ref, "deliver")
    assert (await web.open(url)).status == 404, "a link works once"

    note = await desk.said("Your turn: Give", request.ref)
    url, code = link_in(await desk.press(operator, note, "Open Sealed Page"))
    shown = await web.send(url, await web.open(url), code=code)
    assert sorted(shown.form.shown.values()) == sorted([TOKEN, PEM + "\n"])
    again = await web.send(url, shown, code=code, step="code")
    assert (TOKEN in again.html, "Already shown" in again.html) == (False, True)
    assert (await desk.at_step(request.ref, "deliver")).state is RequestState.WAITING
    thanks = await web.send(url, shown)
    assert "Noted" in thanks.html
    done = await desk.settled(request.ref, RequestState.DONE)
    assert f"Shown once to {operator}" in done.receipts[-1].detail
    assert await held(desk, request) == ()
    said = json.dumps((await desk.get("/slack/wire"))["entries"]) + repr(done.receipts)
    assert TOKEN not in said
    assert "PlantedPageKey" not in said
    deeds = await trail(desk, request)
    for deed in ("page:link_created", "page:opened", "secret:received", "secret:shown", "secret:in_place"):
        assert deed in deeds


async def test_looking_uses_nothing_up(desk: Desk, web: Browser) -> None:
    """Whatever follows links by itself, with GET or HEAD, however often: the link still works, nothing is noted."""
    request, url, code = await waiting(desk)
    before = await trail(desk, request)
    for method in ("GET", "HEAD", "GET"):
        async with aiohttp.ClientSession() as preview:
            pages = await asyncio.gather(*(Browser(preview).open(url, method) for _ in range(10)))
        assert {page.status for page in pages} == {200}
    assert await trail(desk, request) == before
    assert (await web.send(url, await web.open(url), code=code)).status == 200


async def test_five_wrong_codes_burn_the_link(desk: Desk, web: Browser) -> None:
    """Four may be typed wrong; after the fifth even the right one is of no use, and the trail says so."""
    request, url, code = await waiting(desk)
    page = await web.open(url)
    for left in (4, 3, 2, 1):
        wrong = await web.send(url, page, code="0000-0000")
        assert (wrong.status, f"{left} of 5 tries" in wrong.html) == (403, True)
    burnt = await web.send(url, page, code="ZZZZ-ZZZZ")
    assert "used up" in burnt.html
    assert (await web.send(url, page, code=code)).status == 404
    assert (await trail(desk, request)).count("page:code_refused") == 5


async def test_many_guesses_at_once_are_still_five(desk: Desk) -> None:
    """The count is exact however many guess together."""
    request, url, _ = await waiting(desk)
    async with browser() as many:
        page = await many.open(url)
        tries = await asyncio.gather(*(many.send(url, page, code=f"0000-00{n:02}") for n in range(20)))
    assert sorted(page.status for page in tries) == [403] * 5 + [404] * 15
    assert (await trail(desk, request)).count("page:code_refused") == 5


async def test_a_form_from_elsewhere_is_not_taken(desk: Desk, web: Browser) -> None:
    """Without the cookie, without the page's proof, of another link, or sent by another site: refused, not counted."""
    request, url, code = await waiting(desk)
    page = await web.open(url)
    async with browser() as stranger:
        assert (await stranger.send(url, page, code=code)).status == 403
    assert (await web.send(url, page, code=code, proof="0" * 32)).status == 403
    assert (await web.send(url, page, code=code, proof="")).status == 403
    web.headers = {"Sec-Fetch-Site": "cross-site"}
    assert (await web.send(url, page, code=code)).status == 403
    web.headers = {}
    async with web.http.post(url, json={"code": code}) as answer:
        assert answer.status == 409
    _, other, other_code = await waiting(desk)
    await web.open(other)
    assert (await web.send(other, page, code=other_code)).status == 403
    assert "page:code_refused" not in await trail(desk, request)
    assert (await web.send(url, page, code=code)).status == 200


async def test_a_link_that_was_opened_is_open_in_one_browser(desk: Desk, web: Browser) -> None:
    """Whoever comes second, code and all, is sent away; and cannot enter anything."""
    request, url, code = await waiting(desk)
    entry = await web.send(url, await web.open(url), code=code)
    async with browser() as second:
        page = await second.open(url)
        refused = await second.send(url, page, code=code)
        assert (refused.status, "another browser" in refused.html) == (403, True)
        sneaked = await second.send(url, page, step="enter", **{"secret.token_id": "evil"})
        assert sneaked.status == 404
    assert await held(desk, request) == ()
    again = await web.open(url)
    assert "secret.token_id" in again.form.fields, "the first may load its page again"
    assert (await web.send(url, entry, step="place")).status == 403


async def test_half_of_it_is_kept_and_the_rest_is_asked_for(desk: Desk, web: Browser) -> None:
    """A value that is no secret is named; what was good stays sealed and is not sent back."""
    request, url, code = await waiting(desk)
    entry = await web.send(url, await web.open(url), code=code)
    some = await web.send(url, entry, **{"secret.token_id": "one\ntwo", "secret.private_key": PEM})
    assert (some.status, "several" in some.html, "PlantedPageKey" in some.html) == (422, True, False)
    assert await held(desk, request) == ("private_key",)
    empty = await web.send(url, some, **{"secret.token_id": "  "})
    assert (empty.status, "still needed" in empty.html) == (422, True)
    rest = await web.send(url, empty, **{"secret.token_id": TOKEN})
    assert rest.status == 200
    await desk.at_step(request.ref, "deliver")


async def test_who_gets_a_link(desk: Desk, web: Browser) -> None:
    """Whoever asked, and administrators; no other operator, no approver, no viewer; nobody while nothing waits."""
    request, url, code = await waiting(desk)
    for role, nth in (("operator", 1), ("approver", 0), ("viewer", 0)):
        said = await desk.ask(desk.who(role, nth), f"secret {request.ref}")
        assert "/s/" not in said, role
        assert "needs the operator role" in said or "Only whoever asked" in said
    admin_url, _ = link_in(await desk.slash(desk.who("admin"), f"secret {request.ref}"))
    assert admin_url != url
    assert (await web.open(url)).status == 200, "another person's link changes nothing"
    newer, newer_code = link_in(await desk.slash(request.requester, f"secret {request.ref}"))
    assert (await web.open(url)).status == 404, "a person has one link for a request"
    await desk.slash(request.requester, f"requests cancel {request.ref}")
    await desk.settled(request.ref, RequestState.CANCELLED)
    assert (await web.send(newer, await web.open(newer), code=newer_code)).status == 404
    assert "waits for no secret" in await desk.ask(request.requester, f"secret {request.ref}")
    assert "Say which request" in await desk.ask(request.requester, "secret")
    assert code


async def test_a_link_lasts_ten_minutes(desk: Desk, web: Browser) -> None:
    """Then it is as if there had been none, and nothing of it stays in the store."""
    _, url, code = await waiting(desk)
    assert desk.app
    async with desk.app.store.read() as unit:
        assert any(name.startswith("@link:") for name in await unit[SecretRepository].names())
    page = await web.open(url)
    await desk.advance(seconds=10 * 60 + 1)
    assert (await web.send(url, page, code=code)).status == 404

    async def swept() -> bool:
        assert desk.app
        async with desk.app.store.read() as unit:
            names = await unit[SecretRepository].names()
        return f"@link:{hashlib.sha256(url.rpartition('/')[2].encode()).hexdigest()}" not in names

    await desk.until(swept)


async def test_the_code_of_somebody_who_left_opens_nothing(desk: Desk, web: Browser) -> None:
    """Whoever is deactivated between link and code is no longer anybody."""
    people = [p for p in desk.sandbox.world.people.values() if p.role == "operator"]
    leaver = people[-1]
    request = await asked(desk, RECEIVE, requester=leaver.slack_id)
    await desk.at_step(request.ref, "receive")
    url, code = link_in(await desk.slash(leaver.slack_id, f"secret {request.ref}"))
    page = await web.open(url)
    await desk.post("/deactivate", {"email": leaver.email, "where": ["slack"]})
    assert (await web.send(url, page, code=code)).status == 403
    assert (await web.open(url)).status == 404
    await desk.post("/reactivate", {"email": leaver.email, "where": ["slack"]})


async def test_every_page_says_how_it_is_to_be_handled(desk: Desk, web: Browser) -> None:
    """No cache, no referrer, no frame, no script but ours, no type guessing: on good pages and on refusals."""
    _, url, code = await waiting(desk)
    page = await web.open(url)
    pages = [
        page,
        await web.send(url, page, code="nope"),
        await web.send(url, page, code=code),
        await web.open(url + "x"),
        await web.open(url, "HEAD"),
    ]
    for found in pages:
        assert found.headers["Cache-Control"] == "no-store"
        assert found.headers["Referrer-Policy"] == "no-referrer"
        policy = found.headers["Content-Security-Policy"]
        for rule in ("default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
            assert rule in policy
        assert "unsafe" not in policy
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert " style=" not in found.html
        assert "<script>" not in found.html
    cookie = page.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    async with web.http.get(url.rpartition("/s/")[0] + "/s/static/sealed.css") as answer:
        assert answer.status == 200


async def test_a_flood_of_posts_is_slowed(desk: Desk, web: Browser) -> None:
    """A hundred and twenty a minute, for everybody together; then 429, and looking still works."""
    _, url, _ = await waiting(desk)
    page = await web.open(url)
    statuses = [(await web.send(url, page, code="x", proof="none")).status for _ in range(125)]
    assert 429 in statuses
    assert (await web.open(url)).status == 200


async def test_without_a_public_page_the_command_line_is_named(desk: Desk) -> None:
    """The same people are told what to type where the bot runs; the same people are refused."""
    request = await asked(desk, RECEIVE)
    await desk.at_step(request.ref, "receive")
    app = desk.app
    assert app
    services = app.services
    bare = services.settings.model_copy(
        update={"web": services.settings.web.model_copy(update={"public_url": ""})}
    )
    object.__setattr__(services, "settings", bare)  # as if it had been started without one
    try:
        said = words_of(await desk.slash(request.requester, f"secret {request.ref}"))
        refused = await desk.ask(desk.who("viewer"), f"secret {request.ref}")
    finally:
        object.__setattr__(services, "settings", desk.settings)
    assert f"python -m bot secret put --request {request.ref} token_id" in said
    assert "python -m bot" not in refused
