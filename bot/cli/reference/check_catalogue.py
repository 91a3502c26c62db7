"""What is looked for in every listing."""

from __future__ import annotations

from bot.app import checks
from bot.cli.reference.markdown import code, table
from bot.domain.check import Check

TITLE = "Checks"
INTRO = """
Every scan runs these over the listing of a connection; `/svc findings` shows what they found. P1 means act now, P2
this week, P3 at the next review. Where the bot cannot see an area that a check needs, its findings become
*unknown*: they are neither open nor resolved. NHI numbers are those of the OWASP Non-Human Identities Top 10
(2025).
"""


def body() -> str:
    """A table of all, then each."""
    found = checks()
    overview = table(
        ("check", "severity", "bad state", "OWASP"),
        ((f"[`{c.id}`](#{_anchor(c)})", c.severity.value, c.title, ", ".join(c.owasp)) for c in found),
    )
    return "\n\n".join([overview, *map(_one, found)])


def _one(check: Check) -> str:
    needs = ", ".join(code(area.value) for area in check.needs) or "nothing beyond the listing"
    return "\n\n".join(
        [
            f"## {check.id}",
            f"**{check.title}.** Severity {check.severity.value}.",
            f"Risk: {check.risk}",
            f"What to do: {check.remedy}",
            f"Platforms: {', '.join(check.platforms)}. Needs to see: {needs}.",
        ]
    )


def _anchor(check: Check) -> str:
    """As renderers make it of the heading: lower case, dots gone."""
    return check.id.lower().replace(".", "")
