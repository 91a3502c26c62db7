"""[roles], [approval] and [safety_limit]: who may do what, who decides, and how much at once."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.config.table import Section

Named = Annotated[str, Field(pattern=r"^(admin|approver|operator|S[A-Z0-9]+|[UW][A-Z0-9]+)$")]


class RoleSettings(Section):
    """[roles]: Slack user group ids (S…), member ids (U…), or "*" for every full member."""

    admin: tuple[str, ...] = Field((), description="may do everything below, scan by hand and set owners")
    approver: tuple[str, ...] = Field((), description="may decide other people's requests")
    operator: tuple[str, ...] = Field((), description="may ask for handovers and changes")
    viewer: tuple[str, ...] = Field(("*",), description="may look")


class ApprovalRule(Section):
    """[[approval.rules]]: what some plans need instead. The first rule that fits a plan is its rule."""

    connection: str = Field("*", description="for which connections, for example salesforce:*")
    kind: Literal["*", "handover", "rotation", "change"] = Field("*", description="for which plans")
    verb: str = Field("*", description="for which action: handover, or a change such as freeze")
    criticality: Literal["*", "low", "normal", "high"] = Field("*", description="as [[integrations]] says")
    destructive: bool | None = Field(None, description="only where a step ends something alive, or only not")
    requesters: tuple[Named, ...] = Field(
        ("operator",), min_length=1, description="roles, groups (S…), members (U…); an operator in any case"
    )
    approvers: tuple[Named, ...] = Field(
        ("approver",), min_length=1, description="roles, groups (S…), members (U…) who decide"
    )
    needed: int = Field(1, ge=1, le=5, description="approvals a request needs")
    step_up: bool = Field(False, description="a yes takes a code of the approver's authenticator app")
    fallback: tuple[Named, ...] = Field(
        ("admin",), description="who decides too once approvers have left and too few are there"
    )


class ApprovalSettings(Section):
    """[approval]: how requests are decided. What no rule fits takes ``needed`` and ``needed_destructive``."""

    needed: int = Field(1, ge=1, le=5, description="approvals a request needs")
    needed_destructive: int = Field(1, ge=1, le=5, description="approvals where a step ends something alive")
    step_up: bool = Field(False, description="a yes takes a code of the approver's authenticator app")
    fallback: tuple[Named, ...] = Field(
        ("admin",), description="who decides too once approvers have left and too few are there"
    )
    expires_h: float = Field(24, gt=0, le=24 * 14, description="hours until an unanswered request is a no")
    watch_every_s: float = Field(60, ge=1, description="how often waiting steps look for their evidence")
    rules: tuple[ApprovalRule, ...] = Field((), description="tables of their own; the first that fits holds")


class SafetyLimitSettings(Section):
    """[safety_limit]: how much may end, and how much of a listing may vanish, before a human must look."""

    changes_per_day: int = Field(
        3, ge=1, description="destructive changes per connection in 24 hours, at most"
    )
    share: float = Field(0.10, gt=0, le=1, description="and at most this share of its credentials")
    listing_share: float = Field(0.20, gt=0, le=1, description="a listing that loses more is a broken source")
