"""`python -m sandbox`: stand-ins for Slack and the platforms on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from sandbox.company import Company, CompanyError, load
from sandbox.running import running
from sandbox.standin import STAND_INS


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8900, help="first port; 0 takes free ones (default 8900)")
    parser.add_argument("--world", type=Path, metavar="FILE", help="company file (default: the built-in one)")
    parser.add_argument("--seed", type=int, default=1, help="same seed, same ids and data (default 1)")
    parser.add_argument("--people", type=int, help="add generated people until there are this many")
    parser.add_argument("--latency-ms", type=float, default=0.0, help="added to every stand-in's answer")
    parser.add_argument("--dir", type=Path, help="where to write the bot's configuration (kept afterwards)")
    parser.add_argument("--http-url", help="deliver Slack's requests to this address, signed, not by socket")
    parser.add_argument("--traffic", action="store_true", help="let the integrations use their credentials")
    parser.add_argument(
        "--only", nargs="*", choices=STAND_INS, default=list(STAND_INS), help="stand-ins to run"
    )
    parser.add_argument("--json", action="store_true", help="print one line of JSON when ready, nothing else")
    chosen = parser.parse_args(arguments)
    if not 0 <= chosen.port <= 65_000:
        parser.error("--port must lie between 0 and 65000")
    if (chosen.people is not None and chosen.people < 0) or chosen.latency_ms < 0:
        parser.error("--people and --latency-ms must not be negative")
    return chosen


async def serve(chosen: argparse.Namespace, company: Company) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(
        company,
        port=chosen.port,
        seed=chosen.seed,
        latency_ms=chosen.latency_ms,
        directory=chosen.dir,
        slack_http_url=chosen.http_url,
        traffic=chosen.traffic,
        platforms=chosen.only,
    ) as sandbox:
        if not chosen.json:
            say(f"{company.name}: {len(company.people)} people, {len(company.integrations)} integrations.")
            say(f"Open {sandbox.ready['page']} in a browser, and run the bot with")
            say(f"  python -m bot run --config {sandbox.ready['bot_config']}")
        say(json.dumps(sandbox.ready))
        await stop.wait()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    chosen = options()
    try:
        company = load(chosen.world, people=chosen.people, seed=chosen.seed)
        asyncio.run(serve(chosen, company))
    except (CompanyError, OSError) as problem:
        sys.stderr.write(f"The sandbox cannot start: {problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
