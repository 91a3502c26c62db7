"""``wrike authorize``: one sign-in in a browser, as people do it, against the sandbox."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.cli.authorize import code_in
from bot.errors import BadArgument

ROOT = Path(__file__).parents[2]
BOT = "svc.handover@integrations.larkspur.example"
PERSON = "wenli.chang@larkspur.example"


def started(words: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=ROOT,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The stand-ins, with the bot's connection to Wrike changed to OAuth and a free port for the answer."""
    directory = tmp_path_factory.mktemp("sandbox")
    process = started(["-m", "sandbox", "--port", "0", "--json", "--dir", str(directory)])
    try:
        ready = json.loads(cast("IO[str]", process.stdout).readline())
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        path, hello = Path(ready["bot_config"]), ready["wrike"]
        text = re.sub(r'(?m)^token = "ey.*$', "", path.read_text())
        keys = {name: hello[name] for name in ("client_id", "client_secret", "authorize_url", "token_url")}
        keys["redirect_uri"] = f"http://127.0.0.1:{port}/wrike"
        lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in keys.items())
        path.write_text(text.replace('[connections."wrike:prod"]', f'[connections."wrike:prod"]\n{lines}'))
        done = started(["-m", "bot", "init", "--config", str(path)])
        assert done.wait(timeout=60) == 0
        yield ready
    finally:
        process.terminate()
        process.communicate(timeout=20)


def lever(ready: dict[str, Any], name: str, **asked: object) -> dict[str, Any]:
    answer = httpx.post(f"{ready['world']}/wrike/{name}", json=asked, timeout=20)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def approved(ready: dict[str, Any], url: str, email: str) -> str:
    """Where the browser is sent once somebody has pressed Accept on Wrike's page."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    asked.pop("response_type")
    return str(lever(ready, "approve", email=email, **asked)["redirect"])


def authorising(ready: dict[str, Any], *words: str) -> tuple[subprocess.Popen[str], str]:
    """The command under way, and the address it shows."""
    command = ["-m", "bot", "wrike", "authorize", "wrike:prod", *words, "--config", ready["bot_config"]]
    process = started(command)
    url = cast("IO[str]", process.stdout).readline().strip()
    assert url.startswith("http"), process.communicate(timeout=20)
    return process, url


def test_the_answer_comes_to_our_own_door_and_doctor_is_content(sandbox: dict[str, Any]) -> None:
    """One consent as the service account; afterwards the bot signs in by itself, and no secret was printed."""
    process, url = authorising(sandbox)
    assert "You can close this window" in httpx.get(approved(sandbox, url, BOT), timeout=20).text
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert f"is signed in as {BOT}" in out
    assert sandbox["wrike"]["client_secret"] not in url + out + err
    doctor = started(["-m", "bot", "doctor", "--config", sandbox["bot_config"]])
    told, _ = doctor.communicate(timeout=60)
    assert f"signed in as {BOT}" in told


def test_a_person_who_says_yes_by_accident_is_refused(sandbox: dict[str, Any]) -> None:
    """Nothing of theirs is kept, and the error says who it was and what to do."""
    process, url = authorising(sandbox, "--paste")
    out, err = process.communicate(approved(sandbox, url, PERSON) + "\n", timeout=60)
    assert process.returncode == 1, out
    assert PERSON in err
    assert "private window" in err


def test_what_is_not_the_answer_is_said(sandbox: dict[str, Any]) -> None:
    """An address of another attempt, and a connection that is not there."""
    process, url = authorising(sandbox, "--paste")
    stranger = re.sub(r"state=[^&]*", "state=another", approved(sandbox, url, BOT))
    _, err = process.communicate(stranger + "\n", timeout=60)
    assert process.returncode == 1
    assert "another attempt" in err
    wrong = started(["-m", "bot", "wrike", "authorize", "wrike:none", "--config", sandbox["bot_config"]])
    _, err = wrong.communicate(timeout=60)
    assert wrong.returncode == 1
    assert 'no connection "wrike:none"' in err
    other = started(["-m", "bot", "wrike", "authorize", "salesforce:prod", "--config", sandbox["bot_config"]])
    _, err = other.communicate(timeout=60)
    assert "not signed in to in a browser" in err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1/wrike?error=access_denied&state=ours", "They said no"),
        ("http://127.0.0.1/wrike?state=ours", "no code in it"),
        ("http://127.0.0.1/wrike?code=abc&state=theirs", "another attempt"),
        ("nonsense", "another attempt"),
        ("", "another attempt"),
    ],
)
def test_only_the_answer_to_our_own_question_counts(address: str, said: str) -> None:
    """The state is compared before anything else, so that nobody plants an account of theirs."""
    with pytest.raises(BadArgument, match=said):
        code_in(address, "ours")
    assert code_in("http://127.0.0.1/wrike?code=abc&state=ours\n", "ours") == "abc"
