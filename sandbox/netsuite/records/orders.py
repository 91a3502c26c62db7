"""Sales orders: whoever posts one is its author, which is what System Notes show as "Set By"."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.netsuite.account import RECORD_TYPES, Account
from sandbox.netsuite.tables import Row


def new_order(
    account: Account,
    by: int,
    role: int | None,
    context: str,
    *,
    at: datetime | None = None,
    values: dict[str, Any] | None = None,
) -> Row:
    """A sales order and the two System Notes that its creation leaves."""
    at = at or account.now
    order = account["transaction"].numbered(
        {
            "type": "SalesOrd",
            "recordtype": "salesorder",
            "entity": 5001 + len(account["transaction"]) % 7,
            "trandate": at.date(),
            "createddate": at,
            "createdby": by,
            "lastmodifieddate": at,
            "status": "B",
            "foreigntotal": 19 + len(account["transaction"]) * 7 % 400,
        }
        | (values or {})
    )
    account["transaction"].change(order, tranid=f"SO{order['id']}")
    for field, value in (("TRANDOC.NKEY.CREATED", None), ("TRANDOC.KSTATUS", "Pending Fulfillment")):
        account["systemnote"].insert(
            {
                "record": f"Sales Order #{order['tranid']}", "recordid": order["id"],
                "recordtypeid": RECORD_TYPES["transaction"], "date": at, "name": by, "role": role,
                "context": context, "field": field, "oldvalue": None, "newvalue": value,
            }
        )  # fmt: skip
    return order
