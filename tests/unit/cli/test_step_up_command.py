"""``step-up``: a secret shown once to whoever sits there, and nothing that counts before a right code."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.audit.repository import AuditLog
from bot.cli.opening import opened
from bot.cli.step_up import TRIES, enroll, reset
from bot.clock import Clock
from bot.config import load
from bot.errors import BadArgument, Conflict
from bot.people.model import Person
from bot.people.repository import PersonRepository
from bot.people.step_up import StepUps
from tests.contract.authenticator import code_of

WHO = "U0ANA"


@pytest.fixture
async def known(ready: Path) -> Path:
    """An installation that knows a member and somebody who left."""
    async with opened(load(ready)) as store, store.write() as unit:
        await unit[PersonRepository].put(
            Person(slack_id=WHO, name="Ana \x1b[2J", email="ana@larkspur.example")
        )
        await unit[PersonRepository].put(Person(slack_id="U0GONE", name="Gone", deactivated=True))
    return ready


def phone(capsys: pytest.CaptureFixture[str], shown: list[str]) -> Callable[[str], str]:
    """Somebody who scans what stands on the screen and types the code."""

    def types(_: str) -> str:
        shown.append(capsys.readouterr().out)
        found = re.search(r"otpauth://\S+", "".join(shown))
        assert found
        return code_of(found[0], Clock().now())

    return types


async def is_enrolled(config: Path, who: str = WHO) -> bool:
    async with opened(load(config)) as store:
        return (await StepUps(store, Clock()).of(who)).enrolled


async def test_a_right_code_sets_it_up(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Name, picture, secret and address are shown; after the right code, ten recovery codes, once."""
    shown: list[str] = []
    assert await enroll(known, WHO, phone(capsys, shown))
    before, after = shown[0], capsys.readouterr().out
    assert "For Ana [2J." in before, "a name gives the terminal no orders"
    assert "█" in before or "▀" in before or "▄" in before
    assert "issuer=Handover" in before
    assert "ana%40larkspur.example" in before
    assert len(set(re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", after))) == 10
    assert await is_enrolled(known)


async def test_wrong_codes_set_nothing_up(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After three tries it ends with status 1 and says that nothing counts."""
    asked: list[str] = []

    def types(question: str) -> str:
        asked.append(question)
        return "12345"

    assert not await enroll(known, WHO, types)
    assert len(asked) == TRIES
    assert "Nothing counts" in capsys.readouterr().out
    assert not await is_enrolled(known)


async def test_a_secret_is_shown_on_a_terminal_only(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe or a log nothing is shown and nothing begun."""
    with pytest.raises(BadArgument, match="terminal"):
        await enroll(known, WHO)
    assert "otpauth" not in capsys.readouterr().out


@pytest.mark.parametrize("who", ["ana", "U0NOBODY", "U0GONE", "<@U0ANA>", ""])
async def test_only_members_who_are_there_are_enrolled(known: Path, who: str) -> None:
    """A name, somebody unknown and somebody who left are refused before anything is shown."""
    with pytest.raises(BadArgument):
        await enroll(known, who, lambda _: "123456")


async def test_enrolled_it_has_to_be_reset_first(known: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second enrolment is refused; after a reset it works, and the trail holds who did what."""
    assert await enroll(known, WHO, phone(capsys, []))
    with pytest.raises(Conflict, match="step-up reset U0ANA"):
        await enroll(known, WHO, phone(capsys, []))
    assert await reset(known, WHO)
    assert not await is_enrolled(known)
    capsys.readouterr()
    assert await enroll(known, WHO, phone(capsys, []))
    async with opened(load(known)) as store, store.read() as unit:
        lines = [line for line in await unit[AuditLog].tail(20) if line.action.startswith("step_up:")]
    assert [line.action for line in reversed(lines)] == [
        "step_up:begun", "step_up:enrolled", "step_up:reset", "step_up:begun", "step_up:enrolled",
    ]  # fmt: skip
    assert all(line.actor.startswith("cli:") for line in lines)
    with pytest.raises(BadArgument, match="nothing to reset"):
        await reset(known, "U0GONE")
