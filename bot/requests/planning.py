"""Plans as they are shown and asked for: the platform's draft, with what the business knows and what we object to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from types import MappingProxyType

from bot.config import IntegrationSettings
from bot.config.policies import Policies
from bot.db.store import Store
from bot.errors import BadArgument, NotSupported
from bot.inventory.catalogue import Entry
from bot.inventory.repository import UsageRepository
from bot.inventory.usage_interval import cadence
from bot.platform.plan import Draft, How, Manner, Plan, PlanKind
from bot.platform.ports import Platform, Rotates
from bot.platform.secret_steps import MANUAL
from bot.requests.model import ChangeRequest
from bot.requests.repository import RequestRepository
from bot.requests.safety_limit import SafetyLimit
from bot.text import clean, fold

A_DAY = timedelta(days=1)  # the connections' own shortest wait, unless they are told otherwise
ORDINARY = IntegrationSettings(application="*")


class Planner:
    """Draws plans up, and draws them up again."""

    def __init__(
        self,
        store: Store,
        platforms: Mapping[str, Platform],
        safety_limit: SafetyLimit,
        integrations: Sequence[IntegrationSettings],
        policies: Policies,
        destinations: Collection[str] = (),
        waits: Mapping[str, timedelta] = MappingProxyType({}),
    ) -> None:
        """``waits``: how long an old credential of a connection rests where nothing else is known, if it was told."""
        self._store = store
        self._platforms = platforms
        self._safety_limit = safety_limit
        self._integrations = integrations
        self._policies = policies
        self._destinations = (MANUAL, *destinations)
        self._waits = waits
        self.joint: dict[str, Callable[[str, Mapping[str, str]], Awaitable[Draft]]] = {}
        """By verb: how changes are drawn up that more than one connection has a part in."""

    async def how(self, entry: Entry, manner: Manner = Manner.GRACEFUL, destination: str = "") -> How:
        """What is configured for an integration, with what whoever asks chose.

        Raises:
            BadArgument: there is no such destination.
        """
        known = next((one for one in self._integrations if _fits(one, entry)), ORDINARY)
        if (chosen := destination or known.destination) not in self._destinations:
            raise BadArgument(
                f"There is no destination called {clean(chosen, 40)}. There is {', '.join(self._destinations)}."
            )
        return How(
            manner=manner,
            consumer=known.consumer,
            destination=chosen,
            cadence=self._policies.cadence(entry.name) or await self._learnt(entry),
            criticality=known.criticality,
        )

    async def _learnt(self, entry: Entry) -> timedelta | None:
        """The rhythm its uses show, where that is longer than its connection waits: it only ever lengthens a wait."""
        async with self._store.read() as unit:
            uses = (await unit[UsageRepository].of([entry.item.id])).get(entry.item.id, ())
        found = cadence(uses)
        least = max(A_DAY, self._waits.get(entry.item.connection, A_DAY))
        return found.patience if found and found.patience > least else None

    async def handover(self, connection: str, credential_id: str, target: str, how: How) -> Draft:
        """The plan that moves a credential to ``target``, with every reason it must not run.

        Raises:
            NotFound, BadArgument, NotSupported: as ``Platform.handover``.
        """
        draft = await self._platforms[connection].handover(credential_id, target, how)
        return await self._checked(_dressed(draft, how))

    async def rotate(self, connection: str, credential_id: str, how: How) -> Draft:
        """The plan that replaces a credential by a new one of the same account.

        Raises:
            NotSupported: the platform cannot, or not this kind. NotFound: no such credential.
        """
        return await self._checked(_dressed(await self._rotation(connection, credential_id, how), how))

    async def again(self, request: ChangeRequest) -> Draft:
        """The same request planned again, from what the platform says now."""
        plan, inputs = request.plan, request.inputs
        how = How.read(inputs)
        platform = self._platforms[plan.connection]
        match plan.kind:
            case PlanKind.HANDOVER:
                return _dressed(await platform.handover(plan.subject_id, plan.target_id, how), how)
            case PlanKind.ROTATION:
                return _dressed(await self._rotation(plan.connection, plan.subject_id, how), how)
            case PlanKind.CHANGE:
                asked = {name: value for name, value in inputs.items() if name != "verb"}
                if draw := self.joint.get(inputs["verb"]):
                    return await draw(plan.connection, asked)
                return await platform.change(inputs["verb"], asked)

    async def _rotation(self, connection: str, credential_id: str, how: How) -> Draft:
        platform = self._platforms[connection]
        if not isinstance(platform, Rotates):
            raise NotSupported(f"nothing on {connection} can be rotated by the bot", operation="rotate")
        return await platform.rotate(credential_id, how)

    async def _checked(self, draft: Draft) -> Draft:
        """What the platform cannot know: another open plan on the same subject, and the brake."""
        plan, found = draft.plan, list(draft.objections)
        async with self._store.read() as unit:
            if other := await unit[RequestRepository].live_on(plan.connection, plan.subject_id):
                found.append(f"Request {other.ref} is open on the same subject: finish or cancel it first")
            if why := await self._safety_limit.at_once(unit, plan):
                found.append(why)
        return replace(draft, objections=tuple(found))


def _fits(known: IntegrationSettings, entry: Entry) -> bool:
    return fnmatchcase(entry.item.connection, known.connection) and fnmatchcase(
        fold(entry.name), fold(known.application)
    )


def _dressed(draft: Draft, how: How) -> Draft:
    if draft.plan.manner is not how.manner:
        raise NotSupported(f"there is no {how.manner.value} plan for this", operation="plan")
    plan = replace(draft.plan, consumer=how.consumer, criticality=how.criticality)
    return replace(draft, plan=plan)


def listed(objections: Sequence[str]) -> str:
    """Objections as one sentence, whether or not each came with a full stop."""
    return "; ".join(each.strip().rstrip(".") for each in objections) + "."


def differences(shown: Plan, now: Plan) -> str:
    """What changed between two plans, in words."""
    said = []
    for name in ("subject_label", "holder_email", "target_label", "downtime", "application"):
        before, after = getattr(shown, name), getattr(now, name)
        if before != after:
            said.append(f"{name.replace('_', ' ')} was {before or 'empty'}, is {after or 'empty'}.")
    old, new = {s.key: s for s in shown.steps}, {s.key: s for s in now.steps}
    said += [f"step {key} is no longer needed." for key in old if key not in new]
    said += [f"step {key} is new." for key in new if key not in old]
    said += [f"step {key} does something else." for key in new if key in old and old[key] != new[key]]
    said += [f"new: {note}" for note in now.notes if note not in shown.notes]
    said += [f"gone: {note}" for note in shown.notes if note not in now.notes]
    return " ".join(said) or "its details changed."
