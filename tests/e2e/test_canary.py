"""Secrets and people, planted everywhere, through a whole story with its failures: then looked for everywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.cli.opening import opened
from bot.config import load as load_settings
from bot.platform import secret_steps
from bot.requests.repository import RequestRepository
from sandbox.company import load
from tests.crash.town import Town, town
from tests.e2e.canaries import Canaries
from tests.e2e.desk import words_of
from tests.e2e.sealed_pages import approved, browser, link_in

LEAVER = "marcus.delacroix@larkspur.example"
TARGET = "svc.orders@integrations.larkspur.example"
MADE = "svc.canarium@integrations.larkspur.example"
REASON = "Quetzalcoatlus moves out on Friday"
REFUSAL = "Archaeopteryx says not this week"
SNOOZE = "Pachycephalosaurus is on leave"
ENTERED = "Vk3-entered-secret-Rb7Yt2-on-the-page"
TYPED = "Hm5-typed-secret-Jc4Wn9-on-the-command-line"
KEPT = "Zx9-kept-secret-Wm4Lq8-never-shown"
THROWN = f"Opisthocoelicaudia of {LEAVER} broke with token Tq7-thrown-secret-Nd2"
BROKEN = Path(__file__).with_name("broken_bot.py")
CHANGE = f'salesforce create "Canarium sync" --email canarium@larkspur.example --username {MADE} '


@dataclass
class Watcher:
    """Sees what passes: the arguments of every process, the tokens that are issued, what the app sends raw."""

    place: Town
    arguments: set[bytes] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    sent: list[str] = field(default_factory=list)
    terminal: list[str] = field(default_factory=list)

    @property
    def org(self) -> Any:
        """The Salesforce stand-in's tables."""
        return self.place.desk.sandbox.stand_ins["salesforce"].org  # type: ignore[attr-defined]

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Look all the time."""
        wire = self.place.desk.sandbox.slack.state.wire
        hide = wire.add

        def add(direction: Any, transport: Any, kind: str, payload: Any, status: int | None = None) -> None:
            if direction == "out":  # from the app; the stand-in's own log hides what looks like a secret
                self.sent.append(json.dumps(payload, default=str))
            hide(direction, transport, kind, payload, status)

        wire.add = add  # type: ignore[method-assign]  # a spy in front of the stand-in, not of the bot
        task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            self._glance()
            await asyncio.sleep(0.1)

    def _glance(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                self.arguments.add((process / "cmdline").read_bytes())
        self.tokens |= set(self.org.sessions)

    async def types(self, *words: str, stdin: str = "", status: int | None = 0) -> str:
        """Run a command of the bot, and keep what it said."""
        found, said = await self.place.command(*words, stdin=stdin)
        assert status is None or found == status, said
        self.terminal.append(said)
        return said


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """An installation that logs all it can and writes its temporary files where we look."""
    async with town(tmp_path / "town", load()) as made:
        temporary = tmp_path / "temporary"
        temporary.mkdir()
        made.environment |= {"HANDOVER_LOG__LEVEL": "debug", "TMPDIR": str(temporary)}
        soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))  # a machine that lets processes leave cores
        yield made
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))


def _other_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


async def _secrets_put(watcher: Watcher) -> set[str]:
    """Every secret of the configuration goes into the store, and out of the file; gives what they are."""
    place = watcher.place
    slack, salesforce = (place.desk.sandbox.ready[name] for name in ("slack", "salesforce"))
    await watcher.types("secret", "put", "slack-bot", "--stdin", stdin=slack["bot_token"])
    await watcher.types("secret", "put", "slack-app", "--stdin", stdin=slack["app_token"])
    await watcher.types("secret", "put", "slack-signing", "--stdin", stdin=slack["signing_secret"])
    await watcher.types("secret", "put", "salesforce", "--stdin", stdin=salesforce["private_key"])
    await watcher.types("secret", "put", "kept", "--stdin", stdin=KEPT)
    await watcher.types("secret", "put", "kept", stdin=KEPT, status=None)  # asked for, and nobody to ask
    text = place.config.read_text()
    text = text.replace(slack["bot_token"], "secret:slack-bot").replace(
        slack["app_token"], "secret:slack-app"
    )
    text = text.replace(slack["signing_secret"], "secret:slack-signing")
    text = re.sub(r"private_key_file = .*", 'private_key = "secret:salesforce"', text)
    place.config.write_text(text + "timeout_s = 3\n")  # of Salesforce, whose table is the last
    (place.config.parent / "salesforce.pem").unlink()
    await watcher.types("secret", "list")
    lines = {line for line in salesforce["private_key"].splitlines() if "PRIVATE" not in line}
    values = {slack["bot_token"], slack["app_token"], slack["signing_secret"], salesforce["client_secret"]}
    return values | lines | {KEPT}


def _grant_secrets(watcher: Watcher) -> set[str]:
    """Each grant's own tokens; what the column AccessToken really holds is put there."""
    found = set()
    for number, row in enumerate(watcher.org["OauthToken"]):
        watcher.org["OauthToken"].change(row, {"AccessToken": f"5Aep861-planted-access-{number:04d}-Hv6"})
        found |= {row["AccessToken"], row["DeleteToken"], row["_refresh_token"]}
    return found


