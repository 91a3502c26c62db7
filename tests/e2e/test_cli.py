"""The command line as people use it: its own process, against the sandbox."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import pytest

from bot.config import load

ROOT = Path(__file__).parents[2]


def started(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def bot(config: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HANDOVER_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words, "--config", str(config)],
        cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=60, check=False, env=environment,
    )  # fmt: skip


def columns(said: str) -> list[dict[str, str]]:
    header, *lines = [line.split("\t") for line in said.splitlines() if "\t" in line]
    return [dict(zip(header, line, strict=True)) for line in lines]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """Stand-ins for Slack and Salesforce, and a configuration that points at them."""
    directory = tmp_path_factory.mktemp("sandbox")
    process = started(["-m", "sandbox", "--port", "0", "--json", "--dir", str(directory)])
    try:
        yield json.loads(cast("IO[str]", process.stdout).readline())
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="module")
def config(sandbox: dict[str, Any]) -> Path:
    """The sandbox's configuration, initialised."""
    path = Path(sandbox["bot_config"])
    done = bot(path, "init")
    assert done.returncode == 0, done.stderr
    return path


def changed(config: Path, name: str, *swaps: tuple[str, str]) -> Path:
    """A copy of the configuration with something else in it."""
    text = config.read_text()
    for old, new in swaps:
        assert old in text
        text = text.replace(old, new)
    path = config.with_name(name)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_doctor_finds_nothing_in_a_good_installation(config: Path) -> None:
    """Against the sandbox every part is well, down to the scopes and the org's daily calls."""
    done = bot(config, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    table = columns(done.stdout)
    assert {row[""] for row in table} <= {"ok", "warn"}
    assert {"configuration", "key", "inventory", "Slack", "salesforce:prod"} <= {row["what"] for row in table}
    assert any("daily API calls" in row["found"] for row in table)
    assert any("Socket Mode opens" in row["found"] for row in table)


def test_doctor_goes_on_after_faults_and_says_how_to_mend_them(config: Path, sandbox: dict[str, Any]) -> None:
    """A wrong Slack token and an unknown app are both told, each with a deed, without the token."""
    token = sandbox["slack"]["bot_token"]
    broken = changed(config, "broken.toml", (token, "xoxb-wrong"), ('client_id = "3MVG', 'client_id = "9MVG'))
    done = bot(broken, "doctor")
    assert done.returncode == 1
    failed = [row for row in columns(done.stdout) if row[""] == "FAIL"]
    assert {row["what"] for row in failed} == {"Slack", "salesforce:prod"}
    assert all(row["how to fix it"] for row in failed)
    assert "xoxb-wrong" not in done.stdout + done.stderr


def test_doctor_tells_what_cannot_be_reached(config: Path) -> None:
    """An address where nobody answers is told as such, for Slack and for each platform."""
    swaps = [
        line.split('"')[1] for line in config.read_text().splitlines() if line.startswith(("url", "api_url"))
    ]
    gone = changed(config, "gone.toml", *((url, "http://127.0.0.1:9/") for url in swaps))
    done = bot(gone, "doctor")
    assert done.returncode == 1
    failed = {row["what"] for row in columns(done.stdout) if row[""] == "FAIL"}
    assert failed == {"Slack", *load(config).connections}
    assert "Traceback" not in done.stderr


def test_scan_shows_what_it_found_and_the_trail_holds_it(config: Path) -> None:
    """A scan by hand fills the inventory; the trail proves it and names it."""
    done = bot(config, "scan")
    assert done.returncode == 0, done.stderr
    reports = columns(done.stdout)
    assert {report["connection"] for report in reports} == set(load(config).connections)
    for report in reports:
        assert report["result"] == "ok"
        assert int(report["new"]) == int(report["listed"]) > 20
    shown = columns(bot(config, "audit", "show", "--limit", "200").stdout)
    assert "connection:scanned" in {row["what"] for row in shown}
    assert bot(config, "audit", "verify").stdout.startswith("OK: ")


def test_a_check_is_run_by_itself_and_finds_what_is_there(config: Path) -> None:
    """Status 1 where it found something; the lines are the check's own words and the evidence."""
    done = bot(config, "check", "salesforce.grant-held-by-person")
    assert done.returncode == 1
    assert "An integration uses a person's OAuth grant" in done.stdout
    assert "What to do: Hand it over" in done.stdout
    assert "salesforce:prod\tP2\t" in done.stdout
    done = bot(config, "check", "certificate", "--connection", "salesforce:prod")
    assert done.returncode == 1
    assert "checks answer to that" in done.stderr


def test_scanning_what_is_not_there_names_what_is(config: Path) -> None:
    """An unknown connection is one line and exit status 1."""
    done = bot(config, "scan", "netsuite:elsewhere")
    assert done.returncode == 1
    assert done.stderr.startswith('error: The configuration has no connection "netsuite:elsewhere".')
    assert "salesforce:prod" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_configuration_is_status_2_and_names_key_and_line(config: Path) -> None:
    """Every command refuses a file it does not wholly understand."""
    wrong = changed(config, "wrong.toml", ("[slack]", "[slack]\nbot_tokn = 1"))
    for words in (["run"], ["audit", "verify"]):
        done = bot(wrong, *words)
        assert done.returncode == 2
        assert "slack.bot_tokn: unknown key" in done.stderr
        assert ", line " in done.stderr
        assert "Traceback" not in done.stderr


def test_a_stored_secret_is_what_the_bot_signs_in_with(config: Path, sandbox: dict[str, Any]) -> None:
    """A token moved from the file into the store works, and `secret list` says where it is used."""
    token = sandbox["slack"]["bot_token"]
    stored = changed(config, "stored.toml", (f'"{token}"', '"secret:slack-bot-token"'))
    assert bot(stored, "doctor").returncode == 1
    assert bot(stored, "secret", "put", "slack-bot-token", "--stdin", stdin=token + "\n").returncode == 0
    listed = columns(bot(stored, "secret", "list").stdout)
    assert {"name": "slack-bot-token", "state": "stored", "used by": "slack.bot_token"} in listed
    done = bot(stored, "doctor")
    assert done.returncode == 0, done.stdout


def test_a_secret_is_asked_for_without_echo(config: Path) -> None:
    """On a terminal the command asks, and what is typed is stored and not shown."""
    words = ["-m", "bot", "secret", "put", "typed-by-hand", "--config", str(config)]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, *words])  # noqa: S606  our own program, in a terminal of its own
    shown = b""
    while b"not shown" not in shown:
        shown += os.read(terminal, 1024)
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        time.sleep(0.01)  # what is typed before the echo is off is thrown away with the flush
    os.write(terminal, b"correct horse battery\n")
    with contextlib.suppress(OSError):  # how a terminal ends
        while chunk := os.read(terminal, 1024):
            shown += chunk
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, shown
    assert b"horse" not in shown
    assert "typed-by-hand" in bot(config, "secret", "list").stdout


