"""Who imports whom."""

from __future__ import annotations

import configparser
import pkgutil
import subprocess
import sys
from pathlib import Path

import bot

ROOT = Path(__file__).parents[2]


def linted(root: Path, config: Path) -> subprocess.CompletedProcess[str]:
    call = "lint_imports(sys.argv[1], no_cache=True)"
    program = f"import sys; from importlinter.cli import lint_imports; sys.exit({call})"
    return subprocess.run(
        [sys.executable, "-c", program, str(config)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_every_import_contract_is_kept() -> None:
    """Imports run down only, siblings do not know each other, and each vendor library has one home."""
    done = linted(ROOT, ROOT / ".importlinter")
    assert done.returncode == 0, done.stdout[-4000:]


def test_a_broken_contract_is_noticed(tmp_path: Path) -> None:
    """The contracts bite: turned upside down, the layers fail."""
    config = configparser.ConfigParser(comment_prefixes=(";",))
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:layers"]
    layers["layers"] = "\n" + "\n".join(reversed(layers["layers"].strip().splitlines()))
    for name in config.sections():
        if name not in ("importlinter", "importlinter:contract:layers"):
            config.remove_section(name)
    upside_down = tmp_path / ".importlinter"
    with upside_down.open("w") as file:
        config.write(file)
    done = linted(ROOT, upside_down)
    assert done.returncode == 1, done.stdout[-4000:]
    assert "Imports run down only BROKEN" in done.stdout


def test_every_part_of_the_bot_has_a_layer() -> None:
    """A new top-level module of the bot must be given its place in the layers."""
    config = configparser.ConfigParser(comment_prefixes=(";",))
    config.read(ROOT / ".importlinter")
    named = (
        config["importlinter:contract:layers"]["layers"].replace("|", " ").replace("(", " ").replace(")", " ")
    )
    parts = {f"bot.{info.name}" for info in pkgutil.iter_modules(bot.__path__)}
    assert parts - set(named.split()) == set()
