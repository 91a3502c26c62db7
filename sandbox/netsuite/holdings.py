"""What each person holds in this account, as the world shows it: live tokens and certificate mappings."""

from __future__ import annotations

from collections import defaultdict

from sandbox.netsuite.account import Account

_PREFIX = "NetSuite: "


def refresh(account: Account) -> None:
    """Bring everybody's labels up to date; labels of other platforms stay."""
    held = defaultdict[int, list[str]](list)
    for token in account["oauthtoken"]:
        if token["brevoked"] == "F" and token["binactive"] == "F":
            app = account.name("integrationapp", token["tba_app_name"]) or "(deleted integration)"
            held[token["entity_name"]].append(f"{_PREFIX}{app}, token {token['tba_token_name']}")
    for mapping in account.mappings.values():
        if not mapping.revoked:
            app = account.name("integrationapp", mapping.integration) or "(deleted integration)"
            held[mapping.entity].append(f"{_PREFIX}{app}, certificate")
    for person in account.world.people.values():
        others = [label for label in person.holds if not label.startswith(_PREFIX)]
        number = person.ids.get("netsuite")
        person.holds = [*others, *(held[int(number)] if number else ())]
