"""The way back: which steps of a plan can still be taken back, and the steps that do it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bot.domain.plan import Action, Plan, Receipt, Step, StepMode

PREFIX = "undo:"


def to_take_back(plan: Plan, receipts: Mapping[str, Receipt], intended: Collection[str]) -> tuple[str, ...]:
    """
    Keys of the steps to take back, the last one first. ``intended``: keys of what we ever set out to do ourselves.

    What was so already before the plan is left as it is. A step that may have happened without a receipt is
    taken back too: its twin looks first. What a person may have begun counts as begun.
    """
    begun = len(receipts) + 1  # the one after the last receipt may have begun
    keys = []
    for step in plan.steps[:begun]:
        receipt = receipts.get(step.key)
        ours = step.key in intended if receipt is None else receipt.acted
        if (step.twin or step.undo) and (ours or step.mode is not StepMode.AUTO):
            keys.append(step.key)
    return tuple(reversed(keys))


def undoing(plan: Plan, keys: Sequence[str]) -> tuple[Step, ...]:
    """The steps that take those of ``keys`` back, in that order. Where only words say how, a person signs for it."""
    by_key = {step.key: step for step in plan.steps}
    return tuple(_back(by_key[key]) for key in keys)


def _back(step: Step) -> Step:
    if twin := step.twin:
        return Step(
            key=PREFIX + step.key,
            mode=twin.mode,
            title=twin.title,
            action=twin.action,
            instructions=twin.instructions,
            evidence=twin.evidence,
        )
    return Step(
        key=PREFIX + step.key,
        mode=StepMode.ATTESTED,
        title=step.undo[:1].upper() + step.undo[1:],
        action=Action(verb="attest", subject=""),
        evidence="the word of whoever did it",
    )
