"""Step-up by time-based codes: enrolment, recovery codes, and the proof at an approval.

The secret of an enrolment is shown once, on a command line or on the sealed page, and never passes through Slack.
A code may: it is good for one approval and worth nothing afterwards. Codes are never logged or stored.
Source: RFC 6238 (TOTP) and RFC 4226 §7 (throttling, resynchronisation), read 2026-11-23; the parameters are those
that every authenticator app takes for granted: SHA-1, 6 digits, 30 s.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, urlencode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Mention, Para, Reply, Typed
from bot.clock import Clock
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import BadArgument, Conflict, Denied
from bot.people.model import LOCKED_FOR, WRONG_AT_MOST, StepUp
from bot.people.repository import PersonRepository, StepUpRepository
from bot.text import ALPHABET, normal_ref

ISSUER = "Handover"
SECRET_BYTES = 20  # what RFC 4226 recommends
DIGITS, STEP_S = 6, 30
WINDOW = 1  # steps that a telephone's clock may be off, either way
RECOVERY_CODES = 10
RECOVERY_LETTERS = 10  # fifty random bits
HOW_TO_ENROL = (
    "This approval takes a code of your authenticator app, and you have not set one up. Ask whoever runs "
    "Handover for `python -m bot step-up enroll {who}`: you scan the code it shows."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an authenticator app needs; to be shown once, outside of Slack, and kept nowhere."""

    secret: str = field(repr=False)  # base 32, for typing
    uri: str = field(repr=False)  # otpauth://totp/…, for a QR code


class StepUps:
    """Keeps who has an authenticator app, and accepts each code once."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, slack_id: str) -> StepUp:
        """How a member's enrolment stands."""
        async with self._store.read() as unit:
            return await unit[StepUpRepository].get(slack_id)

    async def begin(self, slack_id: str, by: str) -> Enrolment:
        """A new secret, which counts once ``confirm`` has had a code of it. An unconfirmed one is replaced.

        Raises:
            Conflict: they are enrolled; it has to be reset first, which is announced to them.
        """
        key = secrets.token_bytes(SECRET_BYTES)
        async with self._store.write() as unit:
            known = await unit[StepUpRepository].get(slack_id)
            if known.enrolled:
                raise Conflict(
                    f"They have an authenticator app already. To replace it, first `step-up reset {slack_id}`."
                )
            person = await unit[PersonRepository].get(slack_id)
            await _swap(unit, known, replace(known, pending=key))
            await unit[AuditLog].append(by, "step_up:begun", slack_id, {})
        text = base64.b32encode(key).decode("ascii")
        name = person.email or person.name if person else slack_id
        query = urlencode({"secret": text, "issuer": ISSUER, "digits": DIGITS, "period": STEP_S})
        return Enrolment(secret=text, uri=f"otpauth://totp/{ISSUER}:{quote(name, safe='')}?{query}")

    async def confirm(self, slack_id: str, code: str, by: str) -> tuple[str, ...]:
        """Count the begun enrolment, since its app shows the right code; the recovery codes, never shown again.

        Raises:
            Conflict: nothing was begun. Denied: wrong code, or locked.
        """
        now = self._clock.now()
        async with self._store.write() as unit:
            known = await unit[StepUpRepository].get(slack_id)
            if not known.pending:
                raise Conflict("No enrolment was begun, or it is confirmed already.")
            _not_locked(known, now)
            step = _step_of(known.pending, code, now)
            if step is None:
                refusal = await self._wrong(unit, known, by, now)
            else:
                refusal = None
                codes = tuple(_recovery_code() for _ in range(RECOVERY_CODES))
                fresh = StepUp(
                    slack_id=slack_id,
                    secret=known.pending,
                    enrolled_at=now,
                    last_step=step,
                    recovery=tuple(_hashed(slack_id, one) for one in codes),
                )
                await _swap(unit, known, fresh)
                await unit[AuditLog].append(by, "step_up:enrolled", slack_id, {})
        if refusal is not None:
            raise refusal
        return codes

    async def check(self, slack_id: str) -> None:
        """Whether a code of theirs would be looked at.

        Raises:
            Denied: not enrolled, or locked.
        """
        _ready(await self.of(slack_id), self._clock.now())

    async def prove(self, slack_id: str, code: str, what: str) -> None:
        """Accept a code of their app, or one of their recovery codes, this once. ``what``: for the trail.

        Raises:
            Denied: not enrolled, locked, wrong, or used before.
        """
        now = self._clock.now()
        async with self._store.write() as unit:
            known = await unit[StepUpRepository].get(slack_id)
            _ready(known, now)
            refusal = await self._judged(unit, known, code, what, now)
        if refusal is not None:
            raise refusal  # outside: what was counted has to last

    async def _judged(self, unit: Unit, known: StepUp, code: str, what: str, now: datetime) -> Denied | None:
        step, who = _step_of(known.secret, code, now), known.slack_id
        if step is not None and step <= known.last_step:
            await unit[AuditLog].append(who, "step_up:replayed", what, {})
            return Denied(
                "That code was used already, or a newer one was. Wait for the next code of your app.",
                reason="step_up_replayed",
            )
        if step is not None:
            await _swap(unit, known, replace(known, last_step=step, wrong=0, locked_until=None))
            await unit[AuditLog].append(who, "step_up:passed", what, {"by": "app"})
            return None
        used = next((one for one in known.recovery if hmac.compare_digest(one, _hashed(who, code))), None)
        if used is None:
            return await self._wrong(unit, known, what, now)
        left = tuple(one for one in known.recovery if one != used)
        await _swap(unit, known, replace(known, recovery=left, wrong=0, locked_until=None))
        await unit[AuditLog].append(
            who, "step_up:passed", what, {"by": "recovery code", "left": str(len(left))}
        )
        return None

    async def _wrong(self, unit: Unit, known: StepUp, what: str, now: datetime) -> Denied:
        """Count a wrong code; the fifth in a row locks."""
        wrong = known.wrong + 1
        if wrong < WRONG_AT_MOST:
            await _swap(unit, known, replace(known, wrong=wrong, locked_until=None))
            await unit[AuditLog].append(known.slack_id, "step_up:wrong", what, {"in a row": str(wrong)})
            return Denied(
                f"That is not the code your app shows now. {WRONG_AT_MOST - wrong} tries are left.",
                reason="step_up_wrong",
            )
        await _swap(unit, known, replace(known, wrong=0, locked_until=now + LOCKED_FOR))
        await unit[AuditLog].append(known.slack_id, "step_up:locked", what, {"in a row": str(wrong)})
        return _locked()

    async def reset(self, slack_id: str, by: str) -> None:
        """Forget somebody's enrolment with its recovery codes, and tell them so.

        Raises:
            BadArgument: they have none.
        """
        async with self._store.write() as unit:
            known = await unit[StepUpRepository].get(slack_id)
            if not await unit[StepUpRepository].remove(slack_id):
                raise BadArgument("They have no authenticator app set up, so there is nothing to reset.")
            line = await unit[AuditLog].append(by, "step_up:reset", slack_id, {})
            if not known.enrolled:
                return
            whom = Mention(by) if by.startswith(("U", "W")) else "whoever runs Handover, on its command line"
            told = Reply(
                summary="Your authenticator app does not count for approvals any more.",
                parts=(
                    Para(("Your authenticator app was taken off your approvals by ", whom, ".")),
                    Para(
                        (
                            "If you did not ask for that, tell an administrator. ",
                            Typed("step-up"),
                            " shows it.",
                        )
                    ),
                ),
            )
            key = f"step-up:{slack_id}:reset:{line.seq}"
            await unit.outbox.put(Posting(idem_key=key, channel=slack_id, body=encode_reply(told)))


