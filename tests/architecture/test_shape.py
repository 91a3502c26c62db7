"""How the source is laid out, and what must never stand in it."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("bot", "handlers", "platforms", "sandbox", "bench")
LONGEST = 400
THOUGHT_AGAIN: dict[str, str] = {}  # longer all the same, and why
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
# Shapes that only a real secret has. Made-up ones in tests and in the sandbox's data carry a word that says so.
SECRET_SHAPES = {
    "Slack token": r"xox[abprs]-\d{9,}-\d{9,}-[A-Za-z0-9]{20,}",
    "Slack app token": r"xapp-1-A[A-Z0-9]{8,}-\d{9,}-[0-9a-f]{50,}",
    "private key": r"-----BEGIN (?:RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s*[A-Za-z0-9+/=\s]{200,}",
    "cloud access key": r"\bAKIA[0-9A-Z]{16}\b",
    "forge token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b",
    "Salesforce session": r"\b00D[A-Za-z0-9]{12,15}![A-Za-z0-9._]{60,}",
    "URL with a password": r"\b[a-z+]+://[^\s/:@\"'`{}<>]+:[^\s/:@\"'`{}<>$]+@"
    r"(?!localhost|127\.0\.0\.1|[\w.-]*\b(?:example|invalid|test)\b)[\w-]+\.[\w.-]+",
}


def tracked() -> list[Path]:
    """Every text file that a commit would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in files if path.is_file() and b"\0" not in path.read_bytes()[:8000]]


def modules() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def lines_of_code(path: Path) -> int:
    """Lines that hold code: no blank ones, comments or docstrings."""
    source = path.read_text(encoding="utf-8")
    skipped = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}
    skipped |= {tokenize.ENCODING, tokenize.ENDMARKER}
    held: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in skipped:
            held.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            held.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(held)


def test_no_module_is_longer_than_400_lines() -> None:
    """A module with more than 400 lines of code holds more than one subject, or says why it does not."""
    long = {str(p.relative_to(ROOT)): n for p in modules() if (n := lines_of_code(p)) > LONGEST}
    assert {name: count for name, count in long.items() if name not in THOUGHT_AGAIN} == {}
    assert [name for name in THOUGHT_AGAIN if name not in long] == [], "no longer long: take the line out"


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A module is named after its subject."""
    assert [str(p.relative_to(ROOT)) for p in modules() if p.stem in VAGUE or p.parent.name in VAGUE] == []


def test_no_module_of_the_product_is_named_like_the_standard_library() -> None:
    """A module's name is not one that readers know as something else; a folder of ``bot`` always has it before it."""
    known = sys.stdlib_module_names - {"__main__"}
    own = [path for path in modules() if path.relative_to(ROOT).parts[0] not in ("sandbox", "bench")]
    assert [str(path) for path in own if path.stem in known] == []


def test_nothing_in_the_repository_looks_like_a_secret() -> None:
    """No file holds a text with the shape of a live credential."""
    found = [
        f"{path.relative_to(ROOT)}: {what}"
        for path in tracked()
        for what, shape in SECRET_SHAPES.items()
        if re.search(shape, path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("Slack token", "xoxb" + "-1234567890-1234567890123-AbCdEfGhIjKlMnOpQrStUvWx"),
        ("private key", "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0B" * 12),
        ("URL with a password", "postgresql" + "://handover:hunter2@db.acme.net/handover"),
    ],
)
def test_the_shapes_match_what_they_name(what: str, text: str) -> None:
    """The search for secrets finds one when there is one."""
    assert re.search(SECRET_SHAPES[what], text)


def test_no_file_names_a_package_index_or_a_machine() -> None:
    """Committed files hold no index address and no path of somebody's machine."""
    shapes = re.compile(
        "--(?:extra-)?index" + "-url|/home/[a-z]+/|/Users/[A-Za-z]+/|/work" + "/(?:main|shared|brief)"
    )
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix != ".svg" and shapes.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert [name for name in found if name != "tests/architecture/test_shape.py"] == []


def test_no_two_test_files_share_a_name() -> None:
    """pytest imports test files by their bare names, and refuses the second of two."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(set(names)) == sorted(names)
