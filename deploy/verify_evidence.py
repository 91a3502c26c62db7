#!/usr/bin/env python3
"""Check an evidence pack of Handover, offline, with nothing of Handover beside it.

Needs Python 3.11 or newer and the package `cryptography`; this file is all there is to read. It checks that the pack
is as it was signed, that the plan is the one that was approved, that every line of the trail follows on the one before
up to the trail's head, and that decisions and receipts are those of the trail. It cannot check that what the platform
said is true: look up a few of the record ids there. Nor that the trail's head is the one Handover has: compare it with
one that was noted elsewhere.

    python verify_evidence.py --fingerprint HEX PACK      the fingerprint as it was published
    python verify_evidence.py --key FILE PACK             the public key as it was published (PEM)
    python verify_evidence.py PACK                        the key in the pack itself: says nothing of who signed

PACK is the directory or the zip file. Exit status: 0 every check held, 1 one did not, 2 the command line is off.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

CONTENT, PAGE, SIGNATURE = "evidence.json", "evidence.html", "signature.json"
NAMES = {CONTENT, PAGE, SIGNATURE}
FORMAT, MANIFEST_FORMAT = "handover-evidence/1", "handover-evidence-manifest/1"
CONTEXT = b"handover evidence manifest 1\n"
ABOUT = ("made_at", "made_by", "handover_version", "public_key", "fingerprint")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SETTLED = {"done", "denied", "expired", "cancelled", "voided", "rolled_back"}
Json = dict[str, Any]


class Wrong(Exception):
    """A check that did not hold, in words."""


class Finding(NamedTuple):
    """One check with its result."""

    ok: bool
    what: str
    said: str


class Trusted(NamedTuple):
    """What was given to recognise the signing key by; nothing at all is possible."""

    key: bytes | None = None
    fingerprint: str | None = None


def verify(files: dict[str, bytes], trusted: Trusted) -> Iterator[Finding]:
    """Every check over the files of a pack. After one that did not hold the others still run, where they can."""
    shared: Json = {}
    checks: list[tuple[str, Callable[[], str]]] = [
        ("files", lambda: _three(files)),
        ("signature.json", lambda: _read_signature(files, shared)),
        ("key", lambda: _key(shared, trusted)),
        ("signature", lambda: _signature(shared)),
        (CONTENT, lambda: _hashed(files, shared, CONTENT)),
        (PAGE, lambda: _hashed(files, shared, PAGE)),
        ("content", lambda: _read_content(files, shared)),
        ("plan", lambda: _plan(shared["pack"])),
        ("trail", lambda: _trail(shared)),
        ("request", lambda: _request(shared["pack"], shared["lines"])),
        ("decisions", lambda: _decisions(shared["pack"], shared["lines"])),
        ("receipts", lambda: _receipts(shared["pack"], shared["lines"])),
        ("state", lambda: _state(shared["pack"], shared["lines"])),
    ]
    for what, check in checks:
        try:
            yield Finding(True, what, check())
        except Wrong as exc:
            yield Finding(False, what, str(exc))
        except KeyError as exc:
            yield Finding(False, what, f"could not be checked: {exc.args[0]} is missing")
        except (ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError) as exc:
            yield Finding(
                False, what, f"could not be checked: the pack is not in order ({type(exc).__name__})"
            )


def _three(files: dict[str, bytes]) -> str:
    if set(files) != NAMES:
        odd = ", ".join(sorted(set(files) ^ NAMES))
        raise Wrong(f"a pack holds {', '.join(sorted(NAMES))} and nothing else; missing or too many: {odd}")
    return "the three that a pack holds"


def _read_signature(files: dict[str, bytes], shared: Json) -> str:
    signed = _parsed(files[SIGNATURE])
    signature = bytes.fromhex(signed["signature"])
    one_spelling = canonical({"manifest": signed["manifest"], "signature": signature.hex()})
    if one_spelling != files[SIGNATURE]:
        raise Wrong("it is not written as Handover writes it")
    manifest = signed["manifest"]
    if manifest["format"] != MANIFEST_FORMAT:
        raise Wrong(f"format {manifest['format']} is not known to this program")
    shared.update(manifest=manifest, signature=signature)
    return f"made {manifest['made_at']} by Handover {manifest['handover_version']}"


def _key(shared: Json, trusted: Trusted) -> str:
    key = bytes.fromhex(shared["manifest"]["public_key"])
    fingerprint = hashlib.sha256(key).hexdigest()
    if shared["manifest"]["fingerprint"] != fingerprint:
        raise Wrong("the fingerprint in the pack is not that of the key in the pack")
    for given, own in ((trusted.key, key), (trusted.fingerprint, fingerprint)):
        if given is not None and given != own:
            raise Wrong(
                f"the pack was made with another key than the one given: its fingerprint is {fingerprint}"
            )
    if trusted == Trusted():
        return (
            f"EMBEDDED, {fingerprint}: a key from the pack itself proves nothing by itself, anybody can make one. "
            "Compare this fingerprint with the published one."
        )
    return f"GIVEN, {fingerprint}"


def _signature(shared: Json) -> str:
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(shared["manifest"]["public_key"]))
    try:
        key.verify(shared["signature"], CONTEXT + canonical(shared["manifest"]))
    except InvalidSignature:
        raise Wrong("it does not belong to this manifest and key: something was changed") from None
    return "Ed25519, over the hashes of the files"


def _hashed(files: dict[str, bytes], shared: Json, name: str) -> str:
    listed, data = shared["manifest"]["files"], files[name]
    if set(listed) != NAMES - {SIGNATURE}:
        raise Wrong("the manifest lists other files")
    found = hashlib.sha256(data).hexdigest()
    if (listed[name]["sha256"], listed[name]["bytes"]) != (found, len(data)):
        raise Wrong("it is not the file that was signed")
    return f"SHA-256 {found}"


def _read_content(files: dict[str, bytes], shared: Json) -> str:
    pack, manifest = _parsed(files[CONTENT]), shared["manifest"]
    if pack["format"] != FORMAT:
        raise Wrong(f"format {pack['format']} is not known to this program")
    if any(pack[name] != manifest[name] for name in ABOUT) or pack["request"]["ref"] != manifest["request"]:
        raise Wrong("it says otherwise than the manifest what it is, who made it, or when")
    shared["pack"] = pack
    return f"request {pack['request']['ref']}: {pack['plan']['title']}"


def _plan(pack: Json) -> str:
    digest = hashlib.sha256(pack["plan_text"].encode("utf-8")).hexdigest()
    if digest != pack["plan_digest"]:
        raise Wrong(f"its SHA-256 is {digest}, but {pack['plan_digest']} was decided on")
    if json.loads(pack["plan_text"]) != pack["plan"]:
        raise Wrong("what is shown as the plan is not what was hashed")
    keys = [step["key"] for step in pack["plan"]["steps"]]
    if len(set(keys)) != len(keys):
        raise Wrong("two steps have one name")
    return f"{len(keys)} steps, digest {digest}"


def _trail(shared: Json) -> str:
    """Recompute every hash from the first line to the head; keep the lines that are shown."""
    pack = shared["pack"]
    trail = pack["trail"]
    seq, last = trail["before"]["seq"], bytes.fromhex(trail["before"]["hash"])
    if len(last) != 32 or seq < 0 or (seq == 0 and last != bytes(32)):
        raise Wrong("the hash it begins with is none")
    lines: list[Json] = []
    for link in trail["links"]:
        if "written" not in link:
            digests = bytes.fromhex(link["digests"])
            if link["first"] != seq + 1 or len(digests) != 32 * (link["last"] - seq) or not digests:
                raise Wrong(f"the lines after {seq} are not all there")
            for at in range(0, len(digests), 32):
                last = hashlib.sha256(last + digests[at : at + 32]).digest()
            seq = link["last"]
            continue
        seq += 1
        _shown(link, seq)
        last = hashlib.sha256(last + hashlib.sha256(bytes.fromhex(link["written"])).digest()).digest()
        if link["hash"] != last.hex():
            raise Wrong(f"line {seq}: its hash does not follow on the line before")
        lines.append(link)
    if (trail["head"]["seq"], trail["head"]["hash"]) != (seq, last.hex()):
        raise Wrong(f"it does not lead to its head, line {trail['head']['seq']}")
    shared["lines"] = lines
    between = seq - trail["before"]["seq"] - len(lines)
    return f"{len(lines)} lines shown, {between} between them by digest; head {seq} {last.hex()}"


def _shown(line: Json, seq: int) -> None:
    """Compare what is shown of a line with what was hashed."""
    number, salt, at, actor, action, subject, detail = unpacked(bytes.fromhex(line["written"]))[:7]
    if len(salt) != 16:
        raise Wrong(f"line {seq}: its salt is not 16 bytes")
    said = [line[name] for name in ("seq", "actor", "action", "subject")]
    if [number, actor, action, subject] != said or number != seq:
        raise Wrong(f"line {seq}: what is shown is not what was hashed")
    if at != _instant(line["at"]) or detail != sorted(map(list, line["detail"].items())):
        raise Wrong(f"line {seq}: what is shown is not what was hashed")


def _request(pack: Json, lines: list[Json]) -> str:
    request = pack["request"]
    opened = [line for line in lines if line["action"] == "request:opened"]
    if len(opened) != 1 or opened[0] is not lines[0]:
        raise Wrong("the trail does not begin with its being asked for, once")
    expected = {"plan": pack["plan"]["title"], "digest": pack["plan_digest"], "reason": request["reason"]}
    if (opened[0]["actor"], opened[0]["subject"]) != (request["requester"], request["ref"]):
        raise Wrong("by the trail somebody else asked, or for something else")
    if not expected.items() <= opened[0]["detail"].items():  # later releases may say more
        raise Wrong("by the trail another plan or another reason was asked for")
    return f"asked for by {request['requester']} in line {opened[0]['seq']}, with the digest of this plan"


def _decisions(pack: Json, lines: list[Json]) -> str:
    request = pack["request"]
    shown = sorted(
        [d["approver"], "request:approved" if d["approved"] else "request:denied", d["reason"]]
        for d in pack["decisions"]
    )
    decided = [line for line in lines if line["action"] in {"request:approved", "request:denied"}]
    if sorted([line["actor"], line["action"], line["detail"]["reason"]] for line in decided) != shown:
        raise Wrong("they are not those of the trail")
    if any(
        (line["detail"]["digest"], line["subject"]) != (pack["plan_digest"], request["ref"])
        for line in decided
    ):
        raise Wrong("one was about another plan")
    if len({d["approver"] for d in pack["decisions"]}) != len(pack["decisions"]):
        raise Wrong("somebody decided twice")
    if request["requester"] in {line["actor"] for line in decided}:
        raise Wrong("whoever asked for it decided too")
    begun = [line["seq"] for line in lines if line["action"].startswith("step:")]
    yes = [line for line in decided if line["action"] == "request:approved"]
    before = [line for line in yes if begun and line["seq"] < begun[0]]
    if begun and len(before) < request["approvals_needed"]:
        raise Wrong(f"it began after {len(before)} of {request['approvals_needed']} approvals")
    return f"{len(yes)} of {request['approvals_needed']} approvals, {len(decided) - len(yes)} denials"


def _receipts(pack: Json, lines: list[Json]) -> str:
    steps = [step["key"] for step in pack["plan"]["steps"]]
    receipts, ref, back = pack["receipts"], pack["request"]["ref"], _way_back(pack, lines)
    there = steps[: pack["request"]["rollback"]["at"]] if back else steps
    if [receipt["step"] for receipt in receipts] != (there + back)[: len(receipts)]:
        raise Wrong("they are not of the plan's first steps, in order, and of the way back")
    recorded = [line for line in lines if line["action"] == "step:recorded" and line["subject"] == ref]
    if len(recorded) != len(receipts):
        raise Wrong(f"there are {len(receipts)}, but {len(recorded)} are in the trail")
    for receipt, line in zip(receipts, recorded, strict=True):
        said = {"step": receipt["step"], "acted": str(receipt["acted"])}
        said.update(record=receipt["record_id"], detail=receipt["detail"])
        said["facts"] = hashlib.sha256(canonical(receipt["facts"])).hexdigest()
        signer = receipt["facts"].get(f"attested_by.{receipt['step']}", "system")
        if not said.items() <= line["detail"].items() or line["actor"] != signer:
            raise Wrong(f"step {receipt['step']}: line {line['seq']} of the trail says otherwise")
        meant = [one["seq"] for one in lines if one["action"] == "step:intended" and one["subject"] == ref
                 and one["detail"].get("step") == receipt["step"]]  # fmt: skip
        if receipt["acted"] and not any(seq < line["seq"] for seq in meant):
            raise Wrong(f"step {receipt['step']}: it was done without having been intended first")
    known: Json = {}
    for receipt in receipts:
        after = receipt["facts_after"]
        if receipt["facts_before"] != known or after != known | receipt["facts"]:
            raise Wrong(f"step {receipt['step']}: it does not begin where the one before ended")
        known = after
    named = sum(bool(receipt["record_id"]) for receipt in receipts)
    return f"{len(receipts)} of {len(steps)} steps, {named} with the platform's own record id"


def _way_back(pack: Json, lines: list[Json]) -> list[str]:
    """The steps that were to be taken back, as the trail has them too."""
    rollback, ref = pack["request"]["rollback"], pack["request"]["ref"]
    turned = [x for x in lines if x["action"] == "request:turned_back" and x["subject"] == ref]
    said = [(line["actor"], line["detail"]["steps"]) for line in turned]
    if said != ([(rollback["by"], " ".join(rollback["steps"]))] if rollback else []):
        raise Wrong("the way back is not that of the trail")
    return [f"undo:{key}" for key in rollback["steps"]] if rollback else []


def _state(pack: Json, lines: list[Json]) -> str:
    request, ref = pack["request"], pack["request"]["ref"]
    own = [line["action"].partition(":") for line in lines if line["subject"] == ref]
    found = [deed for kind, _, deed in own if kind == "request" and deed in SETTLED]
    if found[:1] == ["done"] and request["rollback"]:
        found = found[1:]  # it was turned back afterwards
    if found != ([request["state"]] if request["state"] in SETTLED else []):
        raise Wrong(
            f"it is shown as {request['state']}; by the trail it is {', '.join(found) or 'not finished'}"
        )
    if request["finished"] != bool(found):
        raise Wrong("it is shown as finished and is not, or the other way round")
    if request["state"] == "done" and len(pack["receipts"]) != len(pack["plan"]["steps"]):
        raise Wrong("it is shown as done, but a step has no receipt")
    if request["state"] == "rolled_back" and len(pack["receipts"]) != request["rollback"]["at"] + len(
        request["rollback"]["steps"]
    ):
        raise Wrong("it is shown as rolled back, but something was not taken back")
    return f"{request['state']}, as the trail says" if found else f"{request['state']}: not finished"


def canonical(value: Any) -> bytes:
    """The one way Handover writes it as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")


