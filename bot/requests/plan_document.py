"""A plan to take away: as JSON, from which its digest can be taken again, and as Markdown to read."""

from __future__ import annotations

import re

import msgspec

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import Code, Para, Reply
from bot.platform.plan import Plan, PlanKind, Step
from bot.platform.ports import Files
from bot.requests.messages import KINDS, MANNERS, MODES, destination_words
from bot.text import clean

LONGEST = 4000
AS = Flag(FlagKind.CHOICE, ("markdown", "json"), "send the plan as a file to your direct messages")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&-])")


def as_json(plan: Plan) -> str:
    """Every field, in the order and with the bytes that the digest is taken over, then a line end."""
    return msgspec.json.encode(plan, order="deterministic").decode() + "\n"


def as_markdown(plan: Plan) -> str:
    """For people: what changes, in which order, who acts, what closes each step and what takes it back."""
    kind = KINDS[plan.kind] + ("" if plan.kind is PlanKind.CHANGE else f", {MANNERS[plan.manner]}")
    facts = {
        "Kind": kind,
        "System": plan.connection,
        "Subject": plan.subject_label,
        "Held by": plan.holder_email,
        "Target": plan.target_label,
        "Consumer": plan.consumer,
        "Criticality": plan.criticality,
        "New secret": destination_words(plan.destination) if plan.destination else "",
        "Downtime": plan.downtime,
    }
    lines = [f"# {_text(plan.title)}", ""]
    lines += [f"- **{name}:** {_text(value)}" for name, value in facts.items() if value]
    lines += ["", "## Steps", ""]
    for number, step in enumerate(plan.steps, 1):
        lines += _step(number, step)
    if plan.notes:
        lines += ["## Before you decide", "", *(f"- {_text(note)}" for note in plan.notes), ""]
    lines.append(f"Plan digest: `{plan.digest}`. Any change to the plan changes it, and voids its approval.")
    return "\n".join(lines) + "\n"


async def give(files: Files, person: str, plan: Plan, form: str, name: str) -> Reply:
    """Send the plan as a file, ``markdown`` or ``json``, to one person, and say so.

    Raises:
        PlatformError: as ``Files.give``.
    """
    written, ending = (as_json(plan), "json") if form == "json" else (as_markdown(plan), "md")
    await files.give(person, f"plan-{name}.{ending}", f"Handover: {clean(plan.title, 120)}", written.encode())
    text = "The plan is in your direct messages."
    return Reply(summary=text, parts=(Para((text, " Its digest: ", Code(plan.digest[:12]), ".")),))


def _step(number: int, step: Step) -> list[str]:
    ends = "; **stops something that is in use**" if step.destructive else ""
    lines = [f"{number}. **{_text(step.title)}** ({MODES[step.mode]}{ends})"]
    lines += [f"   - {_text(line)}" for line in step.instructions]
    if step.evidence:
        lines.append(f"   - Closes with: {_text(step.evidence)}")
    if undo := step.twin.title if step.twin else step.undo:
        lines.append(f"   - To undo: {_text(undo)}")
    return [*lines, ""]


def _text(value: str) -> str:
    """Text from outside, inert: no markup of its own, on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(clean(value, LONGEST).split()))
