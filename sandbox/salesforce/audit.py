"""The setup audit trail, in the vendor's action names."""

from sandbox.salesforce.org import Org
from sandbox.salesforce.tables import Row


def note(
    org: Org, actor_id: str | None, action: str, section: str, display: str, *, at: str | None = None
) -> Row:
    """
    Write a row. `actor_id` None stands for the vendor itself; `at` is a wire instant, now by default.

    Source: Object Reference, SetupAuditTrail, and facts gathered on its Action values, read 2026-11-21.
    """
    return org["SetupAuditTrail"].insert(
        {
            "Action": action,
            "Section": section,
            "Display": display,
            "CreatedDate": at or org.stamp,
            "CreatedById": actor_id,
        }
    )
