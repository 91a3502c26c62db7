"""A request's plan to read elsewhere, and its evidence pack for auditors."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from bot import sandbox_clock
from bot.cli.opening import actor, opened
from bot.cli.screen import note, say, working
from bot.clock import Clock
from bot.config import load
from bot.errors import BadArgument, Conflict, NotFound
from bot.evidence import signing
from bot.evidence.packs import Evidence
from bot.requests.plan_document import as_json, as_markdown
from bot.requests.repository import RequestRepository
from bot.text import normal_ref

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip file can say; the pack says itself when it was made


async def make(config: Path, request: str, out: Path, *, as_zip: bool) -> bool:
    """Write the pack of a request as a new directory or zip file below ``out``; the trail holds that it was made.

    Raises:
        NotFound: no such request. Conflict: something of that name is there already.
        BadArgument: ``out`` is no directory that can be written.
    """
    settings = load(config)
    name = f"evidence-{normal_ref(request)}"
    place = _free(out, f"{name}.zip" if as_zip else name)
    clock = Clock()
    if settings.sandbox:
        await sandbox_clock.catch_up(settings.sandbox, clock)
    async with opened(settings) as store:
        with working(f"Reading the audit log about {normal_ref(request)}"):
            pack = await Evidence(store, clock).pack(request, actor())
    try:
        if as_zip:
            _write(place, zipped(name, pack.files))
        else:
            _write_all(place, pack.files)
    except FileExistsError as exc:
        raise _taken(place) from exc
    except OSError as exc:
        raise BadArgument(f"{place} cannot be written: {exc.strerror}.") from exc
    say(f"Written: {place}", style="green")
    say(f"fingerprint {pack.fingerprint}")
    say(f"It leads to entry {pack.head} of the audit log. Check it with deploy/verify_evidence.py.")
    return True


async def show_plan(config: Path, request: str, *, form: str) -> bool:
    """Write the plan of a request to standard output, whole, as it was asked for.

    Raises:
        NotFound: no request has that reference.
    """
    async with opened(load(config)) as store, store.read() as unit:
        found = await unit[RequestRepository].by_ref(request)
    if found is None:
        raise NotFound(f"No request is called {normal_ref(request)}.")
    sys.stdout.write(as_json(found.plan) if form == "json" else as_markdown(found.plan))
    return True


async def show_key(config: Path, *, replace: bool) -> bool:
    """Show the public key and its fingerprint, to be published; with ``replace``, of a new key from now on."""
    async with opened(load(config)) as store:
        signer = await (signing.replaced if replace else signing.signer)(store, actor())
    say(signer.public_pem.strip())
    say(f"fingerprint {signer.fingerprint}")
    note("Publish both where auditors look and where whoever runs Handover cannot quietly change them.")
    return True


def _free(out: Path, name: str) -> Path:
    """Where it will be written; looked at first, so that no pack is made in vain."""
    if not out.is_dir():
        raise BadArgument(f"There is no directory {out}.")
    if os.path.lexists(out / name):
        raise _taken(out / name)
    return out / name


def _taken(place: Path) -> Conflict:
    return Conflict(f"{place} is there already, and nothing is overwritten. Move it, or give another --out.")


def _write_all(place: Path, files: Mapping[str, bytes]) -> None:
    place.mkdir(mode=0o700)
    try:
        for name, data in files.items():
            _write(place / name, data)
    except OSError:
        shutil.rmtree(place, ignore_errors=True)
        raise


def _write(path: Path, data: bytes) -> None:
    """A new file, for its owner's eyes, complete or not there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def zipped(folder: str, files: Mapping[str, bytes]) -> bytes:
    """Stored, sorted, without time: the same files give the same bytes, which is how the verifier checks them."""
    written = io.BytesIO()
    with ZipFile(written, "w") as archive:
        for name in sorted(files):
            info = ZipInfo(f"{folder}/{name}", _EPOCH)
            info.create_system, info.external_attr = 3, 0o100600 << 16
            archive.writestr(info, files[name])
    return written.getvalue()
