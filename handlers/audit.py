"""The audit log: who did what, when, and proof that nobody changed it since."""

from __future__ import annotations

import re
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
from bot.dispatch import Context, command
from bot.inventory.messages import PAGE, pages
from bot.text import clean, normal_ref, plural

UNSAID = {"facts", "digest"}  # for `audit verify`, not for people
_MEMBER = re.compile(r"[UW][A-Z0-9]{5,}")


@command(
    "audit",
    usage="audit [id] [--since 30d] [--page n]",
    aliases=("trail", "log"),
    flags={"since": Flag(FlagKind.DATE, help="a day, or 30d"), "page": Flag(FlagKind.INT, help="ten a page")},
    examples=("audit", "audit 7K2QXM", "audit --since 7d"),
)
async def audit(context: Context) -> Reply:
    """Who did what, newest first. Each entry is chained to the one before it."""
    since = _since(context)
    subject = context.text if ":" in context.text else normal_ref(context.text)
    page = max(1, int(context.flags.get("page", "1")))
    async with context.services.store.read() as unit:
        rows = await unit[AuditLog].tail(
            PAGE + 1, subject=subject or None, since=since, offset=(page - 1) * PAGE
        )
        seq, head = await unit[AuditLog].head()
    if not rows:
        return Reply(summary="Nothing on record there.", parts=(Para(("Nothing on record there.",)),))
    total = (page - 1) * PAGE + len(rows)
    verb = f"audit {context.text}".strip() + (
        f" --since {context.flags['since']}" if "since" in context.flags else ""
    )
    parts: list[Part] = [Heading("Audit log"), Bullets(tuple(_line(row) for row in rows[:PAGE]))]
    if turning := pages(verb, page, total):
        parts.append(Buttons(turning))
    parts.append(Note((f"page {page} · chain head {seq} ", Code(head[:12]), " · ", Typed(verb))))
    return Reply(summary=f"Audit log: {plural(len(rows[:PAGE]), 'entry', 'entries')}.", parts=tuple(parts))


def _since(context: Context) -> datetime | None:
    typed = context.flags.get("since")
    if typed is None:
        return None
    if typed.endswith("d"):
        return context.services.clock.now() - timedelta(days=int(typed[:-1]))
    return datetime.combine(date.fromisoformat(typed), time(), UTC)


def _line(row: AuditEntry) -> tuple[Span, ...]:
    actor: Span = Mention(row.actor) if row.actor.startswith(("U", "W")) else Data(clean(row.actor, 40))
    told = {name: value for name, value in row.detail.items() if value and name not in UNSAID}
    detail = ", ".join(f"{name.replace('_', ' ')} {clean(value, 80)}" for name, value in told.items())
    before, after = row.said
    spans: list[Span] = [When(row.at, "time"), ": ", "Handover" if row.actor == "system" else actor]
    spans += [f" {before} ", *_subject(row), f" {after}" if after else ""]
    return (*spans, " (", Data(clean(detail, 240)), ").") if detail else (*spans, ".")


def _subject(row: AuditEntry) -> tuple[Span, ...]:
    kind, _, rest = row.subject.partition(":")
    if kind == "safety_limit":
        return (Data(clean(rest, 60)),)
    return (Mention(row.subject),) if _MEMBER.fullmatch(row.subject) else (Code(clean(row.subject, 60)),)
