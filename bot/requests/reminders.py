"""Requests that wait for an answer: reminded of once, and sent to others when approvers leave.

Neither settles anything, and neither changes the revision: what people see stays what they decide about.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

import structlog

from bot.audit.repository import AuditLog
from bot.chat.codec import encode_reply
from bot.chat.model import Data, Mention, Note, Para, Part, Reply, Span, Typed, When
from bot.clock import Clock
from bot.db.outbox import Posting
from bot.db.store import Store
from bot.errors import Denied
from bot.people.repository import DEPARTURES, DEPARTURES_HANDLED, PersonRepository
from bot.requests.approval_rules import Parties, Terms, counted, deciders, routing
from bot.requests.approvers import Eligible, Roster
from bot.requests.model import ChangeRequest, Routing, Rule
from bot.requests.notifier import RequestNotifier
from bot.requests.repository import RequestRepository
from bot.text import clean, plural

Known = dict[tuple[Rule, Rule | None], Terms]  # rules already looked up
log = structlog.get_logger()
AT_ONCE = 100  # requests opened in one go: whole plans, so a few megabytes
NAMED_AT_MOST = 3  # people a note calls by name; of more only the number is told


class RequestReminders:
    """Looks after pending requests. Safe to call at any time, in every process, after any crash."""

    def __init__(self, store: Store, eligible: Eligible, notifier: RequestNotifier, clock: Clock) -> None:
        self._store = store
        self._eligible = eligible
        self._tell = notifier
        self._clock = clock
        self._looked: tuple[int, int] | None = None  # what there was to know when all were last looked at

    async def remind(self) -> int:
        """Remind once of each request of which three quarters of the time have passed; how many it was."""
        async with self._store.read() as unit:
            due = await unit[RequestRepository].to_remind(self._clock.now(), AT_ONCE)
            roster = Roster.of(await unit[PersonRepository].all()) if due else None
        done = 0
        known: Known = {}
        for request in due:
            assert roster is not None  # noqa: S101  read with them
            parties = roster.parties(request.plan, request.requester)
            try:
                terms = await self._terms(request, known)
                who = deciders(terms, parties) - {d.approver for d in request.decisions}
                left = terms.needed - len(counted(request, terms, parties))
            except Denied:  # Slack does not say who is in a group: then nobody is named
                who, left = frozenset(), request.needed
            async with self._store.write() as unit:
                if not await unit[RequestRepository].reminded(request.id):
                    continue
                note = reminder(request, left, *_called(who))
                await self._tell.say(unit, request, "reminder", note)
                await unit[AuditLog].append("system", "request:reminded", request.ref, {})
            done += 1
        return done

    async def reroute(self) -> int:
        """Look who is left to decide about each pending request, when somebody left or came back since.

        Where too few are, its thread, its requester and its card say so, once. Returns how many changed.
        """
        async with self._store.read() as unit:
            marks = await unit.marks()
            seen = (marks.get(DEPARTURES, 0), self._eligible.group_changes)
            if self._looked is None and marks.get(DEPARTURES_HANDLED) == seen[0]:
                self._looked = seen  # another process did, or this one before it was started again
            if seen == self._looked:
                return 0
            roster = Roster.of(await unit[PersonRepository].all())
        changed, after = 0, ""
        known: Known = {}
        try:
            while True:
                async with self._store.read() as unit:
                    some = await unit[RequestRepository].pending_after(after, AT_ONCE)
                for request in some:
                    terms = await self._terms(request, known)
                    changed += await self._look(
                        request, terms, roster.parties(request.plan, request.requester)
                    )
                if len(some) < AT_ONCE:
                    break
                after = some[-1].id
        except Denied as exc:
            log.warning(
                "requests.not_rerouted", hint=exc.hint
            )  # nothing is concluded; tried again in a minute
            return changed
        async with self._store.write() as unit:
            await unit[PersonRepository].heeded(seen[0])
        self._looked = seen
        return changed

    async def _look(self, request: ChangeRequest, terms: Terms, parties: Parties) -> bool:
        to = routing(terms, parties)
        valid = frozenset(d.approver for d in counted(request, terms, parties))
        discounted = frozenset(d.approver for d in request.decisions if d.approved) - valid
        if to is request.routing and not discounted:
            return False
        who = deciders(terms, parties)
        async with self._store.write() as unit:
            moved = to is not request.routing and await unit[RequestRepository].routed(
                request.id, request.routing, to
            )
            if moved:
                detail = {"to": to.value or "named", "left": str(len(who)), "needed": str(terms.needed)}
                line = await unit[AuditLog].append("system", "request:rerouted", request.ref, detail)
                key = f"routing:{line.seq}"
                added = who & (terms.fallback - terms.approvers)
                shown = replace(request, routing=to)
                note = rerouted(shown, len(who), terms.needed, *_called(added))
                await self._tell.say(unit, request, key, note)
                if to is not Routing.NAMED:
                    told = rerouted(shown, len(who), terms.needed, (), 0)
                    idem = f"request:{request.id}:told:{key}"
                    body = encode_reply(told)
                    await unit.outbox.put(Posting(idem_key=idem, channel=request.requester, body=body))
            else:
                key = "discounted:" + hashlib.sha256("\0".join(sorted(discounted)).encode()).hexdigest()[:12]
            now = await unit[RequestRepository].get(request.id)
            if now.rev == request.rev:  # else its card was just made anew by whoever settled it
                shown = replace(now, needed=max(now.needed, terms.needed))
                await self._tell.refresh(unit, shown, discounted, once=key)
        return moved

    async def _terms(self, request: ChangeRequest, known: Known) -> Terms:
        """Its terms; looked up once for all requests with the same rules."""
        rules = (self._eligible.rule_of(request.plan, request.inputs), request.rule)
        if rules[1] is None:  # from before rules were kept: its number is its own
            return await self._eligible.terms_of(request)
        if rules not in known:
            known[rules] = await self._eligible.terms_of(request)
        return known[rules]


def _called(people: frozenset[str]) -> tuple[tuple[Mention, ...], int]:
    """Whom a note calls by name, and how many there are."""
    few = sorted(people) if len(people) <= NAMED_AT_MOST else ()
    return tuple(Mention(one) for one in few), len(people)


def reminder(request: ChangeRequest, left: int, called: tuple[Mention, ...], able: int) -> Reply:
    """Said once, in the thread. ``called``: whom it names; ``able``: how many can decide, 0 if unknown."""
    need = plural(max(left, 1), "approval")
    spans: list[Span] = [
        f"Still waiting: {need} more. " if request.decisions else f"Still waiting for {need}. "
    ]
    if called:
        spans += [*_listed(called), " can decide. "]
    elif able:
        spans.append(f"{plural(able, 'person', 'people')} can decide. ")
    spans += ["Expires without an answer: ", When(request.expires_at, "time"), "."]
    twins = Note(("Type ", Typed(f"approve {request.ref}"), " or ", Typed(f"deny {request.ref} <reason>")))
    title = clean(request.plan.title, 120)
    return Reply(summary=f"Still waiting for a decision: {title}.", parts=(Para(tuple(spans)), twins))


def rerouted(
    request: ChangeRequest, able: int, needed: int, called: tuple[Mention, ...], added: int
) -> Reply:
    """Who decides now, as the request's ``routing`` says. ``called``, ``added``: those the fallback brings in."""
    title = Data(clean(request.plan.title, 140), strong=True)
    if request.routing is Routing.NAMED:
        words = "Enough approvers are there again, so only those whom the rule names decide."
        return Reply(summary=words, parts=(Para((words,)),))
    if request.routing is Routing.FALLBACK:
        words = "Approvers have left, and too few are there. From now on the rule's fallback decides too"
        whom: tuple[Span, ...] = (": ", *_listed(called)) if called else ()
        more = f": {plural(added, 'person', 'people')}" if added and not called else ""
        parts: list[Part] = [Para((title, ": ", words, *whom, more, "."))]
        return Reply(summary=f"{words}: request {request.ref}.", parts=tuple(parts))
    words = (
        f"Approvers have left: it needs {plural(needed, 'approval')}, and only {able} could be given. "
        "Ask an administrator to add an approver; until then it waits, and unanswered it is a no."
    )
    return Reply(
        summary=f"Too few approvers are left for request {request.ref}.", parts=(Para((title, ": ", words)),)
    )


def _listed(called: tuple[Mention, ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for number, one in enumerate(called):
        if number:
            spans.append(" and " if number == len(called) - 1 else ", ")
        spans.append(one)
    return tuple(spans)
