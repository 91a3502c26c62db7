"""The evidence of one request: a signed pack that an auditor checks without Handover.

How it is checked: ``deploy/verify_evidence.py``. What it can show and what not: docs/adr/0011-evidence-packs.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from bot import __version__
from bot.audit.model import AuditEntry
from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import NotFound
from bot.evidence import signing
from bot.evidence.document import canonical, document, instant, mentioned
from bot.evidence.page import page
from bot.people.repository import PersonRepository
from bot.requests.model import ChangeRequest
from bot.requests.repository import RequestRepository

CONTENT, PAGE, SIGNATURE = "evidence.json", "evidence.html", "signature.json"
MANIFEST_FORMAT = "handover-evidence-manifest/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The files of a pack, by name. They hold names and reasons, never a secret."""

    ref: str
    fingerprint: str  # of the key it is signed with
    head: int  # the last line of the trail that it leads to
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What there is to be packed."""

    request: ChangeRequest
    head: int
    head_hash: str
    fingerprint: str


class Evidence:
    """Makes packs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def summary(self, ref: str, by: str) -> Summary:
        """What a pack would hold now, and the key it would be signed with.

        Raises:
            NotFound: no such request.
        """
        async with self._store.read() as unit:
            await _request(unit, ref)  # before a key is made for nothing
        signer = await signing.signer(self._store, by)
        async with self._store.read() as unit:
            request = await _request(unit, ref)
            seq, head = await unit[AuditLog].head()
        return Summary(request=request, head=seq, head_hash=head, fingerprint=signer.fingerprint)

    async def pack(self, ref: str, by: str) -> Pack:
        """The pack of a request as it stands, finished or not; that it was made is on record before it leaves.

        Raises:
            NotFound: no such request.
            StoreError: the trail is not as it was written, so nothing can be proved by it.
            Conflict: the plan was approved under an older release.
        """
        async with self._store.read() as unit:
            await _request(unit, ref)
        signer = await signing.signer(self._store, by)
        made_at = instant(self._clock.now())
        async with self._store.read() as unit:
            request = await _request(unit, ref)
            excerpt = await unit[AuditLog].excerpt(request.ref, lambda line: speaks_of(line, request.ref))
            found = [await unit[PersonRepository].get(each) for each in sorted(mentioned(request, excerpt))]
        people = {person.slack_id: person for person in found if person}
        about = {
            "made_at": made_at,
            "made_by": by,
            "handover_version": __version__,
            "public_key": signer.public.hex(),
            "fingerprint": signer.fingerprint,
        }
        content = document(request, excerpt, people, about)
        files = {CONTENT: canonical(content), PAGE: page(content).encode()}
        manifest = {
            "format": MANIFEST_FORMAT,
            "request": request.ref,
            **about,
            "files": {name: {"bytes": len(data), "sha256": _sha256(data)} for name, data in files.items()},
        }
        signature = signer.sign(canonical(manifest)).hex()
        files[SIGNATURE] = canonical({"manifest": manifest, "signature": signature})
        async with self._store.write() as unit:
            detail = {"sha256": _sha256(files[CONTENT]), "fingerprint": signer.fingerprint}
            await unit[AuditLog].append(by, "evidence:created", request.ref, detail)
        return Pack(ref=request.ref, fingerprint=signer.fingerprint, head=excerpt.head.rows, files=files)

    async def signer(self, by: str) -> signing.Signer:
        """The key that packs are signed with, to publish."""
        return await signing.signer(self._store, by)


def speaks_of(line: AuditEntry, ref: str) -> bool:
    """Whether a line of the trail is about a request: its own, refusals at it, and acts the brake counted."""
    return line.subject in {ref, f"request:{ref}"} or line.detail.get("request") == ref


async def _request(unit: Unit, ref: str) -> ChangeRequest:
    found = await unit[RequestRepository].by_ref(ref)
    if found is None:
        raise NotFound("No request has that id. In Slack, `requests all` lists them.")
    return found


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
