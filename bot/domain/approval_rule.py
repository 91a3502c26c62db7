"""What a kind of plan needs before it runs, as configured."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from bot.domain.plan import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For which plans it is meant, and what they need.

    ``connection`` and ``verb`` are patterns with ``*``; a handover's verb is "handover". ``requesters``,
    ``approvers`` and ``fallback`` hold roles, Slack user groups (S…) and members (U…).
    """

    connection: str = "*"
    kind: str = "*"
    verb: str = "*"
    destructive: bool | None = None  # None: either
    requesters: tuple[str, ...] = ("operator",)
    approvers: tuple[str, ...] = ("approver",)
    needed: int = 1
    criticality: str = "*"
    step_up: bool = False  # a yes takes a code of the approver's authenticator app
    fallback: tuple[str, ...] = ()  # decide too once fewer approvers than needed are left

    def matches(self, plan: Plan, verb: str) -> bool:
        """Whether it is meant for such a plan."""
        return (
            fnmatchcase(plan.connection, self.connection)
            and self.kind in ("*", plan.kind.value)
            and fnmatchcase(verb, self.verb)
            and self.destructive in (None, plan.destructive)
            and self.criticality in ("*", plan.criticality)
        )
