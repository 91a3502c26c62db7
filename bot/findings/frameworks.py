"""The OWASP Non-Human Identities Top 10 (2025), and the controls of other frameworks that each risk falls under.

Sources, read 2026-11-21: owasp.org/www-project-non-human-identities-top-10/2025/top-10-2025; NIST SP 800-53 r5;
CIS Controls v8; AICPA trust services criteria (2017). The mapping is ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Where auditors find a subject: controls by framework."""

    nist: tuple[str, ...] = ()  # SP 800-53, for example "AC-2(9)"
    cis: tuple[str, ...] = ()  # safeguards, for example "5.5"
    soc2: tuple[str, ...] = ()  # criteria, for example "CC6.1"

    def __post_init__(self) -> None:
        for names, shape in ((self.nist, _NIST), (self.cis, _CIS), (self.soc2, _SOC2)):
            for name in names:
                if not shape.fullmatch(name):
                    raise ValueError(f"{name!r} is no control of that framework")


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One of the ten."""

    id: str
    title: str
    references: References


_NIST = re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?")
_CIS = re.compile(r"\d{1,2}\.\d{1,2}")
_SOC2 = re.compile(r"CC\d\.\d")


def _risk(number: int, title: str, nist: str, cis: str, soc2: str) -> Risk:
    controls = References(nist=tuple(nist.split()), cis=tuple(cis.split()), soc2=tuple(soc2.split()))
    return Risk(id=f"NHI{number}", title=title, references=controls)


RISKS: Mapping[str, Risk] = {
    risk.id: risk
    for risk in (
        _risk(1, "Improper offboarding", "AC-2 AC-2(3) PS-4", "5.3 6.2", "CC6.2 CC6.3"),
        _risk(2, "Secret leakage", "IA-5(7) AU-13", "3.11", "CC6.1"),
        _risk(3, "Vulnerable third-party NHI", "SA-9 SR-6", "15.1", "CC9.2"),
        _risk(4, "Insecure authentication", "IA-5 IA-9", "4.1", "CC6.1"),
        _risk(5, "Overprivileged NHI", "AC-6 AC-6(5)", "5.4 6.8", "CC6.3"),
        _risk(6, "Insecure deployment configuration", "CM-6 SC-7", "4.1", "CC6.6"),
        _risk(7, "Long-lived secrets", "IA-5 SC-12", "5.5", "CC6.1"),
        _risk(8, "Environment isolation", "CM-4(1) SC-7", "16.8", "CC8.1"),
        _risk(9, "NHI reuse", "AC-2(9) IA-4", "5.5", "CC6.1"),
        _risk(10, "Human use of NHI", "AC-2(12) AU-6", "5.5 8.11", "CC6.1"),
    )
}


def references(owasp: Iterable[str]) -> References:
    """The controls that these risks fall under, each once."""
    found = [RISKS[risk].references for risk in owasp]
    return References(
        nist=tuple(dict.fromkeys(name for each in found for name in each.nist)),
        cis=tuple(dict.fromkeys(name for each in found for name in each.cis)),
        soc2=tuple(dict.fromkeys(name for each in found for name in each.soc2)),
    )


SALESFORCE, NETSUITE, WRIKE, NEXONIA = "salesforce", "netsuite", "wrike", "nexonia"
_NO_SECRETS = (
    "No secret of another system reaches us: the inventory holds metadata and fingerprints. Texts and code are not "
    "searched for leaked secrets; that needs a scanner of its own."
)
_ONE_TENANT = (
    "A connection sees one tenant, and no platform says which tenant is for tests. Keep tests in tenants and accounts "
    "of their own."
)
_NO_API = (
    "No public API shows this, so nothing can be concluded. Look at it by hand when accounts are reviewed."
)
REASONS: Mapping[tuple[str, str], str] = {
    ("NHI2", SALESFORCE): _NO_SECRETS,
    ("NHI8", SALESFORCE): _ONE_TENANT,
    ("NHI2", NETSUITE): _NO_SECRETS,
    ("NHI3", NETSUITE): (
        "A listing says which integration records there are, not which of their vendors to trust. `list netsuite` "
        "shows them for review."
    ),
    ("NHI6", NETSUITE): (
        "As far as is known no query shows from which addresses an account may sign in. Look at Setup, Company, Enable "
        "Features, Access."
    ),
    ("NHI8", NETSUITE): f"{_ONE_TENANT} A sandbox refresh revokes its tokens.",
    ("NHI2", WRIKE): _NO_SECRETS,
    ("NHI3", WRIKE): "Wrike's API lists no authorized apps. The account's own page shows them.",
    (
        "NHI4",
        WRIKE,
    ): "Permanent tokens of others cannot be listed; OAuth has the authorization code flow only.",
    ("NHI8", WRIKE): _ONE_TENANT,
    ("NHI1", NEXONIA): (
        "Needs NetSuite's records beside Nexonia's users, which a check of one listing has not. The daily forecast "
        "compares them and raises a P1 alert: `nexonia sync`."
    ),
    ("NHI2", NEXONIA): _NO_SECRETS,
    ("NHI3", NEXONIA): _NO_API,
    ("NHI4", NEXONIA): _NO_API,
    ("NHI5", NEXONIA): _NO_API,
    ("NHI6", NEXONIA): _NO_API,
    ("NHI7", NEXONIA): _NO_API,
    ("NHI8", NEXONIA): _ONE_TENANT,
    ("NHI9", NEXONIA): _NO_API,
    ("NHI10", NEXONIA): _NO_API,
}