def _people(watcher: Watcher) -> set[str]:
    """Names, addresses and user names, and what people wrote, of Slack and of Salesforce."""
    found = {REASON, REFUSAL, SNOOZE, MADE, "canarium@larkspur.example", "Canarium sync"}
    for person in watcher.place.desk.sandbox.world.people.values():
        found |= {person.name, person.email}
    for row in watcher.org["User"]:
        found |= {row["Name"], row["Username"], row["Email"]}
    apps = {app.label for app in watcher.org.apps.values()}
    return {text for text in found | apps if text and "handover" not in text.casefold()}


async def _work(watcher: Watcher) -> None:
    """People ask, look, refuse, snooze and approve."""
    place = watcher.place
    desk = place.desk
    operator, approver, viewer = (desk.who(role) for role in ("operator", "approver", "viewer"))
    await place.start()
    assert _core_limit(place) == "0", "a core file would hold what the process holds"
    await desk.post("/deactivate", {"email": LEAVER, "where": ["slack"]})
    alert = await desk.said("Marcus Delacroix", "was deactivated", within_s=30)
    view = await desk.pressed_form(operator, alert, "Snooze")
    await desk.submit(operator, view, reason=SNOOZE)
    for text in ("list", "show marketo", f"impact {LEAVER}", "findings", "status", "whoami", "nonsense"):
        await desk.slash(viewer, text)
    await desk.slash(operator, f'{CHANGE} --reason "{REASON}"')
    await desk.slash(viewer, "requests waiting")
    await desk.slash(approver, f"deny {await _ref(desk, MADE)} {REFUSAL}")
    await desk.said("Denied, nothing was changed", MADE)
    await desk.slash(operator, f'{CHANGE} --reason "{REASON}"')
    await desk.slash(approver, f"approve {await _ref(desk, MADE)}")
    await desk.said("Done", f"Create {MADE}", within_s=30)
    await desk.slash(operator, f'handover marketo to {TARGET} --reason "{REASON}"')
    await desk.slash(approver, f"approve {await _ref(desk, 'Marketo sync')}")
    await desk.said("Your turn", "Approve Marketo sync", within_s=30)
    await desk.slash(viewer, "audit")
    await desk.slash(viewer, f"salesforce logins {TARGET}")


def _core_limit(place: Town) -> str:
    assert place.process is not None
    limits = Path(f"/proc/{place.process.pid}/limits").read_text()
    return str(re.findall(r"Max core file size +(\S+)", limits)[0])


async def _ref(desk: Any, title: str) -> str:
    """The request about something that still waits for approval."""
    card = await desk.said("Approval needed", title)
    found = re.search(r"request ([0-9A-Z]{6})", words_of(card))
    assert found
    return found[1]


