"""Secrets that pass through a person's hands: entered for a step that waits for them, or shown once and carried over.

The sealed page and the command line are the two ways here; both leave the same lines in the trail.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from bot.audit.repository import AuditLog
from bot.db.store import Store
from bot.db.unit import Unit
from bot.errors import BadArgument, Conflict, Rejected
from bot.platform import secret_steps
from bot.platform.plan import Step
from bot.platform.ports import Turns
from bot.requests.model import ChangeRequest, RequestState
from bot.requests.repository import RequestRepository
from bot.secrets import plan_secrets
from bot.secrets.vault import IN_PLACE, Vault, prints
from bot.text import Secret

LONGEST = 64 * 1024  # characters; the largest key file is a twentieth of it
_OPEN = frozenset({RequestState.APPROVED, RequestState.RUNNING, RequestState.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What came of entering: what is still missing, and whose white space around it was taken off."""

    left: tuple[str, ...]
    trimmed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Secrets on their way to a person. ``prints`` is what ``in_place`` wants to be told again."""

    values: Mapping[str, Secret]
    prints: Mapping[str, str]


class Passing:
    """Takes secrets from people and shows them to people, for the step at which a request waits for that."""

    def __init__(self, store: Store, vault: Vault, turns: Turns) -> None:
        self._store = store
        self._vault = vault
        self._turns = turns

    async def missing(
        self, request: ChangeRequest, step: Step, given: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Which of the step's secrets are yet to be entered, in the step's order, once those ``given`` were.

        That is what is not in the drawer; all of them where what is there did not pass its proof.
        """
        names = secret_steps.names_of(step.action)
        held = await self._vault.secrets_for(request, names) if step == request.step else given
        return tuple(name for name in names if name not in held)

    async def enter(
        self, request_id: str, given: Mapping[str, str], *, by: str, way: str, step_key: str = ""
    ) -> Entered:
        """Seal what was entered; what was there under the same name is overwritten.

        ``step_key``: the step it was meant for; "" for whichever waits.

        Raises:
            BadArgument: one of them is not wanted, is empty, too long, or no text; nothing was kept.
            Conflict: the request waits for nothing to be entered any more.
        """
        read = {name: _read(name, text) for name, text in given.items()}
        around = {name: text.strip("\r\n") != text.strip() for name, text in given.items()}
        # Not while the request takes a step: what is proven must be what stays in the drawer.
        async with self._turns.turn(f"request:{request_id}", 1), self._store.write() as unit:
            request = await unit[RequestRepository].get(request_id)
            step = awaited(request, step_key, secret_steps.entered)
            names = secret_steps.names_of(step.action)
            if strange := [name for name in read if name not in names]:
                raise BadArgument(
                    f"Request {request.ref} does not ask for {', '.join(strange)}, but for {', '.join(names)}."
                )
            await plan_secrets.put(unit, request_id, read)
            await self._note(unit, request, step, "secret:received", by, way, self._vault.fingerprints(read))
            held = await plan_secrets.take(unit, request_id, names)
        return Entered(
            left=tuple(name for name in names if name not in held),
            trimmed=tuple(name for name, found in around.items() if found),
        )

    async def show(self, request_id: str, *, by: str, way: str, only: str = "", step_key: str = "") -> Shown:
        """The secrets (or ``only`` one) of the step that waits to have them carried over; the trail says who saw them.

        Raises:
            BadArgument: the step has none of that name.
            Conflict: the request waits for nothing of the kind any more.
            PlatformError: the platform that made them does not show them now.
        """
        async with self._store.read() as unit:
            request = await unit[RequestRepository].get(request_id)
        step = awaited(request, step_key, secret_steps.shown)
        names = secret_steps.names_of(step.action)
        if only and only not in names:
            raise BadArgument(f"Request {request.ref} has no {only} to show, but {', '.join(names)}.")
        known = {name: fact for receipt in request.receipts for name, fact in receipt.facts.items()}
        held = await self._vault.values(request, replace(step.action, known=known))
        wanted = (only,) if only else names
        if missing := [name for name in wanted if name not in held]:
            raise Rejected(f"There is no {', '.join(missing)} to show.", status=0, connection="vault")
        values = {name: held[name] for name in wanted}
        fingerprints = self._vault.fingerprints(values)
        async with self._store.write() as unit:
            awaited(await unit[RequestRepository].get(request_id), step.key, secret_steps.shown)
            await self._note(unit, request, step, "secret:shown", by, way, fingerprints)
        return Shown(values=values, prints=fingerprints)

    async def in_place(
        self, request_id: str, fingerprints: Mapping[str, str], *, by: str, way: str, step_key: str = ""
    ) -> None:
        """Whoever was shown these secrets says that they are where they belong: what closes the step.

        Raises:
            Conflict: the request does not wait for that any more.
        """
        async with self._store.write() as unit:
            request = await unit[RequestRepository].get(request_id)
            step = awaited(request, step_key, secret_steps.shown)
            await self._note(unit, request, step, IN_PLACE, by, way, fingerprints)

    async def _note(
        self,
        unit: Unit,
        request: ChangeRequest,
        step: Step,
        deed: str,
        by: str,
        way: str,
        fingerprints: Mapping[str, str],
    ) -> None:
        line = {"key": f"{request.ref}.{step.key}", "names": ",".join(fingerprints), "way": way}
        await unit[AuditLog].append(by, deed, request.ref, line | prints(fingerprints))


def waiting_for_person(request: ChangeRequest) -> Step | None:
    """The step for which secrets are to be entered, entered anew, or carried over; None when there is none."""
    step = request.step if request.state in _OPEN else None
    return secret_steps.by_hand(request.steps, step) if step else None


def awaited(request: ChangeRequest, step_key: str, kind: Callable[[Step], bool]) -> Step:
    """The step of that kind at which the request waits.

    Raises:
        Conflict: it is at another step, or over.
    """
    step = waiting_for_person(request)
    if step is None or not kind(step) or (step_key and step.key != step_key):
        raise Conflict(
            f"Request {request.ref} does not wait for this (any more). `requests {request.ref}` shows where it is."
        )
    return step


def _read(name: str, text: str) -> Secret:
    """What was entered, without white space around it. PEM keeps the line break at its end.

    Raises:
        BadArgument: empty, too long, or no text.
    """
    read = text.replace("\r\n", "\n").strip()
    if not read or len(read) > LONGEST or "\0" in read:
        raise BadArgument(f"{name}: between 1 and {LONGEST:,} characters of text are needed.")
    if secret_steps.has_lines(name):
        return Secret(read + "\n")
    if "\n" in read:
        raise BadArgument(f"{name}: one line is needed, and this has several.")
    return Secret(read)
