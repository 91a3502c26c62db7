"""Importing is free of consequences."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]

# What a library's own modules do at import is theirs (croniter runs a program); what ours do, or call, is ours.
PROBE = """
import importlib, json, os, pkgutil, sys, threading
ours = ("bot", "handlers", "platforms")
root = os.getcwd() + os.sep
seen = []

def of_ours():
    frame, body = sys._getframe(2), None
    while frame is not None and "importlib._bootstrap" not in frame.f_code.co_filename:
        frame, body = frame.f_back, frame
    name = body.f_code.co_filename if frame is not None and body is not None else ""
    return name[len(root):] if name.startswith(root) and ".venv" not in name else ""

SIGNS = ("socket.__new__", "socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "sqlite3.connect")
def watch(event, args):
    writes = event == "open" and len(args) > 1 and args[1] and set(str(args[1])) & set("wax+")
    if (event in SIGNS or writes and "__pycache__" not in str(args[0])) and (where := of_ours()):
        seen.append(f"{event} by {where}")

PASSED_ON = ("_collections_abc.py", "_collections_abc>", os.sep + "os.py", "<frozen os>")
class Environment(type(os.environ)):
    def __getitem__(self, key):
        frame = sys._getframe(1)
        while frame.f_code.co_filename.endswith(PASSED_ON):
            frame = frame.f_back
        name = frame.f_code.co_filename
        if name.startswith(root) and ".venv" not in name:  # libraries look at theirs when our classes are made
            seen.append(f"environment {key} read by {name[len(root):]}")
        return super().__getitem__(key)

os.environ.__class__ = Environment
sys.addaudithook(watch)
names = []
for package in ours:
    module = importlib.import_module(package)
    names += [info.name for info in pkgutil.walk_packages(module.__path__, package + ".")]
for name in names:
    if not name.endswith("__main__") and ".migrations" not in name:
        importlib.import_module(name)
import asyncio
print(json.dumps({
    "modules": len(names), "seen": seen, "loop": asyncio._get_running_loop() is not None,
    "threads": [t.name for t in threading.enumerate()],
}))
"""


def probed(directory: Path, *options: str) -> tuple[dict[str, Any], str]:
    """What the probe saw, and what Python wrote beside it."""
    program = [sys.executable, *options, "-c", PROBE]
    done = subprocess.run(program, cwd=directory, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_importing_every_module_does_nothing() -> None:
    """No socket, process, thread, database, written file or environment read comes of importing any module."""
    report, _ = probed(ROOT)
    assert report["modules"] > 60, "the walk found too little to prove anything"
    assert report["seen"] == []
    assert report["threads"] == ["MainThread"]
    assert report["loop"] is False


def test_the_probe_sees_what_it_looks_for(tmp_path: Path) -> None:
    """A module that opens a socket and a file and reads the environment at import is caught, by name."""
    body = "import os, socket\nsocket.socket()\nos.environ.get('HOME')\nopen('made', 'w').close()\n"
    for name, text in (("bot", body), ("handlers", ""), ("platforms", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(text)
    report, _ = probed(tmp_path)
    assert report["seen"] == [
        "socket.__new__ by bot/__init__.py",
        "environment HOME read by bot/__init__.py",
        "open by bot/__init__.py",
    ]
