"""How a plan drawn up again differs from what was shown, in words."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.plan import Plan


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
