"""Carries out the vault's verbs, with the shape of a platform: making, receiving, handing over, forgetting.

What is kept is in the plan's drawer; facts hold public halves and fingerprints. A fingerprint is keyed, so that
not even a short secret can be guessed from it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.audit.model import AuditEntry
from bot.audit.repository import AuditLog
from bot.clock import Clock
from bot.db.store import Store
from bot.db.unit import Unit
from bot.durable import crash_point
from bot.errors import NotFound, NotSupported, PlatformError, Rejected
from bot.platform.plan import Action, Confirmation, Outcome
from bot.platform.ports import Destination, Discloses, Landing, Platform
from bot.platform.secret_steps import CERTIFICATE, MANUAL, PRIVATE_KEY, names_of
from bot.requests.model import ChangeRequest
from bot.requests.repository import RequestRepository
from bot.secrets import generation, plan_secrets
from bot.text import Secret

WHERE = "vault"  # what errors call the connection
IN_PLACE = "secret:in_place"  # of the trail: a person put what was shown to them where it belongs
_PAIR = (PRIVATE_KEY, CERTIFICATE)
_PRINT = "fingerprint."
_LINES = 1000  # of a request's trail


class Vault:
    """One for all plans. Every method may be called again after a crash at any instant."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        destinations: Mapping[str, Destination],
        clock: Clock,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._destinations = destinations
        self._clock = clock

    async def confirm(self, request: ChangeRequest, action: Action, key: str) -> Confirmation:
        """As ``Platform.confirm``."""
        try:
            match action.verb:
                case "make-key":
                    return await self._key_made(request)
                case "make-password" | "receive":
                    return await self._in_drawer(request, names_of(action))
                case "forget":
                    return await self._forgotten(request, names_of(action))
                case "deliver" if action.params["destination"] == MANUAL:
                    return await self._carried_over(request, action, key)
                case "deliver":
                    return await self._delivered(request, action)
                case "withdraw":
                    return await self._withdrawn(request, action)
                case _:
                    raise NotSupported(f"The vault knows no “{action.verb}”.", connection=WHERE)
        except PlatformError as exc:
            return Confirmation(outcome=Outcome.UNKNOWN, detail=exc.hint)

    async def apply(self, request: ChangeRequest, action: Action, key: str) -> None:
        """As ``Platform.apply``; also raises NotSupported for what only a person can do."""
        match action.verb:
            case "make-key":
                await self._make_key(request, action)
            case "make-password":
                await self._make_password(request, action)
            case "forget":
                async with self._store.write() as unit:
                    if gone := await plan_secrets.forget(unit, request.id, names_of(action)):
                        await unit[AuditLog].append(
                            "system", "secret:forgotten", request.ref, {"names": ",".join(gone)}
                        )
            case "deliver" if action.params["destination"] != MANUAL:
                values = await self._all_values(request, action)
                destination = self._destination(action)
                if await destination.landed(values, _name(request, action)) is None:
                    await destination.write(values, _name(request, action))
                    crash_point("vault.written")
            case "withdraw":
                landing = await self._ours(request, action)
                if landing and not await self._destination(action).returned(landing):
                    await self._destination(action).put_back(landing)
                    crash_point("vault.put_back")
            case _:
                raise NotSupported(f"“{action.verb}” is a person's to do.", connection=WHERE)

    async def secrets_for(self, request: ChangeRequest, names: Iterable[str]) -> Mapping[str, Secret]:
        """Those of the names that the plan's drawer holds."""
        async with self._store.read() as unit:
            return await plan_secrets.take(unit, request.id, names)

    async def values(self, request: ChangeRequest, action: Action) -> Mapping[str, Secret]:
        """What a ``deliver`` or ``withdraw`` is about, as far as it is there: from the drawer, or disclosed.

        Raises:
            PlatformError: the platform that made them could not be read, or shows them to nobody.
        """
        names = names_of(action)
        made_by = action.params.get("made_by", "")
        if not made_by:
            return await self.secrets_for(request, names)
        made = next((step for step in request.plan.steps if step.key == made_by), None)
        platform = self._platforms.get(request.plan.connection)
        if made is None or not isinstance(platform, Discloses):
            raise NotSupported(
                f"{request.plan.connection} discloses no secret to be handed over.", connection=WHERE
            )
        disclosed = await platform.disclose(replace(made.action, known=action.known))
        return {name: disclosed[name] for name in names if name in disclosed}

    def fingerprints(self, values: Mapping[str, Secret]) -> dict[str, str]:
        """The fingerprint of each, by name: equal for equal secrets, and without our key nothing else."""
        ring = self._store.keyring
        return {
            name: ring.blind("secret.fingerprint", value.reveal()).hex() for name, value in values.items()
        }

    async def discard(self, unit: Unit, request_id: str) -> None:
        """Delete every secret of a request that has ended."""
        await plan_secrets.empty(unit, request_id)

    async def sweep(self) -> None:
        """Empty the drawers of every request that has ended, or is gone."""
        async with self._store.read() as unit:
            over = [held for held in await plan_secrets.of_requests(unit) if await _over(unit, held)]
        if over:
            async with self._store.write() as unit:
                for request_id in over:
                    await self.discard(unit, request_id)

    async def _key_made(self, request: ChangeRequest) -> Confirmation:
        held = await self.secrets_for(request, _PAIR)
        if len(held) < len(_PAIR):
            return _not_yet("There is no key pair in this plan yet.")
        seen = self._holds(held)
        if seen is None:
            return _not_yet("The plan's key pair has no valid certificate.")
        key_print = self.fingerprints({PRIVATE_KEY: held[PRIVATE_KEY]})
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"A key pair is sealed; its certificate holds until {seen.not_after:%Y-%m-%d}.",
            record_id=seen.sha256,
            facts={CERTIFICATE: held[CERTIFICATE].reveal(), "certificate_sha256": seen.sha256}
            | prints(key_print),
        )

    def _holds(self, held: Mapping[str, Secret]) -> generation.Seen | None:
        """What the certificate of a pair says, while it holds and is the key's own."""
        if len(held) < len(_PAIR):
            return None
        seen = generation.speaks_for(held[CERTIFICATE].reveal(), held[PRIVATE_KEY])
        return seen if seen and seen.not_after > self._clock.now() else None

    async def _make_key(self, request: ChangeRequest, action: Action) -> None:
        if self._holds(await self.secrets_for(request, _PAIR)):
            return
        wanted = action.params
        pair = await asyncio.to_thread(
            generation.key_pair,
            wanted["algorithm"],
            wanted["common_name"],
            int(wanted["days"]),
            self._clock.now(),
        )
        crash_point("vault.made")
        async with self._store.write() as unit:
            if self._holds(await plan_secrets.take(unit, request.id, _PAIR)):
                return  # another process was quicker: its key is the plan's
            made = {PRIVATE_KEY: pair.private_key, CERTIFICATE: Secret(pair.certificate)}
            await plan_secrets.put(unit, request.id, made)
            line = self._line({PRIVATE_KEY: pair.private_key})
            await unit[AuditLog].append("system", "secret:generated", request.ref, line)
        crash_point("vault.sealed")

    async def _make_password(self, request: ChangeRequest, action: Action) -> None:
        name = names_of(action)[0]
        made = {name: generation.password(int(action.params["length"]))}
        async with self._store.write() as unit:
            if await plan_secrets.take(unit, request.id, (name,)):
                return
            await plan_secrets.put(unit, request.id, made)
            await unit[AuditLog].append("system", "secret:generated", request.ref, self._line(made))
        crash_point("vault.sealed")

    async def _in_drawer(self, request: ChangeRequest, names: tuple[str, ...]) -> Confirmation:
        held = await self.secrets_for(request, names)
        if missing := [name for name in names if name not in held]:
            return _not_yet(f"Not entered yet: {', '.join(missing)}.")
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"Sealed: {', '.join(names)}.",
            facts=prints(self.fingerprints(held)),
        )

    async def _forgotten(self, request: ChangeRequest, names: tuple[str, ...]) -> Confirmation:
        if held := await self.secrets_for(request, names):
            return _not_yet(f"Still kept with the plan: {', '.join(held)}.")
        return Confirmation(outcome=Outcome.DONE, detail=f"Not kept with the plan: {', '.join(names)}.")

    async def _carried_over(self, request: ChangeRequest, action: Action, key: str) -> Confirmation:
        """By hand: what counts is what a person signed for in the trail, of the values as they are now."""
        names = names_of(action)
        async with self._store.read() as unit:
            now = self.fingerprints(await plan_secrets.take(unit, request.id, names))
            lines = [
                line for line in await unit[AuditLog].tail(_LINES, request.ref) if line.action == IN_PLACE
            ]
        said: dict[str, AuditEntry] = {}
        for line in (line for line in lines if line.detail.get("key") == key):
            for name, shown in prints_in(line.detail).items():
                if name in names and shown == now.get(name, shown):
                    said.setdefault(name, line)
        if missing := [name for name in names if name not in said]:
            return _not_yet(f"Nobody has said yet that {', '.join(missing)} is in place.")
        last = max(said.values(), key=lambda line: line.seq)
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"Shown once to {last.actor} and in place at {last.at:%Y-%m-%d %H:%M} UTC.",
            record_id=f"audit log entry {last.seq}",
            facts={"in_place_by": last.actor}
            | prints({name: prints_in(line.detail)[name] for name, line in said.items()}),
        )

    async def _delivered(self, request: ChangeRequest, action: Action) -> Confirmation:
        values = await self.values(request, action)
        if missing := [name for name in names_of(action) if name not in values]:
            return _not_yet(f"There is no {', '.join(missing)} to hand over.")
        destination = self._destination(action)
        landing = await destination.landed(values, _name(request, action))
        if landing is None:
            return _not_yet(f"{destination.name} does not hold the new version yet.")
        kept = f"version {landing.before} is kept" if landing.before else "there was none before"
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"{destination.name} gives out version {landing.version}, read back; {kept}.",
            record_id=landing.version,
            facts={
                "destination": destination.name,
                "destination_version": landing.version,
                "destination_before": landing.before,
            }
            | prints(self.fingerprints(values)),
        )

    async def _withdrawn(self, request: ChangeRequest, action: Action) -> Confirmation:
        destination = self._destination(action)
        landing = await self._ours(request, action)
        if landing is None:
            return Confirmation(
                outcome=Outcome.DONE, detail=f"{destination.name} does not give out anything of this plan."
            )
        if not await destination.returned(landing):
            return _not_yet(
                f"{destination.name} does not give out version {landing.before or '(none)'} again."
            )
        return Confirmation(
            outcome=Outcome.DONE,
            detail=f"{destination.name} gives out what version {landing.before or '(none)'} held, read back.",
            record_id=landing.before,
        )

    async def _ours(self, request: ChangeRequest, action: Action) -> Landing | None:
        """Our version at the destination: by the receipt, else (a crash came before it) by what is current."""
        known = action.known
        if known.get("destination") == action.params["destination"] and "destination_version" in known:
            return Landing(version=known["destination_version"], before=known["destination_before"])
        values = await self._all_values(request, action)
        return await self._destination(action).landed(values, _name(request, action))

    async def _all_values(self, request: ChangeRequest, action: Action) -> Mapping[str, Secret]:
        values = await self.values(request, action)
        if missing := [name for name in names_of(action) if name not in values]:
            raise Rejected(f"There is no {', '.join(missing)} to hand over.", status=0, connection=WHERE)
        return values

    def _destination(self, action: Action) -> Destination:
        name = action.params["destination"]
        if name not in self._destinations:
            raise NotSupported(
                f'The configuration has no destination called “{name}” any more: put [destinations."{name}"] back.',
                connection=WHERE,
            )
        return self._destinations[name]

    def _line(self, values: Mapping[str, Secret]) -> dict[str, str]:
        return {"names": ",".join(values)} | prints(self.fingerprints(values))


def _name(request: ChangeRequest, action: Action) -> str:
    """What a version of ours is called for ever: the same for the step and for its twin."""
    return f"{request.id}:{action.params['destination']}:{action.params['names']}"


def prints(fingerprints: Mapping[str, str]) -> dict[str, str]:
    """Fingerprints as they stand in facts and in the trail."""
    return {f"{_PRINT}{name}": value for name, value in fingerprints.items()}


def prints_in(detail: Mapping[str, str]) -> dict[str, str]:
    """The fingerprints among facts or the details of a line of the trail, by name."""
    return {key.removeprefix(_PRINT): value for key, value in detail.items() if key.startswith(_PRINT)}


def _not_yet(detail: str) -> Confirmation:
    return Confirmation(outcome=Outcome.NOT_DONE, detail=detail)


async def _over(unit: Unit, request_id: str) -> bool:
    try:
        return not (await unit[RequestRepository].get(request_id)).state.live
    except NotFound:
        return True
