"""Why somebody may not ask for a plan or decide about it, in words to them."""

from __future__ import annotations

from bot.domain.approval import Reason
from bot.domain.text import plural

WHY_NOT = {
    Reason.SELF_APPROVAL: "You asked for it, so someone else has to decide.",
    Reason.HOLDER: "The account in question is yours, so someone else has to decide.",
    Reason.LEAVER: "The account in question is yours, so someone else has to decide.",
    Reason.NOT_AN_APPROVER: "Only approvers can decide requests, and for this one you are none.",
    Reason.ALREADY_DECIDED: "You have decided this request already.",
    Reason.MAY_NOT_REQUEST: "Whoever asked for it may not ask for it any more. It can be denied.",
    Reason.STALE_REVISION: (
        "The request was revised after this message. Look at the newest one and decide there."
    ),
}


def why_not_ask(reason: Reason, needed: int, able: int) -> str:
    """Why a request cannot be made. ``able``: how many people could approve it."""
    if reason is Reason.MAY_NOT_REQUEST:
        return "The rule for this plan names other people who may ask for it."
    if reason is Reason.NO_ELIGIBLE_APPROVER:
        return (
            "No one can approve this: every approver is the requester, the holder, or deactivated. "
            "Ask an administrator to add an approver."
        )
    return (
        f"This needs {needed} approvals, and only {plural(able, 'person', 'people')} could give one: "
        "the requester, the holder and deactivated people do not count. "
        "Ask an administrator to add an approver."
    )
