"""The trail: who did what, when, and proof that nobody changed it since."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from bot.audit.model import AuditEntry
from bot.audit.repository import AuditLog
from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import (
    Bullets,
    Buttons,
    Code,
    Data,
    Heading,
    Mention,
    Note,
    Para,
    Part,
    Reply,
    Span,
    Typed,
    When,
)
from bot.dispatch import Ask, command
from bot.inventory.messages import PAGE, pages
from bot.text import clean, normal_ref, plural

UNSAID = {"facts"}  # a digest: for `audit verify`, not for people


@command(
    "audit",
    usage="audit [id] [--since 30d] [--page n]",
    aliases=("trail", "log"),
    flags={"since": Flag(FlagKind.DATE, help="a day, or 30d"), "page": Flag(FlagKind.INT, help="ten a page")},
    examples=("audit", "audit 7K2QXM", "audit --since 7d"),
)
async def audit(ask: Ask) -> Reply:
    """Who did what, newest first; every line is chained to the one before it."""
    since = _since(ask)
    subject = ask.text if ":" in ask.text else normal_ref(ask.text)
    page = max(1, int(ask.flags.get("page", "1")))
    async with ask.services.store.read() as unit:
        rows = await unit[AuditLog].tail(
            PAGE + 1, subject=subject or None, since=since, offset=(page - 1) * PAGE
        )
        seq, head = await unit[AuditLog].head()
    if not rows:
        return Reply(summary="Nothing on record there.", parts=(Para(("Nothing on record there.",)),))
    total = (page - 1) * PAGE + len(rows)
    verb = f"audit {ask.text}".strip() + (f" --since {ask.flags['since']}" if "since" in ask.flags else "")
    parts: list[Part] = [Heading("Audit trail"), Bullets(tuple(_line(row) for row in rows[:PAGE]))]
    if turning := pages(verb, page, total):
        parts.append(Buttons(turning))
    parts.append(Note((f"page {page} · chain head {seq} ", Code(head[:12]), " · ", Typed(verb))))
    return Reply(summary=f"{plural(len(rows[:PAGE]), 'line')} of the trail.", parts=tuple(parts))


def _since(ask: Ask) -> datetime | None:
    typed = ask.flags.get("since")
    if typed is None:
        return None
    if typed.endswith("d"):
        return ask.services.clock.now() - timedelta(days=int(typed[:-1]))
    return datetime.combine(date.fromisoformat(typed), time(), UTC)


def _line(row: AuditEntry) -> tuple[Span, ...]:
    actor: Span = Mention(row.actor) if row.actor.startswith(("U", "W")) else Data(clean(row.actor, 40))
    said = {name: value for name, value in row.detail.items() if value and name not in UNSAID}
    detail = "; ".join(f"{name} {clean(value, 80)}" for name, value in said.items())
    return (
        When(row.at, "time"),
        " · ",
        actor,
        f" · {row.action} ",
        Code(clean(row.subject, 60)),
        " ",
        Data(clean(detail, 240)),
    )
