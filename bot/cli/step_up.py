"""Authenticator apps, set up and taken away on the command line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import segno
import typer

from bot.cli.opening import actor, opened
from bot.cli.screen import complain, say
from bot.clock import Clock
from bot.config import load
from bot.db.store import Store
from bot.errors import BadArgument, Denied
from bot.people.repository import PersonRepository
from bot.people.step_up import Enrolment, StepUps

TRIES = 3  # at typing the first code
_MEMBER = re.compile(r"[UW][A-Z0-9]{1,30}")


async def enroll(config: Path, slack_id: str, ask: Callable[[str], str] | None = None) -> bool:
    """Show a new secret, and count it once ``ask`` (default: the terminal) brought a code that it makes.

    Raises:
        BadArgument: no such member, or nobody is there to read it.
        Conflict: they are enrolled already.
    """
    if ask is None and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BadArgument("This shows a secret and asks for a code, so it works on a terminal only.")
    settings = load(config)
    async with opened(settings) as store:
        who = await _member(store, slack_id)
        step_ups = StepUps(store, Clock())
        _show(await step_ups.begin(slack_id, actor()), who)
        for left in reversed(range(TRIES)):
            code = (ask or _asked)("The six digits that the app shows now")
            try:
                codes = await step_ups.confirm(slack_id, code, actor())
            except Denied as exc:
                complain(exc.hint)
                if not left:
                    say("Not set up. Nothing counts until a code was right; run this again.")
                    return False
            else:
                break
    say(
        f"Set up. {len(codes)} recovery codes, each good once in the place of a code. Keep them; this is all there is:"
    )
    for one in codes:
        say(f"  {one}")
    return True


async def reset(config: Path, slack_id: str) -> bool:
    """Forget somebody's app and codes.

    Raises:
        BadArgument: there is nothing to reset.
    """
    settings = load(config)
    async with opened(settings) as store:
        await StepUps(store, Clock()).reset(slack_id, actor())
    say("Reset. The running bot tells them.")
    return True


async def _member(store: Store, slack_id: str) -> str:
    """A member's name."""
    if not _MEMBER.fullmatch(slack_id):
        raise BadArgument("That is no member id: it begins with U, in capitals and digits.")
    async with store.read() as unit:
        person = await unit[PersonRepository].get(slack_id)
    if person is None or person.gone or person.restricted:
        raise BadArgument(
            f"No active, full member has the id {slack_id}. The bot must have run once to know them."
        )
    return person.name or slack_id


def _show(enrolment: Enrolment, who: str) -> None:
    say(f"For {who}. Scan this with an authenticator app:")
    segno.make(enrolment.uri, micro=False).terminal(out=sys.stdout, compact=True)
    say(f"or give the app this secret: {enrolment.secret}")
    say(f"or this address: {enrolment.uri}")
    say("Nobody else should see it, and nothing shows it again.")


def _asked(question: str) -> str:
    return str(typer.prompt(question))