def _parsed(raw: bytes) -> Json:
    found = json.loads(raw.decode("utf-8"))
    if not isinstance(found, dict):
        raise Wrong("it is not a JSON object")
    return found


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def unpacked(raw: bytes) -> Any:
    """What MessagePack bytes say: of its types those that a line of the trail is made of, and nothing after them."""
    found, end = _value(raw, 0)
    if end != len(raw):
        raise ValueError("something follows")
    return found


_SIZED = {  # first byte → kind, and how wide its number is
    0xC4: ("bin", 1), 0xC5: ("bin", 2), 0xC6: ("bin", 4), 0xD9: ("str", 1), 0xDA: ("str", 2), 0xDB: ("str", 4),
    0xDC: ("array", 2), 0xDD: ("array", 4), 0xCC: ("int", 1), 0xCD: ("int", 2), 0xCE: ("int", 4), 0xCF: ("int", 8),
    0xC7: ("ext", 1),
}  # fmt: skip
_FIXED = {0xD6: 4, 0xD7: 8}  # lengths of an ext


def _value(raw: bytes, at: int) -> tuple[Any, int]:
    first = raw[at]
    at += 1
    if first < 0x80:
        return first, at
    if first & 0xF0 == 0x90:
        return _array(raw, at, first & 0x0F)
    if first & 0xE0 == 0xA0:
        return _taken(raw, at, first & 0x1F, "str")
    if first in _FIXED:
        return _taken(raw, at, _FIXED[first], "ext")
    if first not in _SIZED:
        raise ValueError("no type that a line is made of")
    kind, width = _SIZED[first]
    number = int.from_bytes(_cut(raw, at, width), "big")
    at += width
    if kind == "int":
        return number, at
    return _array(raw, at, number) if kind == "array" else _taken(raw, at, number, kind)


