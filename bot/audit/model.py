"""An entry of the audit log, and the sentence that people read it as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

_SAID = {  # event: what the actor did, with ``{}`` for the subject; at its end where there is none
    "access:refused": "was refused",
    "alert:acknowledged": "acknowledged alert",
    "alert:assigned": "assigned alert",
    "alert:declined": "said that alert {} is not theirs",
    "alert:escalated": "escalated alert",
    "alert:opened": "opened alert",
    "alert:reopened": "opened alert {} again",
    "alert:resolved": "resolved alert",
    "alert:snoozed": "snoozed alert",
    "connection:authorized": "signed in to",
    "connection:listing_rejected": "rejected a listing of",
    "connection:not_visible": "lost sight of",
    "connection:scanned": "scanned",
    "evidence:created": "created the evidence pack of request",
    "evidence:key_created": "created the signing key",
    "evidence:key_replaced": "replaced the signing key",
    "finding:suppressed": "suppressed finding",
    "finding:unsuppressed": "removed the suppression of finding",
    "findings:exported": "exported the findings to",
    "inventory:exported": "exported the inventory to",
    "key:rotated": "rotated the data key",
    "message:dropped": "dropped a message",
    "message:undeliverable": "could not deliver a message",
    "owner:accepted": "accepted to own",
    "owner:confirmed": "confirmed to own",
    "owner:declined": "declined to own",
    "owner:proposed": "proposed an owner of",
    "page:code_refused": "entered a wrong code for the secrets of request",
    "page:link_created": "got a link to the secrets of request",
    "page:opened": "opened the secrets of request",
    "page:refused": "was refused the secrets of request",
    "person:disabled": "reported as disabled:",
    "person:restored": "reported as active again:",
    "plan_secrets:deleted": "deleted the secrets of request",
    "request:approved": "approved request",
    "request:cancelled": "stopped request",
    "request:denied": "denied request",
    "request:done": "finished request",
    "request:expired": "closed request {} without an answer",
    "request:held": "put request {} on hold",
    "request:opened": "opened request",
    "request:reminded": "reminded of request",
    "request:rerouted": "sent request {} to other approvers",
    "request:resumed": "resumed request",
    "request:rolled_back": "rolled back request",
    "request:turned_back": "started the rollback of request",
    "request:voided": "voided request",
    "safety_limit:counted": "counted a destructive change:",
    "secret:forgotten": "deleted a secret of request",
    "secret:generated": "generated a secret for request",
    "secret:in_place": "confirmed that the secrets of request {} are in place",
    "secret:received": "entered secrets for request",
    "secret:replaced": "replaced secret",
    "secret:shown": "was shown the secrets of request",
    "secret:stored": "stored secret",
    "step:attested": "confirmed a step of request",
    "step:intended": "began a step of request",
    "step:recorded": "finished a step of request",
    "step:waiting": "waits at a step of request",
    "step_up:begun": "started to set up an authenticator app for",
    "step_up:enrolled": "set up an authenticator app for",
    "step_up:locked": "locked the authenticator codes of",
    "step_up:passed": "entered a right code for",
    "step_up:replayed": "entered a used code for",
    "step_up:reset": "removed the authenticator app of",
    "step_up:wrong": "entered a wrong code for",
}
_EARLIER = {  # names that entries of earlier releases carry, which their hashes cover
    "alert:climbed": "alert:escalated",
    "alert:disclaimed": "alert:declined",
    "brake:counted": "safety_limit:counted",
    "connection:authorised": "connection:authorized",
    "connection:blind": "connection:not_visible",
    "connection:braked": "connection:listing_rejected",
    "drawer:emptied": "plan_secrets:deleted",
    "evidence:key_made": "evidence:key_created",
    "evidence:made": "evidence:created",
    "finding:lifted": "finding:unsuppressed",
    "owner:attested": "owner:confirmed",
    "page:link_made": "page:link_created",
    "person:struck-off": "person:disabled",
    "secret:made": "secret:generated",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the audit log."""

    seq: int
    at: datetime
    actor: str  # Slack id, "system", or "cli:<user>"
    action: str  # subject:event, past tense, for example "request:approved"; as it was written
    subject: str
    detail: Mapping[str, str]
    hash: str  # hex

    @property
    def event(self) -> str:
        """What happened, by today's name."""
        return _EARLIER.get(self.action, self.action)

    @property
    def said(self) -> tuple[str, str]:
        """What the actor did, as the words before and after the subject: "put request", "on hold"."""
        words = _SAID.get(self.event, self.event.replace("_", " ").replace(":", " "))
        before, _, after = words.partition("{}")
        return before.strip(), after.strip()