def test_run_tells_when_it_is_ready_and_stops_when_told(config: Path) -> None:
    """The bot connects, says so in one line, keeps others off its directory, and ends well on SIGTERM."""
    process = started(["-m", "bot", "run", "--config", str(config)])
    told: list[str] = []
    try:
        for line in cast("IO[str]", process.stderr):
            told.append(line)
            if line.startswith("ready in "):
                break
        assert told[-1].rstrip().endswith(" s"), "".join(told)
        second = bot(config, "run")
        assert second.returncode == 2
        assert f"pid {process.pid}" in second.stderr
        rows = {row["what"]: row["found"] for row in columns(bot(config, "doctor").stdout)}
        assert rows["bot"] == f"running here, process {process.pid}"
        assert bot(config, "scan").returncode == 0, "a scan by hand works beside the running bot"
        process.send_signal(signal.SIGTERM)
        _, rest = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0, rest
    assert rest.rstrip().endswith("stopped")


def test_run_ends_with_one_line_when_slack_refuses(config: Path, sandbox: dict[str, Any]) -> None:
    """A refused token is not retried for ever: the process ends and says why, without the token."""
    refused = changed(config, "refused.toml", (sandbox["slack"]["app_token"], "xapp-wrong"))
    began = time.monotonic()
    done = bot(refused, "run")
    assert done.returncode in (1, 2)
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "xapp-wrong" not in done.stderr
    assert time.monotonic() - began < 45
