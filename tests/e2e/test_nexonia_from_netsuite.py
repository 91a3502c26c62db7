"""The forecast from NetSuite's own connection: two platforms, one sync."""

from __future__ import annotations

import pytest
from desk import Desk, words_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
PLATFORMS = ("netsuite", "nexonia")


async def test_netsuite_lists_who_becomes_a_user(desk: Desk) -> None:
    """Employees and vendors come from the NetSuite connection; the sync then does what was foreseen."""
    assert desk.app
    said = words_of(await desk.slash(desk.who("viewer"), "nexonia sync"))
    assert "netsuite:prod" in said
    seen = await desk.app.services.user_sync.look("nexonia:prod")
    rows = (await desk.post("/nexonia/sync", {"today": seen.forecast.rules.today.isoformat()}))["rows"]
    foreseen = {
        (o.action.value, o.user.id if o.user else None) for o in seen.forecast.of("inactivate", "link")
    }  # type: ignore[arg-type]
    assert {(r["action"], r["user_id"]) for r in rows if r["action"] in ("inactivate", "link")} == foreseen
