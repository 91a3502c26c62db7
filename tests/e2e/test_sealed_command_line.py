"""Secrets of a plan on the command line, as their own processes beside a running bot."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import sys
from pathlib import Path

import pytest
from desk import Desk
from sealed_pages import BY_HAND, PEM, RECEIVE, asked

from bot.audit.repository import AuditLog
from bot.requests.model import RequestState

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).parents[2]
TOKEN = "tk-on-the-command-line-5Tv"


def line(desk: Desk, *words: str) -> list[str]:
    return ["-m", "bot", "secret", *words, "--config", desk.sandbox.ready["bot_config"]]


async def command(desk: Desk, *words: str, stdin: str = "") -> tuple[int, str, str]:
    """Run a command to its end: status, output and what it said beside."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *line(desk, *words),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, said = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return process.returncode, out.decode(), said.decode()


def at_a_terminal(words: list[str], answer: bytes) -> tuple[int, str]:
    """Run a command on a terminal of its own and answer its question."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *words])  # noqa: S606  our own program, in a terminal of its own
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(terminal, 4096)
    os.write(terminal, answer)
    with contextlib.suppress(OSError):  # how a terminal ends
        while chunk := os.read(terminal, 4096):
            shown += chunk
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()


async def test_entered_shown_and_in_place(desk: Desk) -> None:
    """Put, put, get on a terminal: not yet, then yes. The running bot goes on, with evidence as by the page."""
    request = await asked(desk, RECEIVE, BY_HAND)
    await desk.at_step(request.ref, "receive")
    status, out, said = await command(
        desk, "put", "--request", request.ref, "token_id", "--stdin", stdin=f" {TOKEN}\n"
    )
    assert (status, out) == (0, ""), said
    assert "White space" in said
    assert "Still needed: private_key" in said
    status, _, said = await command(
        desk, "put", "--request", request.ref.lower(), "private_key", "--stdin", stdin=PEM
    )
    assert status == 0, said
    await desk.at_step(request.ref, "deliver")
    words = line(desk, "get", "--request", request.ref)
    status, shown = await asyncio.to_thread(at_a_terminal, words, b"n\n")
    assert status == 1
    assert TOKEN in shown
    assert PEM.replace("\n", "\r\n") in shown
    assert (await desk.at_step(request.ref, "deliver")).state is RequestState.WAITING
    status, shown = await asyncio.to_thread(at_a_terminal, words, b"y\n")
    assert status == 0, shown
    done = await desk.settled(request.ref, RequestState.DONE)
    assert "Shown once to cli:" in done.receipts[-1].detail
    assert desk.app
    async with desk.app.store.read() as unit:
        lines = [one for one in await unit[AuditLog].tail(100, request.ref) if one.actor.startswith("cli:")]
    assert {one.action for one in lines} == {"secret:received", "secret:shown", "secret:in_place"}
    assert TOKEN not in repr(lines)


async def test_to_a_program(desk: Desk) -> None:
    """With --stdout one secret is written and nothing else, and counts as in place once each was."""
    request = await asked(desk, RECEIVE, BY_HAND)
    for name, value in (("token_id", TOKEN), ("private_key", PEM)):
        await command(desk, "put", "--request", request.ref, name, "--stdin", stdin=value)
    await desk.at_step(request.ref, "deliver")
    assert (await command(desk, "get", "--request", request.ref, "token_id", "--stdout"))[:2] == (
        0,
        f"{TOKEN}\n",
    )
    assert (await desk.at_step(request.ref, "deliver")).state is RequestState.WAITING
    assert (await command(desk, "get", "--request", request.ref, "private_key", "--stdout"))[1] == f"{PEM}\n"
    await desk.settled(request.ref, RequestState.DONE)


async def test_what_is_refused(desk: Desk) -> None:
    """No terminal, no name with --stdout, a request or name that is not there, a step that waits for something else."""
    request = await asked(desk, RECEIVE, BY_HAND)
    await desk.at_step(request.ref, "receive")
    for words, why in (
        (("get", "--request", request.ref), "on a terminal only"),
        (("get", "--request", request.ref, "--stdout"), "say which one"),
        (("get", "--request", request.ref, "token_id", "--stdout"), "does not wait for this"),
        (("put", "--request", "000000", "token_id", "--stdin"), "no request of that name"),
        (("put", "--request", request.ref, "colour", "--stdin"), "does not ask for colour"),
        (("put", "--request", request.ref, "token_id"), "Nobody is there to ask"),
    ):
        status, out, said = await command(desk, *words, stdin="x")
        assert (status, out) == (1, ""), said
        assert why in said
