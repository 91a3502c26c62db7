"""Authenticator apps for approvals: one's own state, and taking somebody's away."""

from __future__ import annotations

from bot.chat.grammar import WordKind
from bot.chat.model import Bullets, Code, Heading, Mention, Note, Para, Part, Reply, Role, Span, When
from bot.dispatch import Context, command
from bot.errors import BadArgument
from bot.people.step_up import RECOVERY_CODES
from bot.text import plural


@command("step-up", usage="step-up", aliases=("2fa", "totp"), examples=("step-up",))
async def step_up(context: Context) -> Reply:
    """Whether you have an authenticator app for approvals that take a code, and how many recovery codes are left."""
    who = context.caller.user_id
    kept, now = await context.services.step_ups.of(who), context.services.clock.now()
    if not kept.enrolled:
        return Reply(
            summary="You have no authenticator app set up for approvals.",
            parts=(
                Para(("You have no authenticator app set up for approvals.",)),
                Para(
                    (
                        "Where an approval takes a code, whoever runs Handover sets one up with you: ",
                        Code(f"python -m bot step-up enroll {who}"),
                        " shows what to scan. The secret never passes through Slack.",
                    )
                ),
            ),
        )
    lines: list[tuple[Span, ...]] = []
    if kept.enrolled_at:
        lines.append(("Set up ", When(kept.enrolled_at, "time")))
    lines.append((f"{len(kept.recovery)} of {plural(RECOVERY_CODES, 'recovery code')} left",))
    if kept.locked(now) and kept.locked_until:
        lines.append(("Locked after wrong codes until ", When(kept.locked_until, "time")))
    elif kept.wrong:
        lines.append((f"{plural(kept.wrong, 'wrong code')} since the last right one",))
    parts: list[Part] = [Heading("Your authenticator app"), Bullets(tuple(lines))]
    if len(kept.recovery) <= 2:
        parts.append(Note(("For new recovery codes, an administrator resets it and you set it up again.",)))
    return Reply(summary="Your authenticator app is set up for approvals.", parts=tuple(parts))


@command(
    "step-up reset",
    usage="step-up reset @person",
    role=Role.ADMIN,
    examples=("step-up reset @ana",),
)
async def reset(context: Context) -> Reply:
    """Take somebody's authenticator app off their approvals, for example after a lost telephone; they are told."""
    people = [word.value for word in context.words if word.kind is WordKind.PERSON]
    if len(context.words) != 1 or len(people) != 1:
        raise BadArgument("Say whose, for example `step-up reset @ana`.")
    if people[0] == context.caller.user_id:
        raise BadArgument("Another administrator has to reset yours; or do it on the command line.")
    await context.services.step_ups.reset(people[0], context.caller.user_id)
    return Reply(
        summary="Reset. They are told.",
        parts=(Para(("Reset. ", Mention(people[0]), " is told, and has to set it up again to approve.")),),
    )