async def _secrets_pass(watcher: Watcher) -> tuple[set[str], set[str]]:
    """Secrets are made, entered by page and command line, shown and carried over; gives them, and links with codes."""
    place = watcher.place
    desk, operator = place.desk, place.desk.who("operator")
    made = secret_steps.make_key(algorithm="EC-P256", common_name="Canarium sync", days=365)
    taken = secret_steps.receive(("token_id", "token_secret"), title="Make a token", instructions=("Setup",))
    names = ("token_id", "token_secret", "private_key", "password")
    given = secret_steps.deliver(names, destination="manual", consumer="Canarium sync")
    now = desk.sandbox.world.now
    steps = (made, secret_steps.make_password("password"), taken, given)
    request, card = approved(operator, desk.channel, now, *steps)
    async with opened(load_settings(place.config)) as store, store.write() as unit:
        await unit[RequestRepository].add(request)
        await unit.outbox.put(card)
    values, links = {ENTERED, TYPED}, set[str]()
    await desk.said("Your turn: Make a token", request.ref, within_s=30)
    await watcher.types("secret", "put", "--request", request.ref, "token_id", "--stdin", stdin=TYPED)
    async with browser() as web:
        for _ in range(2):
            url, code = link_in(await desk.slash(operator, f"secret {request.ref}"))
            links |= {url.rpartition("/")[2], code}
            await web.send(url, await web.open(url), code="0000-0000")
            page = await web.send(url, await web.open(url), code=code)
            if "secret.token_secret" in page.form.fields:
                await web.send(url, page, **{"secret.token_secret": "two\n" + ENTERED})
                await web.send(url, page, **{"secret.token_secret": ENTERED})
                await desk.said("Your turn: Give", request.ref, within_s=30)
            else:
                shown = page.form.shown.values()
                assert len(shown) == 4, page.html
                values |= {line for value in shown for line in value.splitlines() if "PRIVATE" not in line}
                await place.command("secret", "get", "token_id", "--request", request.ref, "--stdout")
                await web.send(url, page)
    await desk.said("Rotate", "Done", within_s=30)
    return values, links


async def _trouble(watcher: Watcher) -> None:
    """Every fault of both platforms while scans and messages are under way, then kill -9."""
    place = watcher.place
    desk = place.desk
    for kind in ("429", "500", "reset", "short_listing", "bad_json", "timeout_after_effect"):
        await desk.fault("salesforce", kind, count=2, retry_after_s=1)
        await desk.slash(desk.who("admin"), "scan")
        await desk.heal()
    for kind in ("429", "500", "reset", "bad_json"):
        await desk.fault("slack", kind, "chat.update|chat.postMessage", count=1, retry_after_s=1)
        await desk.slash(desk.who("admin"), "scan")
        await desk.post("/salesforce/login", {"username": LEAVER, "password": "guess"})
        await desk.heal()
    await place.kill()


async def _refusals(watcher: Watcher) -> set[str]:
    """A wrong key, a key that is gone, a sign-in that Salesforce refuses, a token that Slack refuses."""
    place = watcher.place
    key = place.data / "handover.key"
    right = key.read_bytes()
    await watcher.types("keys", "rotate")
    key.write_bytes(right[:-8] + bytes(reversed(right[-8:])))
    await watcher.types("scan", status=None)
    key.unlink()
    await watcher.types("audit", "show", status=None)
    key.write_bytes(right)
    key.chmod(0o600)
    other = _other_key()
    await watcher.types("secret", "put", "salesforce", "--stdin", stdin=other)
    refused = await watcher.types("scan", status=None)
    assert "COMPLETE" not in refused.upper()
    await watcher.types("doctor", status=1)
    ready = place.desk.sandbox.ready["salesforce"]
    await watcher.types("secret", "put", "salesforce", "--stdin", stdin=ready["private_key"])
    await place.desk.post("/slack/revoke", {"how": "token_revoked"})
    await watcher.types("run", status=None)
    await watcher.types("doctor", status=1)
    await place.desk.post("/slack/revoke", {"how": None})
    await watcher.types("doctor", status=None)
    await watcher.types("scan", status=None)
    await watcher.types("audit", "show", "--limit", "1000")
    await watcher.types("audit", "verify")
    return {line for line in other.splitlines() if "PRIVATE" not in line}


