"""`python -m sandbox.demo`: the sandbox and the bot together, until Ctrl-C. `make demo` runs this."""

from __future__ import annotations

import argparse
import asyncio
import errno
import shlex
import signal
import sys
from pathlib import Path

from sandbox.__main__ import say
from sandbox.company import Company, CompanyError, load
from sandbox.running import Sandbox, running
from sandbox.supervisor import Supervisor

TO_TRY = """\
Five things to try, as Ada Okonkwo (switch people at the top of the page):
  1. In #integrations-alerts type   {command}            and see what needs you now
  2. Type   {command} impact @alice.doherty              what breaks the day Alice leaves?
  3. World panel: deactivate Alice Doherty            the alert arrives within a second or two
  4. Press Plan handover, then switch to Dan Kowalczyk and approve it; watch the thread
  5. World panel: kill the bot half-way, break a system, or move the clock 30 days on
"""


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox.demo", description=__doc__)
    parser.add_argument("--port", type=int, help="first port (default: 8900, or free ones if it is taken)")
    parser.add_argument("--people", type=int, help="add generated people until there are this many")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same ids and data (default 1)")
    parser.add_argument("--dir", type=Path, help="keep the bot's data here (default: a fresh one, removed)")
    parser.add_argument(
        "--bot-command", default=f"{shlex.quote(sys.executable)} -m bot", help=argparse.SUPPRESS
    )
    return parser.parse_args(arguments)


async def demo(chosen: argparse.Namespace, company: Company) -> int:
    """Run until SIGINT or SIGTERM. Returns 1 when the bot could not be set up."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    port = 8900 if chosen.port is None else chosen.port
    try:
        return await _played(chosen, company, port, stop)
    except OSError as problem:
        if chosen.port is not None or problem.errno != errno.EADDRINUSE:
            raise
        say(f"Port {port} is taken; using free ones.")
        return await _played(chosen, company, 0, stop)


async def _played(chosen: argparse.Namespace, company: Company, port: int, stop: asyncio.Event) -> int:
    async with running(company, port=port, seed=chosen.seed, directory=chosen.dir, traffic=True) as sandbox:
        bot = Supervisor(
            sandbox.world,
            command=shlex.split(chosen.bot_command),
            config=Path(sandbox.ready["bot_config"]),
            connected=lambda: sandbox.slack.connected > 0,
            died=_tell_of_death,
        )
        sandbox.control.supervisor = bot
        try:
            await _open(sandbox, bot)
            await stop.wait()
        finally:
            await bot.close()
    say("Stopped.")
    return 0


async def _open(sandbox: Sandbox, bot: Supervisor) -> None:
    starting = asyncio.create_task(bot.do("start"))
    say(f"\nThe sandbox is open:  {sandbox.ready['page']}\n")
    say(TO_TRY.format(command=sandbox.ready["slack"]["command"]))
    await starting
    if bot.ready_s is not None:
        say(
            f"The bot is ready ({bot.ready_s:.1f} s). Its log is {sandbox.directory / 'bot.log'}. Ctrl-C stops both."
        )
    elif bot.running:
        complain("The bot runs but has not connected to Slack yet. Its last lines:", bot.last_lines())


def _tell_of_death(status: int, lines: list[str]) -> None:
    complain(
        f"The bot ended by itself (status {status}). Start it again in the World panel. Its last lines:",
        lines,
    )


def complain(text: str, lines: list[str]) -> None:
    sys.stderr.write("\n".join(["", text, *(f"  {line}" for line in lines), ""]) + "\n")
    sys.stderr.flush()


def main() -> int:
    chosen = options()
    try:
        company = load(None, people=chosen.people, seed=chosen.seed)
        return asyncio.run(demo(chosen, company))
    except (CompanyError, OSError) as problem:
        sys.stderr.write(f"The demo cannot start: {problem}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
