"""One check at a time: what it looks for, and what it sees now."""

from __future__ import annotations

from bot.chat.grammar import Flag, FlagKind
from bot.chat.model import Bullets, Buttons, Code, Data, Fields, Heading, Para, Part, Reply, Role, Span, Typed
from bot.dispatch import Context, command
from bot.errors import BadArgument
from bot.findings.check import Check
from bot.findings.check_runner import CheckRun
from bot.inventory.messages import PAGE, page_note, page_of, pages
from bot.text import clean, plural

SHOWN = 10


@command(
    "check",
    usage="check [id] [connection] [--page n]",
    role=Role.OPERATOR,
    flags={"page": Flag(FlagKind.INT, help="ten a page")},
    examples=("check", "check salesforce.soap-login", "check account-shared salesforce:prod"),
)
async def run_check(context: Context) -> Reply:
    """Run one check now over a fresh listing, without keeping the result; without an id, list the checks."""
    if not context.words:
        return _listed(context)
    if len(context.words) > 2:
        raise BadArgument("Name one check and at most one connection: `check salesforce.soap-login`.")
    check_runner = context.services.check_runner
    check = check_runner.named(context.words[0].value)
    where = check_runner.places(check, context.words[1].value if len(context.words) > 1 else "")
    parts: list[Part] = [Heading(check.title), *_about(check)]
    found = 0
    for connection in where:
        trial = await check_runner.run(check, connection)
        found += len(trial.findings)
        parts += _seen(trial)
    parts.append(Para(("Nothing of this was kept. ", Typed("findings"), " shows what scans found.")))
    summary = f"{check.id}: {plural(found, 'finding')}. {check.remedy if found else 'Nothing to do.'}"
    return Reply(summary=summary, parts=tuple(parts))


def _about(check: Check) -> tuple[Part, ...]:
    controls = check.references
    pairs: list[tuple[str, tuple[Span, ...]]] = [
        ("Check", (Code(check.id),)),
        ("Severity", (check.severity.value,)),
        ("OWASP NHI", (", ".join(check.owasp) or "none",)),
        ("NIST 800-53", (", ".join(controls.nist) or "none",)),
        ("CIS v8", (", ".join(controls.cis) or "none",)),
        ("SOC 2", (", ".join(controls.soc2) or "none",)),
    ]
    return Para((check.risk,)), Para(("Do this: ", check.remedy)), Fields(tuple(pairs))


def _seen(trial: CheckRun) -> list[Part]:
    if trial.error:
        return [Para((Data(trial.connection, strong=True), " could not be looked at, so nothing is known: ",
                      Data(clean(trial.error, 300))))]  # fmt: skip
    parts: list[Part] = [
        Para((Data(trial.connection, strong=True), f": {plural(len(trial.findings), 'finding')}."))
    ]
    if trial.findings:
        lines = tuple((Data(clean(finding.evidence, 250)),) for finding in trial.findings[:SHOWN])
        parts.append(Bullets(lines))
    if len(trial.findings) > SHOWN:
        parts.append(Para((f"… and {len(trial.findings) - SHOWN} more.",)))
    if trial.blind:
        areas = ", ".join(area.value for area in trial.blind)
        parts.append(
            Para(
                (f"Not fully visible: {areas}. There may be more. ", Typed("status"), " says how to fix it.")
            )
        )
    return parts


def _listed(context: Context) -> Reply:
    checks = context.services.evaluator.checks
    page = page_of(context.flags.get("page"), len(checks))
    shown = checks[(page - 1) * PAGE : page * PAGE]
    lines = tuple((f"{c.severity.value} ", Code(c.id), f"  {c.title}") for c in shown)
    parts: list[Part] = [Heading("Checks"), Bullets(lines)]
    if turning := pages("check", page, len(checks)):
        parts.append(Buttons(turning))
    parts.append(
        page_note(page, len(checks), (Typed(f"check {shown[0].id}" if shown else "check"), " runs one"))
    )
    return Reply(summary=f"{plural(len(checks), 'check')}. Each can be run by itself.", parts=tuple(parts))
