"""Steps of a plan that make, receive, hand over and forget secrets: the verbs of ``Hands.VAULT``.

A plan has a drawer, sealed in the store, for as long as it needs one. Secrets are named by what the consumer
calls them (``token_id``, ``private_key``). Only names, public halves and fingerprints stand in plans and receipts.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.platform.plan import Action, Hands, Step, StepMode, Twin

PRIVATE_KEY = "private_key"
CERTIFICATE = "certificate"
MANUAL = "manual"  # the destination without an address: shown once to whoever carries it over


def _vault(verb: str, **params: str) -> Action:
    return Action(verb=verb, subject="", params=params, hands=Hands.VAULT)


def _listed(names: Sequence[str]) -> str:
    return ",".join(names)


def names_of(action: Action) -> tuple[str, ...]:
    """The secrets that an action of these is about."""
    return tuple(name for name in action.params.get("names", "").split(",") if name)


def has_lines(name: str) -> bool:
    """Whether a secret of that name is a PEM block, of several lines."""
    return name in (PRIVATE_KEY, CERTIFICATE) or name.endswith(("_private_key", "_certificate", "_pem"))


def entered(step: Step) -> bool:
    """Whether a person enters the step's secrets, on the sealed page or the command line."""
    return step.action.hands is Hands.VAULT and step.action.verb == "receive"


def shown(step: Step) -> bool:
    """Whether a person is shown the step's secrets, on the sealed page or the command line."""
    action = step.action
    return (
        action.hands is Hands.VAULT
        and action.verb == "deliver"
        and action.params.get("destination") == MANUAL
    )


def entry(steps: Sequence[Step], step: Step) -> Step | None:
    """Where the secrets of a step are entered: itself, or the one before it, whose secrets it waits to see proven.

    So what was mistyped can be entered anew. None where nothing is entered, and once the proof is there.
    """
    if entered(step):
        return step
    at = steps.index(step)
    before = steps[at - 1] if at else None
    waits = step.mode in (StepMode.GUIDED, StepMode.WATCH) and step.action.hands is not Hands.VAULT
    if before and entered(before) and waits and {*names_of(before.action)} <= {*step.action.uses}:
        return before
    return None


def by_hand(steps: Sequence[Step], step: Step) -> Step | None:
    """The step of those for which a person handles secrets now, by the sealed page or the command line."""
    return step if shown(step) else entry(steps, step)


def make_key(*, algorithm: str, common_name: str, days: int) -> Step:
    """Make a key pair and a self-signed certificate. Facts: ``certificate`` (PEM), ``certificate_sha256``.

    The drawer gets ``private_key`` (PEM, PKCS 8) and ``certificate``. ``algorithm``: ``EC-P256``, ``EC-P384``,
    ``RSA-3072`` or ``RSA-4096``. ``days``: how long the certificate holds, at most 730.
    """
    return Step(
        key="key",
        mode=StepMode.AUTO,
        title="Make a new key pair, whose private half never leaves the vault but for its destination",
        action=_vault("make-key", algorithm=algorithm, common_name=common_name, days=str(days)),
        evidence="the fingerprint of its certificate",
        twin=Twin(
            mode=StepMode.AUTO,
            title="Forget the new key pair",
            action=_vault("forget", names=_listed((PRIVATE_KEY, CERTIFICATE))),
        ),
    )


def make_password(name: str, *, length: int = 32) -> Step:
    """Make a password of ``length`` characters (20 to 128), of every class that vendors ask for."""
    return Step(
        key="password",
        mode=StepMode.AUTO,
        title="Make a new password, which never leaves the vault but for its destination",
        action=_vault("make-password", names=name, length=str(length)),
        evidence="its fingerprint",
        twin=Twin(mode=StepMode.AUTO, title="Forget the new password", action=_vault("forget", names=name)),
    )


def receive(names: Sequence[str], *, title: str, instructions: Sequence[str]) -> Step:
    """Have a person enter secrets that only the platform's own pages show: by the sealed page or the command line."""
    return Step(
        key="receive",
        mode=StepMode.GUIDED,
        title=title,
        action=_vault("receive", names=_listed(names)),
        instructions=tuple(instructions),
        evidence="all of it entered on the sealed page or the command line, and sealed",
        twin=Twin(
            mode=StepMode.AUTO,
            title="Forget what was entered",
            action=_vault("forget", names=_listed(names)),
        ),
    )


def deliver(names: Sequence[str], *, destination: str, consumer: str, made_by: str = "") -> Step:
    """Put secrets where the consumer reads them, read them back, and keep the version before.

    ``made_by``: key of the step whose platform discloses them; empty: they are in the drawer.
    """
    manual = destination == MANUAL
    whom = consumer or "the consumer"
    action = _vault("deliver", names=_listed(names), destination=destination, made_by=made_by)
    return Step(
        key="deliver",
        mode=StepMode.GUIDED if manual else StepMode.AUTO,
        title=f"Give {whom} the new credential" + ("" if manual else f" by {destination}"),
        action=action,
        instructions=(
            f"Open the sealed page, copy each value into {whom}, and say there that it is in place.",
        )
        if manual
        else (),
        evidence="shown once on the sealed page or the command line, and said to be in place"
        if manual
        else "the new version, read back",
        undo=f"give {whom} the old credential again" if manual else "",
        twin=None
        if manual
        else Twin(
            mode=StepMode.AUTO,
            title=f"Put the version before back into {destination}",
            action=_vault("withdraw", names=_listed(names), destination=destination, made_by=made_by),
            evidence="the version before, read back",
        ),
    )
