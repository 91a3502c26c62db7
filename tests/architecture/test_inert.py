"""Importing is free of consequences."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMIT_S = 2.0  # of processor time, so that a busy machine does not fail it

# Libraries may read the environment and open their own files; what our modules do themselves is held against them.
PROBE = """
import importlib, json, os, pkgutil, sys, threading, time
ours = ("bot", "handlers", "platforms")
root = os.getcwd() + os.sep
seen = []

def of_ours():
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(root) and ".venv" not in name:
            return name[len(root):]
        if "importlib" not in name and not name.startswith("<"):
            return ""
        frame = frame.f_back
    return ""

def watch(event, args):
    if event in ("socket.__new__", "socket.connect", "socket.bind", "subprocess.Popen", "os.fork", "sqlite3.connect"):
        seen.append(event)
    if event == "open" and len(args) > 1 and args[1] and set(str(args[1])) & set("wax+"):
        if "__pycache__" not in str(args[0]):
            seen.append(f"{event} {args[0]}")

class Environment(type(os.environ)):
    def __getitem__(self, key):
        if where := of_ours():
            seen.append(f"environment {key} read by {where}")
        return super().__getitem__(key)

os.environ.__class__ = Environment
sys.addaudithook(watch)
began = time.process_time()
names = []
for package in ours:
    module = importlib.import_module(package)
    names += [info.name for info in pkgutil.walk_packages(module.__path__, package + ".")]
for name in names:
    if not name.endswith("__main__") and ".migrations" not in name:
        importlib.import_module(name)
spent = time.process_time() - began
import asyncio
print(json.dumps({
    "modules": len(names), "seen": seen, "spent_s": spent,
    "threads": [t.name for t in threading.enumerate()],
    "loop": asyncio._get_running_loop() is not None,
}))
"""


def probed(extra: str = "") -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", extra + PROBE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_importing_every_module_does_nothing() -> None:
    """No socket, process, thread, database, written file or environment read comes of importing any module."""
    report = probed()
    assert int(str(report["modules"])) > 60, "the walk found too little to prove anything"
    assert report["seen"] == []
    assert report["threads"] == ["MainThread"]
    assert report["loop"] is False


def test_importing_every_module_is_quick() -> None:
    """All modules with all their libraries are in within two seconds of processor time."""
    assert float(str(probed()["spent_s"])) < LIMIT_S


def test_the_probe_sees_what_it_looks_for(tmp_path: Path) -> None:
    """The watch works: a module that opens a socket and reads the environment at import is caught."""
    package = tmp_path / "bot"
    package.mkdir()
    (package / "__init__.py").write_text("import os, socket\nsocket.socket()\nos.environ.get('HOME')\n")
    for name in ("handlers", "platforms"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", PROBE], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    report = json.loads(done.stdout.splitlines()[-1])
    assert "socket.__new__" in report["seen"]
    assert "environment HOME read by bot/__init__.py" in report["seen"]
