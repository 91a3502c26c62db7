"""The command line with a NetSuite connection: doctor, scan and probe, in processes of their own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from sandbox.company import load
from sandbox.running import Sandbox, running


@dataclass
class Shell:
    """A sandbox, and a hand that types commands for its bot."""

    sandbox: Sandbox
    http: aiohttp.ClientSession

    async def type(self, *words: str) -> tuple[int, str]:
        """Exit status and everything printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words, "--config", str(self.sandbox.ready["bot_config"]),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, stdin=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        out, _ = await process.communicate()
        return process.returncode or 0, out.decode()

    async def pull(self, lever: str, **asked: object) -> None:
        async with self.http.post(f"{self.sandbox.world_url}/netsuite/{lever}", json=asked) as answer:
            assert answer.status == 200, await answer.text()


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    """An initialised bot that is not running."""
    started = running(load(), directory=tmp_path, platforms=("netsuite",))
    async with started as sandbox, aiohttp.ClientSession() as http:
        made = Shell(sandbox, http)
        await made.pull("switches", audit_lag_s=0)
        code, said = await made.type("init")
        assert code == 0, said
        yield made


async def test_doctor_scan_and_probe(shell: Shell) -> None:
    """Each sees the account; what a probe settles is there in the next process, and --write is asked about first."""
    code, said = await shell.type("scan", "netsuite:prod")
    assert code == 0, said
    assert "netsuite:prod" in said
    _, said = await shell.type("doctor")
    assert "signed in as handover.bot@integrations.larkspur.example" in said
    code, said = await shell.type("probe", "netsuite")
    assert code == 0, said
    assert "integration records can be listed\tyes" in said
    assert "--write" in said
    code, said = await shell.type("probe", "netsuite", "--write")
    assert code != 0  # nobody answered the question
    assert "points settled" not in said
    code, said = await shell.type("probe", "netsuite", "--write", "--yes")
    assert code == 0, said


async def test_doctor_names_what_is_wrong(shell: Shell) -> None:
    """A refreshed sandbox is said in words, with the page that mends it."""
    await shell.pull("refresh")
    code, said = await shell.type("doctor")
    assert code != 0
    assert "this account was refreshed, which takes mappings away" in said


@pytest.mark.parametrize(
    ("named", "words"), [("salesforce", "no connection"), ("netsuite:uat", "There is: netsuite:prod")]
)
async def test_a_connection_that_is_not_there(shell: Shell, named: str, words: str) -> None:
    """The ones there are, are named."""
    code, said = await shell.type("probe", named)
    assert code == 1
    assert words in said
