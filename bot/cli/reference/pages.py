"""The pages as files: written, or compared with what is there."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from bot.cli.reference import check_catalogue, command_line, error_list, settings_list, slack_commands
from bot.cli.screen import complain, say

FOLDER = Path(__file__).parents[3] / "docs" / "reference"
SOURCES: dict[str, ModuleType] = {
    "checks.md": check_catalogue,
    "cli.md": command_line,
    "commands.md": slack_commands,
    "config.md": settings_list,
    "errors.md": error_list,
}
_MARK = "<!-- Written by `python -m bot docs` from the code. Change it there. -->"


def pages(cli: object) -> dict[str, str]:
    """Each page's text by its file name; ``cli`` is the command line as Typer made it."""
    return {name: _page(source, cli) for name, source in SOURCES.items()}


def refresh(cli: object, *, check_only: bool, folder: Path = FOLDER) -> int:
    """Write what is stale, or only name it; the exit status."""
    stale = {name: text for name, text in pages(cli).items() if _there(folder / name) != text}
    if check_only:
        for name in stale:
            complain(f"{folder.name}/{name} is not what the code says: run `python -m bot docs`")
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in stale.items():
        (folder / name).write_text(text, encoding="utf-8")
        say(f"written {folder.name}/{name}")
    return 0


def _page(source: ModuleType, cli: object) -> str:
    intro = "\n\n".join(" ".join(paragraph.split()) for paragraph in source.INTRO.strip().split("\n\n"))
    body = command_line.body(cli) if source is command_line else source.body()
    return f"{_MARK}\n\n# {source.TITLE}\n\n{intro}\n\n{body}\n"


def _there(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
