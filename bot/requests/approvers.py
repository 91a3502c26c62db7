"""Who may decide about a plan, looked up: the rules of the configuration, with their names as member ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Self

from bot.config import ApprovalSettings
from bot.db.unit import Unit
from bot.inventory.repository import ItemRepository
from bot.people.access import Access
from bot.people.model import Person
from bot.people.repository import PersonRepository
from bot.platform.model import Principal
from bot.platform.plan import Plan
from bot.requests.approval_rules import Parties, Terms, matching, routing
from bot.requests.model import ChangeRequest, Routing, Rule
from bot.text import fold


class Eligible:
    """Finds the rule for a plan, and the people it means."""

    def __init__(self, access: Access, settings: ApprovalSettings) -> None:
        self._access = access
        self.settings = settings

    @property
    def group_changes(self) -> int:
        """How often we heard that groups have other members."""
        return self._access.group_changes

    def rule_of(self, plan: Plan, inputs: Mapping[str, str]) -> Rule:
        """The rule of now for a plan."""
        settings = self.settings
        needed = settings.needed_destructive if plan.destructive else settings.needed
        default = Rule(needed=needed, step_up=settings.step_up, fallback=settings.fallback)
        rules = (Rule(**rule.model_dump()) for rule in settings.rules)
        rule = matching(rules, default, plan, inputs.get("verb", plan.kind.value))
        return replace(rule, needed=max(rule.needed, plan.approvers_at_least))

    async def terms(self, rule: Rule) -> Terms:
        """A rule with its names looked up.

        Raises:
            Denied: a group could not be read.
        """
        return Terms(
            needed=rule.needed,
            requesters=await self._access.named(rule.requesters),
            approvers=await self._access.named(rule.approvers),
            fallback=await self._access.named(rule.fallback),
            step_up=rule.step_up,
        )

    async def terms_of(self, request: ChangeRequest) -> Terms:
        """What held when it was asked, and what holds now: both.

        Raises:
            Denied: a group could not be read.
        """
        now = await self.terms(self.rule_of(request.plan, request.inputs))
        then = request.rule or Rule(needed=request.needed)
        return now.and_also(await self.terms(then))

    async def parties(self, unit: Unit, plan: Plan, requester: str) -> Parties:
        """Whom a plan concerns, as the table of members knows them."""
        account = await unit[ItemRepository].by_native(plan.connection, Principal, plan.holder_id)
        body = account.body if account else None
        before = body.former_emails if isinstance(body, Principal) else ()
        return Roster.of(await unit[PersonRepository].all()).parties(plan, requester, before)


@dataclass(frozen=True, slots=True)
class Roster:
    """The members, as deciding needs them: who has which e-mail, and who is gone."""

    by_email: Mapping[str, frozenset[str]]
    gone: frozenset[str]

    @classmethod
    def of(cls, people: Iterable[Person]) -> Self:
        """The roster of these members."""
        by_email: dict[str, set[str]] = {}
        gone = set()
        for person in people:
            for address in person.addresses:
                by_email.setdefault(address, set()).add(person.slack_id)
            if person.gone or person.restricted:
                gone.add(person.slack_id)
        return cls({email: frozenset(ids) for email, ids in by_email.items()}, frozenset(gone))

    def parties(self, plan: Plan, requester: str, addresses: Iterable[str] = ()) -> Parties:
        """Whom a plan concerns. ``addresses``: what the holder's account had before; each counts, which is stricter."""
        known = (fold(address) for address in (plan.holder_email, *addresses) if address)
        holders = frozenset(who for address in known for who in self.by_email.get(address, frozenset()))
        return Parties(requester=requester, holders=holders, gone=self.gone)


def basis(terms: Terms, parties: Parties, who: str, *, proven: bool) -> str:
    """Why somebody's word could be taken, as it was judged at that moment: kept with the decision."""
    by_rule = who in terms.approvers
    name = "named by the rule" if by_rule else "named by the rule's fallback, since approvers have left"
    code = "; proven by a one-time code" if proven else ""
    short = "" if routing(terms, parties) is Routing.NAMED else "; fewer approvers than needed are left"
    return f"{name}; neither requester nor holder; active member{code}; {terms.needed} needed{short}"
