"""What is looked for in every listing."""

from __future__ import annotations

from bot.cli.reference.markdown import code, table
from bot.connections import builders, checks
from bot.findings.check import Check
from bot.findings.frameworks import REASONS, RISKS

TITLE = "Checks"
INTRO = """
Every scan runs these over the listing of a connection; `/svc findings` shows what they found. P1 means act now, P2
this week, P3 at the next review. Where the bot cannot see an area that a check needs, its findings become
*unknown*: they are neither open nor resolved. NHI numbers are those of the OWASP Non-Human Identities Top 10
(2025); the NIST SP 800-53, CIS Controls v8 and SOC 2 references are those that the risk falls under.

Each can be run by itself, on a fresh listing and without keeping anything: `/svc check ID`, or
`python -m bot check ID` in a shell.
"""


def body() -> str:
    """The ten risks on each platform, a table of all, then each."""
    found = checks()
    overview = table(
        ("check", "severity", "bad state", "OWASP"),
        ((f"[`{c.id}`](#{_anchor(c)})", c.severity.value, c.title, ", ".join(c.owasp)) for c in found),
    )
    return "\n\n".join(
        ["## The ten risks on each platform", coverage(found), "## All checks", overview, *map(_one, found)]
    )


def coverage(found: tuple[Check, ...]) -> str:
    """For each of the ten risks and each platform: the checks, or why there can be none."""
    platforms = sorted(builders())
    rows = (
        (f"{risk.id} {risk.title}", *(_cell(risk.id, platform, found) for platform in platforms))
        for risk in RISKS.values()
    )
    return table(("risk", *platforms), rows)


def _cell(risk: str, platform: str, found: tuple[Check, ...]) -> str:
    there = [code(c.id) for c in found if risk in c.owasp and platform in c.platforms]
    return ", ".join(there) or REASONS.get((risk, platform), "")


def _one(check: Check) -> str:
    needs = ", ".join(code(area.value) for area in check.needs) or "nothing beyond the listing"
    return "\n\n".join(
        [
            f"## {check.id}",
            f"**{check.title}.** Severity {check.severity.value}.",
            f"Risk: {check.risk}",
            f"What to do: {check.remedy}",
            f"Platforms: {', '.join(check.platforms)}. Needs to see: {needs}.",
            *_references(check),
        ]
    )


def _references(check: Check) -> tuple[str, ...]:
    controls = check.references
    named = (
        ("OWASP NHI", check.owasp), ("NIST", controls.nist), ("CIS", controls.cis), ("SOC 2", controls.soc2)
    )  # fmt: skip
    said = "; ".join(f"{name} {', '.join(listed)}" for name, listed in named if listed)
    return (f"{said}.",) if said else ()


def _anchor(check: Check) -> str:
    """As renderers make it of the heading: lower case, dots gone."""
    return check.id.lower().replace(".", "")
