"""``evidence`` on the command line, and the program that auditors run on what it writes."""

from __future__ import annotations

import base64
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from evidence_case import CANARY, REF, ROOT, VERIFIER

from bot.audit.repository import AuditLog
from bot.cli.commands import main
from bot.cli.evidence import make, show_key
from bot.cli.opening import opened
from bot.cli.secret import names, put
from bot.config import load
from bot.errors import BadArgument, Conflict, NotFound
from bot.evidence import signing
from bot.secrets.repository import SecretRepository


def audited(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """What the auditor's program says, alone in a directory, without anything of ours on its path."""
    alone = tmp_path / "auditor"
    alone.mkdir(exist_ok=True)
    program = alone / "verify_evidence.py"
    program.write_bytes((ROOT / "deploy" / "verify_evidence.py").read_bytes())
    return subprocess.run(
        [sys.executable, "-I", str(program), *words], cwd=alone, capture_output=True, text=True, check=False
    )


def listed(directory: Path) -> set[Path]:
    """Every file below a directory."""
    return {path for path in directory.rglob("*") if path.is_file()}


def fingerprint(said: str) -> str:
    return next(line.split()[1] for line in said.splitlines() if line.startswith("fingerprint "))


@pytest.mark.parametrize("as_zip", [False, True])
async def test_what_is_written_is_accepted_by_an_auditor(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, as_zip: bool
) -> None:
    """A pack in either form verifies with the published fingerprint, for its owner's eyes only."""
    assert await show_key(config, replace=False)
    published = fingerprint(capsys.readouterr().out)
    assert await make(config, REF.lower(), tmp_path, as_zip=as_zip)
    place = tmp_path / (f"evidence-{REF}.zip" if as_zip else f"evidence-{REF}")
    files = [place] if as_zip else list(place.iterdir())
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert as_zip or place.stat().st_mode & 0o777 == 0o700
    done = audited(tmp_path, "--fingerprint", published.upper(), str(place))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "FAIL" not in done.stdout
    assert "Whole, and signed by the key you gave." in done.stdout


async def test_the_published_key_is_what_openssl_and_the_verifier_read(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The public key is shown as PEM, and a pack verifies with that file alone."""
    await show_key(config, replace=False)
    shown = capsys.readouterr().out
    pem = tmp_path / "handover.pub"
    pem.write_text(shown[: shown.index("fingerprint ")])
    await make(config, REF, tmp_path, as_zip=True)
    assert audited(tmp_path, "--key", str(pem), str(tmp_path / f"evidence-{REF}.zip")).returncode == 0
    other = another_key(tmp_path)
    done = audited(tmp_path, "--key", str(other), str(tmp_path / f"evidence-{REF}.zip"))
    assert done.returncode == 1
    assert "FAIL  key" in done.stdout
    assert "do not rely on this pack" in done.stdout


def another_key(directory: Path) -> Path:
    """The public key of somebody else."""
    path = directory / "other.pub"
    path.write_text(signing.Signer(Ed25519PrivateKey.generate()).public_pem)
    return path


async def test_without_a_given_key_the_auditor_is_told_what_that_is_worth(
    config: Path, tmp_path: Path
) -> None:
    """The embedded key proves that the pack is whole, not who made it, and both are said."""
    await make(config, REF, tmp_path, as_zip=False)
    done = audited(tmp_path, str(tmp_path / f"evidence-{REF}"))
    assert done.returncode == 0
    assert "EMBEDDED" in done.stdout
    assert "proves nothing by itself" in done.stdout
    assert "only the pack vouches for" in done.stdout


async def test_a_changed_file_fails_with_one_line_for_each_check(config: Path, tmp_path: Path) -> None:
    """The exit status is 1, and the line of the changed file says so."""
    await make(config, REF, tmp_path, as_zip=False)
    page = tmp_path / f"evidence-{REF}" / "evidence.html"
    page.write_bytes(page.read_bytes().replace(b"Denied", b"denied").replace(b"Approved", b"approved"))
    done = audited(tmp_path, str(page.parent))
    assert done.returncode == 1
    assert "FAIL  evidence.html   it is not the file that was signed" in done.stdout
    assert done.stdout.count("\nFAIL  ") == 1


async def test_a_zip_packed_anew_says_what_to_do(config: Path, tmp_path: Path) -> None:
    """Mail programs and archives pack anew: that is told apart from a changed file, and unpacking helps."""
    await make(config, REF, tmp_path, as_zip=True)
    path = tmp_path / f"evidence-{REF}.zip"
    with (
        zipfile.ZipFile(path) as archive,
        zipfile.ZipFile(tmp_path / "new.zip", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        archive.extractall(tmp_path / "unpacked")
        for name in archive.namelist():
            new.writestr(name, archive.read(name))
    done = audited(tmp_path, str(tmp_path / "new.zip"))
    assert done.returncode == 1
    assert "unpack it and give the directory" in done.stdout
    assert audited(tmp_path, str(tmp_path / "unpacked" / f"evidence-{REF}")).returncode == 0


def test_a_wrong_command_line_is_status_2(tmp_path: Path) -> None:
    """What is no key, no fingerprint or no pack ends with a line and no traceback."""
    for words in (["--fingerprint", "zz", "."], ["--key", __file__, "."], [str(tmp_path / "nothing")], []):
        done = audited(tmp_path, *words)
        assert done.returncode == 2, words
        assert "error: " in done.stderr
        assert "Traceback" not in done.stderr


async def test_nothing_is_overwritten(config: Path, tmp_path: Path) -> None:
    """A pack that is there already stays as it is, and no second one is noted in the trail."""
    await make(config, REF, tmp_path, as_zip=True)
    written = (tmp_path / f"evidence-{REF}.zip").read_bytes()
    with pytest.raises(Conflict, match="nothing is overwritten"):
        await make(config, REF, tmp_path, as_zip=True)
    assert (tmp_path / f"evidence-{REF}.zip").read_bytes() == written
    async with opened(load(config)) as store, store.read() as unit:
        made = [line for line in await unit[AuditLog].tail(50) if line.action == "evidence:created"]
    assert len(made) == 1
    assert made[0].actor.startswith("cli:")
    (tmp_path / f"evidence-{REF}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Conflict):
        await make(config, REF, tmp_path, as_zip=False)


async def test_what_cannot_be_made_leaves_nothing_behind(config: Path, tmp_path: Path) -> None:
    """An unknown request or a missing directory is one sentence and no file."""
    before = listed(tmp_path)
    with pytest.raises(NotFound):
        await make(config, "ZZZZZZ", tmp_path, as_zip=False)
    with pytest.raises(NotFound):
        await make(config, "../../etc/passwd", tmp_path, as_zip=False)
    with pytest.raises(BadArgument, match="no directory"):
        await make(config, REF, tmp_path / "missing", as_zip=False)
    assert listed(tmp_path) == before


async def test_no_secret_is_in_a_pack(
    config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a stored or configured secret nor the signing key is in what is written or said, in any spelling."""
    await make(config, REF, tmp_path, as_zip=False)
    await make(config, REF, tmp_path, as_zip=True)
    await show_key(config, replace=False)
    said = capsys.readouterr()
    async with opened(load(config)) as store, store.read() as unit:
        kept = await unit[SecretRepository].get(signing.NAME)
    assert kept
    private = bytes.fromhex(kept.reveal())
    key_file = load(config).key_file.read_bytes().strip()
    everything = (said.out + said.err).encode() + b"".join(
        path.read_bytes() for path in listed(tmp_path) if "evidence" in str(path.relative_to(tmp_path))
    )
    assert REF.encode() in everything
    for secret in (CANARY.encode(), CANARY.encode().hex().encode(), private, private.hex().encode(),
                   base64.b64encode(private), key_file):  # fmt: skip
        assert secret not in everything


async def test_the_key_is_listed_by_name_and_cannot_be_put(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`secret list` says what the key is for, and `secret put` refuses its name."""
    await show_key(config, replace=False)
    capsys.readouterr()
    await names(config)
    assert f"{signing.NAME}\tstored\tevidence packs are signed with it" in capsys.readouterr().out
    with pytest.raises(BadArgument, match="A name is"):
        await put(config, signing.NAME, from_stdin=True)


@pytest.mark.parametrize(
    "words", [["key", "--zip"], ["key", "--out", "/tmp"], [REF, "--replace"]], ids=["zip", "out", "replace"]
)
def test_options_that_make_no_sense_together_are_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an option is for is said, before anything is opened."""
    with pytest.raises(SystemExit) as left:
        main(["evidence", *words, "--config", str(tmp_path / "none.toml")])
    assert left.value.code == 1
    assert "--" in capsys.readouterr().err


def test_the_verifier_stands_alone() -> None:
    """It imports the standard library and cryptography, and nothing of ours."""
    source = (ROOT / "deploy" / "verify_evidence.py").read_text(encoding="utf-8")
    imported = {
        line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
    assert VERIFIER.__doc__