async def _faults_of_ours(watcher: Watcher, text: Path) -> None:
    """An exception with a telling text, in each place where one may surface."""
    place = watcher.place
    desk = place.desk
    place.program = (str(BROKEN),)
    for at in ("handler", "event", "run", "tick", "delivery"):
        place.environment |= {"BREAK_AT": at, "BREAK_WITH": str(text)}
        await place.start()
        shown = words_of(await desk.slash(desk.who("viewer"), "show marketo"))
        assert ("failed on our side" in shown) == (at == "handler"), shown
        await desk.post("/reactivate", {"email": LEAVER, "where": ["slack"]})
        await desk.post("/deactivate", {"email": LEAVER, "where": ["slack"]})
        await asyncio.sleep(3)  # a tick of the upkeep, a try of the sender
        await place.kill()
    place.environment["BREAK_AT"] = "start"
    said = await watcher.types("run", status=1)
    assert "RuntimeError" in said
    place.program = ("-m", "bot")


@pytest.mark.timeout(600)
async def test_secrets_are_nowhere_and_people_only_where_people_read(place: Town, tmp_path: Path) -> None:
    """
    After a story with every kind of failure: no secret in any file, log, message, answer, argument or temporary
    file; no name, address or reason in a database file or log.
    """
    watcher = Watcher(place)
    thrown = tmp_path / "thrown.txt"
    thrown.write_text(THROWN)
    async with watcher.watching():
        planted = {"grant": _grant_secrets(watcher), "configured": await _secrets_put(watcher)}
        await _work(watcher)
        planted["passed on"], links = await _secrets_pass(watcher)
        await _trouble(watcher)
        planted["refused key"] = await _refusals(watcher)
        await _faults_of_ours(watcher, thrown)
        await place.start("step.intended:1")
        await place.kill()
    planted |= {"session": watcher.tokens, "thrown": {"Tq7-thrown-secret-Nd2"}}
    planted["key"] = {(place.data / "handover.key").read_text().strip()}
    secrets = Canaries(planted)
    people = Canaries({text: {text} for text in _people(watcher)} | {"thrown": {"Opisthocoelicaudia"}})

    ways = Canaries({way: {way} for way in links})

    files = [path for path in place.data.iterdir() if path.name != "handover.key"]
    written = [*files, place.output, *(tmp_path / "temporary").rglob("*")]
    assert {"inventory.db", "inventory.db-wal", "engine.db"} <= {path.name for path in files}
    assert secrets.in_files(written) == {}
    assert people.in_files(written) == {}
    assert ways.in_files(written) == {}
    assert ways.in_bytes(b"\n".join(watcher.arguments)) == set()
    shown = "\n".join([*watcher.sent, *watcher.terminal]).encode()
    assert secrets.in_bytes(shown) == set()
    assert secrets.in_bytes(b"\n".join(watcher.arguments)) == set()
    assert people.in_bytes(b"\n".join(watcher.arguments)) == set()

    seen = people.in_bytes(shown)  # the search finds what is there, and there was something to find
    assert {LEAVER, MADE, REASON, REFUSAL, SNOOZE, "Marketo sync", "Marcus Delacroix"} <= seen
    assert len(watcher.tokens) > 3
    assert "debug" in place.output.read_text().casefold()
    for path in files:
        assert path.stat().st_mode & 0o077 == 0, f"{path.name} is open to others"


def test_the_search_finds_every_spelling(tmp_path: Path) -> None:
    """A canary is found raw, in another case, in hex, in base64 wherever it stands, and escaped."""
    secret = "Zq3+hidden/secret value\nof two lines"
    canaries = Canaries({"it": {secret}})
    holding = [
        secret.encode(),
        secret.upper().encode(),
        json.dumps(secret).encode(),
        secret.encode().hex().encode(),
    ]
    holding += [base64.b64encode(b"x" * n + secret.encode() + b"tail") for n in range(4)]
    for number, content in enumerate(holding):
        (tmp_path / f"{number}").write_bytes(os.urandom(99) + content + os.urandom(99))
    assert set(canaries.in_files(tmp_path.iterdir())) == {str(tmp_path / f"{n}") for n in range(len(holding))}
    assert canaries.in_bytes(b"nothing of it") == set()
