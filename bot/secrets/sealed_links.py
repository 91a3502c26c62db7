"""One-time links to the sealed page: ten minutes, one person, one code that only they were shown.

At rest there is the hash of a link's token and a keyed one of its code, sealed like everything else. Looking at a
link changes nothing, so whatever follows links on its own (previews, scanners) cannot use one up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from bot.audit.repository import AuditLog
from bot.chat.model import Caller, Role
from bot.clock import Clock
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import Conflict, Denied
from bot.people.access import Access
from bot.platform import secret_steps
from bot.platform.plan import Step
from bot.requests.model import ChangeRequest
from bot.requests.repository import RequestRepository
from bot.secrets.exchange import waiting_for_person
from bot.secrets.repository import SecretRepository
from bot.text import ALPHABET, Secret, normal_ref

PREFIX = "@link:"  # begins as no name can that ``secret put`` takes
PATH = "/s/"
OPENS_FOR = timedelta(minutes=10)
LASTS_OPEN = timedelta(hours=1)  # once its person has opened it: carrying a secret over takes its time
WRONG_CODES = 5
CODE_LENGTH = 8


class Purpose(StrEnum):
    """What a link is for."""

    ENTER = "enter"  # to enter what the step waits for
    SHOW = "show"  # to be shown, once, what is to be carried over


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link at rest. ``session``: of the browser that gave the right code; "" while none did."""

    purpose: Purpose
    request_id: str
    step: str
    user: str
    code: str = field(repr=False)  # keyed hash
    expires_at: datetime
    wrong: int = 0
    session: str = field(default="", repr=False)  # hash
    shown: bool = False
    prints: Mapping[str, str] = field(default_factory=dict)  # of what was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Minted:
    """A new link, for its person's eyes only."""

    url: str = field(repr=False)
    code: str = field(repr=False)  # in two halves
    purpose: Purpose
    request: ChangeRequest


class WrongCode(Denied):
    """The code was not that of the link."""

    code = "wrong_code"


