"""An account id, and the addresses that follow from it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHAPE = re.compile(r"[A-Za-z0-9]{1,20}(_[A-Za-z0-9]{1,10})?")
WHERE = "Setup > Company > Company Information > Account ID"


@dataclass(frozen=True, slots=True)
class AccountId:
    """One account: ``realm`` as OAuth spells it, ``label`` as host names do. It can hold nothing but these."""

    realm: str  # upper case with underscore: 123456_SB1

    @property
    def label(self) -> str:
        """Lower case with hyphen: ``123456-sb1``."""
        return self.realm.lower().replace("_", "-")

    @property
    def copied(self) -> bool:
        """Whether it is a sandbox or release preview, whose tokens and mappings go at each refresh."""
        return "_" in self.realm

    def host(self, service: str) -> str:
        """The address of ``suitetalk.api``, ``restlets.api`` or ``app``, without a trailing slash."""
        return f"https://{self.label}.{service}.netsuite.com"


def account_id(typed: str) -> AccountId | str:
    """The id, or why ``typed`` is none and how to write it.

    Source: NetSuite help, section_1498251763 (forms of the account id), read 2026-11-24.
    """
    if _SHAPE.fullmatch(typed):
        return AccountId(typed.upper())
    if re.fullmatch(r"[A-Za-z0-9]{1,20}-[A-Za-z0-9]{1,10}", typed):
        return (
            f'that is the form of host names; write "{typed.upper().replace("-", "_")}", as {WHERE} shows it'
        )
    return f'must look like "123456" or "123456_SB1"; copy it from {WHERE}'
