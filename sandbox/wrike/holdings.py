"""What each person holds in this account, as the world shows it: permanent tokens and flows' connections."""

from __future__ import annotations

from sandbox.wrike.flows import Flows
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import Tokens

_PREFIX = "Wrike "


def refresh(tenant: Tenant, tokens: Tokens, flows: Flows) -> None:
    """Write the labels into the people of the world, and who of them is deactivated here."""
    held: dict[str, list[str]] = {}
    for token in tokens.permanent.values():
        if not token.revoked:
            held.setdefault(token.user_id, []).append(f"{_PREFIX}permanent token: {token.label}")
    for flow in flows.all.values():
        if flow.grant is not None and not flow.grant.revoked:
            held.setdefault(flow.grant.user_id, []).append(f"{_PREFIX}Integrate: {flow.name}")
    for person in tenant.world.people.values():
        contact = tenant.contacts.get(person.ids.get("wrike", ""))
        if contact is None:
            continue
        others = [label for label in person.holds if not label.startswith(_PREFIX)]
        person.holds = [*others, *held.get(contact.id, [])]
        if contact.active and not contact.deleted:
            person.inactive.discard("wrike")
        else:
            person.inactive.add("wrike")