def _array(raw: bytes, at: int, count: int) -> tuple[list[Any], int]:
    found = []
    for _ in range(count):
        value, at = _value(raw, at)
        found.append(value)
    return found, at


def _taken(raw: bytes, at: int, size: int, kind: str) -> tuple[Any, int]:
    if kind == "ext":
        if _cut(raw, at, 1) != b"\xff":
            raise ValueError("no time")
        return _time(_cut(raw, at + 1, size)), at + 1 + size
    data = _cut(raw, at, size)
    return (data.decode("utf-8") if kind == "str" else data), at + size


def _time(data: bytes) -> datetime:
    if len(data) == 4:
        seconds, nanoseconds = struct.unpack(">I", data)[0], 0
    elif len(data) == 8:
        both = struct.unpack(">Q", data)[0]
        seconds, nanoseconds = both & 0x3FFFFFFFF, both >> 34
    else:
        nanoseconds, seconds = struct.unpack(">Iq", data)
    return EPOCH + timedelta(seconds=seconds, microseconds=nanoseconds // 1000)


def _cut(raw: bytes, at: int, size: int) -> bytes:
    data = raw[at : at + size]
    if len(data) != size:
        raise ValueError("it ends too early")
    return data


def read(place: Path) -> tuple[dict[str, bytes], list[Finding]]:
    """The files of a pack, and what reading them showed."""
    if place.is_dir():
        return {each.name: each.read_bytes() if each.is_file() else b"" for each in place.iterdir()}, []
    raw = place.read_bytes()
    files: dict[str, bytes] = {}
    folder = ""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for info in archive.infolist():
                folder, _, name = info.filename.rpartition("/")
                if info.compress_type != zipfile.ZIP_STORED or name in files:
                    raise Wrong("it was packed anew")
                files[name] = archive.read(info)
            if _zipped(folder, files) != raw:
                raise Wrong("it was packed anew, or changed between its files")
    except Wrong as exc:
        return files, [
            Finding(False, "zip file", f"{exc}; to check the files alone, unpack it and give the directory")
        ]
    except (
        zipfile.BadZipFile,
        ValueError,
        RuntimeError,
        NotImplementedError,
        EOFError,
        struct.error,
        OSError,
    ) as exc:
        return files, [Finding(False, "zip file", f"it is damaged or was changed ({type(exc).__name__})")]
    return files, [Finding(True, "zip file", "as it was written")]


def _zipped(folder: str, files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(f"{folder}/{name}", (1980, 1, 1, 0, 0, 0))
            info.create_system, info.external_attr = 3, 0o100600 << 16
            archive.writestr(info, files[name])
    return written.getvalue()


def given(key: Path | None, fingerprint: str | None) -> Trusted:
    """What the command line says of the signing key.

    Raises:
        ValueError: it is no Ed25519 public key, or no SHA-256 in hex.
    """
    raw = None
    if key is not None:
        loaded = load_pem_public_key(key.read_bytes())
        if not isinstance(loaded, Ed25519PublicKey):
            raise ValueError("the key is not an Ed25519 key")
        raw = loaded.public_bytes(Encoding.Raw, PublicFormat.Raw)
    if fingerprint is not None and len(bytes.fromhex(fingerprint)) != 32:
        raise ValueError("a fingerprint is 64 hex digits")
    return Trusted(raw, bytes.fromhex(fingerprint).hex() if fingerprint is not None else None)


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each check; 0 if all held, 1 if not, 2 if the command line is off."""
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n\n")[0],
        epilog="Without --key or --fingerprint nobody is identified.",
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="the published public key (PEM)")
    parser.add_argument("--fingerprint", metavar="HEX", help="the published fingerprint of the public key")
    parser.add_argument("pack", type=Path, metavar="PACK", help="directory or zip file")
    options = parser.parse_args(arguments)
    try:
        trusted = given(options.key, options.fingerprint)
        files, findings = read(options.pack)
    except (OSError, ValueError) as exc:
        parser.error(str(exc))
    if files:
        findings += verify(files, trusted)
    good = all(finding.ok for finding in findings)
    said = [f"{'ok  ' if ok else 'FAIL'}  {what:<14}  {found}" for ok, what, found in findings]
    for line in [*said, "", _verdict(good, trusted)]:
        sys.stdout.write("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line) + "\n")
    return 0 if good else 1


def _verdict(good: bool, trusted: Trusted) -> str:
    if not good:
        return "NOT as it was made, or not by that key: do not rely on this pack."
    if trusted == Trusted():
        return "Whole, but signed by a key that only the pack vouches for: compare the fingerprint above."
    return "Whole, and signed by the key you gave."


if __name__ == "__main__":
    sys.exit(main())