async def _swap(unit: Unit, seen: StepUp, to: StepUp) -> None:
    if not await unit[StepUpRepository].swap(seen, to):
        raise Conflict("Somebody else changed it a moment ago. Nothing was done; try again.")


def _ready(known: StepUp, now: datetime) -> None:
    if not known.enrolled:
        raise Denied(HOW_TO_ENROL.format(who=known.slack_id), reason="step_up_not_enrolled")
    _not_locked(known, now)


def _not_locked(known: StepUp, now: datetime) -> None:
    if known.locked(now):
        raise _locked()


def _locked() -> Denied:
    minutes = int(LOCKED_FOR.total_seconds() // 60)
    return Denied(
        f"After {WRONG_AT_MOST} wrong codes none of yours is looked at for {minutes} minutes. Nothing was decided.",
        reason="step_up_locked",
    )


def _step_of(secret: bytes, code: str, now: datetime) -> int | None:
    """The number of the time-step that a code belongs to; None when it is none of those that may be."""
    typed = "".join(code.split()).encode("utf-8", "replace")
    totp = TOTP(secret, DIGITS, SHA1(), STEP_S)  # noqa: S303  what the apps implement; HMAC is sound with it
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - WINDOW, current + WINDOW + 1):
        if hmac.compare_digest(totp.generate(step * STEP_S), typed):
            found = step
    return found


def _recovery_code() -> str:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LETTERS))
    return f"{letters[:5]}-{letters[5:]}"


def _hashed(slack_id: str, code: str) -> bytes:
    letters = normal_ref("".join(code.split()).replace("-", ""))
    return hashlib.sha256(
        f"handover recovery code\0{slack_id}\0{letters}".encode("utf-8", "replace")
    ).digest()
