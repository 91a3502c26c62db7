"""Tables to take away: by file, to whoever asked and nobody else."""

from __future__ import annotations

from bot.audit.repository import AuditLog
from bot.chat.model import Para, Reply, Role
from bot.dispatch import Ask, command
from bot.errors import BadArgument
from bot.findings.export import FINDING_HEADER, finding_rows
from bot.findings.model import FindingState
from bot.findings.repository import FindingRepository, SuppressionRepository
from bot.inventory.export import HEADER, as_csv, as_json, chosen, rows_of
from bot.text import fold, plural

FORMATS = {"csv": as_csv, "json": as_json}
LIVE = frozenset({FindingState.OPEN, FindingState.UNKNOWN})


@command(
    "export",
    usage="export csv|json [findings] [expiring|orphaned|personal|text…]",
    role=Role.OPERATOR,
    examples=("export csv", "export csv expiring", "export json findings salesforce"),
)
async def export(ask: Ask) -> Reply:
    """Send the inventory, or the findings, to your direct messages as a file."""
    words = [word.value for word in ask.words]
    form = words.pop(0).casefold() if words else ""
    if form not in FORMATS:
        raise BadArgument("Say as what: `export csv` or `export json`, and after that what it should hold.")
    what = "inventory"
    if words and words[0].casefold() == "findings":
        what = words.pop(0).casefold()
    now = ask.services.clock.now()
    catalogue = await ask.services.inventory.catalogue()
    if what == "findings":
        async with ask.services.store.read() as unit:
            found = await unit[FindingRepository].all(None, LIVE)
            suppressed = await unit[SuppressionRepository].live(now)
        every = finding_rows(found, suppressed, catalogue)
        rows, header = (
            [row for row in every if all(fold(w) in fold(" ".join(row)) for w in words)],
            FINDING_HEADER,
        )
    else:
        rows, header = rows_of(chosen(catalogue, words, now), catalogue), HEADER
    name = f"handover-{what}-{now:%Y%m%d-%H%M}.{form}"
    async with ask.services.store.write() as unit:  # first the line in the trail, then the file
        detail = {"rows": str(len(rows)), "format": form, "filter": " ".join(words)}
        await unit[AuditLog].append(ask.caller.user_id, f"{what}:exported", name, detail)
    await ask.services.files.give(ask.caller.user_id, name, f"Handover: {what}", FORMATS[form](header, rows))
    text = f"{plural(len(rows), 'row')} sent to your direct messages as {name}."
    return Reply(summary=text, parts=(Para((text, " It names people and their accounts: keep it safe.")),))