class SealedLinks:
    """Mints links, and opens them for whoever has the code."""

    def __init__(self, store: Store, access: Access, clock: Clock, public_url: str) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self._public_url = public_url

    async def mint(self, request: ChangeRequest, caller: Caller) -> Minted:
        """A link for the step at which the request waits; one that the same person had for it stops working.

        Raises:
            Denied: somebody else asked for the plan, and the caller is no administrator; or they are no active member.
            Conflict: the request waits for no secret.
        """
        step = await self.waiting_for(request, caller)
        token = secrets.token_urlsafe(32)
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        link = Link(
            purpose=Purpose.ENTER if secret_steps.entered(step) else Purpose.SHOW,
            request_id=request.id,
            step=step.key,
            user=caller.user_id,
            code=self._code(token, code),
            expires_at=self._clock.now() + OPENS_FOR,
        )
        async with self._store.write() as unit:
            for name, other in await self._all(unit):
                if (other.request_id, other.user) == (link.request_id, link.user):
                    await unit[SecretRepository].forget(name)
            await self._keep(unit, token, link)
            await unit[AuditLog].append(
                caller.user_id, "page:link_created", request.ref, {"purpose": link.purpose.value}
            )
        return Minted(
            url=f"{self._public_url}{PATH}{token}",
            code=f"{code[:4]}-{code[4:]}",
            purpose=link.purpose,
            request=request,
        )

    async def waiting_for(self, request: ChangeRequest, caller: Caller) -> Step:
        """The step for which this caller may enter or be shown secrets. Raises as ``mint``."""
        if caller.user_id != request.requester and caller.role is not Role.ADMIN:
            raise Denied(
                "Only whoever asked for this plan, or an administrator, handles its secrets.",
                reason="not_theirs",
            )
        await self._access.living(caller)
        step = waiting_for_person(request)
        if step is None:
            raise Conflict(
                f"Request {request.ref} waits for no secret just now. `requests {request.ref}` shows where it is."
            )
        return step

    async def look(self, token: str) -> Link | None:
        """The link as it is, if it still works. Changes nothing."""
        async with self._store.read() as unit:
            return await self._get(unit, token)

    async def unlock(self, token: str, code: str, session: str) -> Link | None:
        """Open the link for this browser, if the code is right; None when the link does not work (any more).

        Raises:
            WrongCode: with how many tries are left; the last one burns the link.
            Denied: its person left meanwhile; or it is open in another browser.
        """
        link = await self.look(token)
        if link is None:
            return None
        gone = bool(await self._access.gone([link.user]))
        async with self._store.write() as unit:
            link = await self._get(unit, token)
            if link is None:
                return None
            ref = (await unit[RequestRepository].get(link.request_id)).ref
            right = hmac.compare_digest(self._code(token, _typed(code)), link.code)
            if not right:
                left = WRONG_CODES - link.wrong - 1
                await self._keep(unit, token, replace(link, wrong=link.wrong + 1))
                if not left:
                    await unit[SecretRepository].forget(_place(token))
                await unit[AuditLog].append(
                    "page", "page:code_refused", ref, {"link_of": link.user, "left": str(left)}
                )
            elif gone:
                await unit[SecretRepository].forget(_place(token))
                await unit[AuditLog].append(
                    "page", "page:refused", ref, {"link_of": link.user, "why": "left"}
                )
            elif not link.session:
                link = replace(link, session=_hash(session), expires_at=self._clock.now() + LASTS_OPEN)
                await self._keep(unit, token, link)
                await unit[AuditLog].append(link.user, "page:opened", ref, {"purpose": link.purpose.value})
        if not right:
            raise WrongCode(
                f"That is not the code. {left} of {WRONG_CODES} tries are left."
                if left
                else "That was not the code, and the link is used up. Ask for a new one in Slack."
            )
        if gone:
            raise Denied("Whoever this link was made for is no active member any more.", reason="gone")
        if not opened_by(link, session):
            raise Denied(
                "This link is open in another browser window. Go on there, or ask for a new one in Slack."
            )
        return link

    async def mark_shown(self, token: str, fingerprints: Mapping[str, str]) -> bool:
        """Note that the secrets are shown now; False when they were before, so that they must not be again."""
        async with self._store.write() as unit:
            link = await self._get(unit, token)
            if link is None or link.shown:
                return False
            await self._keep(unit, token, replace(link, shown=True, prints=dict(fingerprints)))
        return True

    async def use_up(self, token: str) -> None:
        """The link has done its work."""
        async with self._store.write() as unit:
            await unit[SecretRepository].forget(_place(token))

    async def sweep(self) -> None:
        """Forget links whose time is over."""
        async with self._store.read() as unit:
            over = [name for name, link in await self._all(unit) if link.expires_at <= self._clock.now()]
        if over:
            async with self._store.write() as unit:
                for name in over:
                    await unit[SecretRepository].forget(name)

    def proof(self, token: str, session: str) -> str:
        """What a form of this link must bring along from a page that this browser was given."""
        return self._store.keyring.blind("page.form", f"{session}\0{token}").hex()

    def proves(self, token: str, session: str, brought: str) -> bool:
        """Whether a form brought ``proof``."""
        return bool(session) and hmac.compare_digest(self.proof(token, session).encode(), brought.encode())

    def _code(self, token: str, code: str) -> str:
        return self._store.keyring.blind("page.code", f"{token}\0{code}").hex()

    async def _get(self, unit: Unit, token: str) -> Link | None:
        kept = await unit[SecretRepository].get(_place(token))
        link = _decoded(kept) if kept else None
        return link if link and link.expires_at > self._clock.now() else None

    async def _all(self, unit: Unit) -> list[tuple[str, Link]]:
        names = [name for name in await unit[SecretRepository].names() if name.startswith(PREFIX)]
        kept = [(name, await unit[SecretRepository].get(name)) for name in names]
        return [(name, _decoded(secret)) for name, secret in kept if secret]

    async def _keep(self, unit: Unit, token: str, link: Link) -> None:
        await unit[SecretRepository].put(_place(token), Secret(msgspec.json.encode(link).decode()))


def opened_by(link: Link, session: str) -> bool:
    """Whether this browser gave the right code."""
    return bool(link.session) and hmac.compare_digest(link.session, _hash(session))


def _decoded(kept: Secret) -> Link:
    return msgspec.json.decode(kept.reveal(), type=Link)


def _typed(code: str) -> str:
    """A code as people type it: any case, look-alikes forgiven, with or without its dash."""
    return normal_ref("".join(c for c in code if c.isalnum()))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _place(token: str) -> str:
    return PREFIX + _hash(token)
