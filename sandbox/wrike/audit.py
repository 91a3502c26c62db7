"""GET /audit_log: for administrators with a certain right, on certain plans, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sandbox.world import Json
from sandbox.wrike.calls import Answer, Call, Endpoint
from sandbox.wrike.entities import AuditRow
from sandbox.wrike.errors import forbidden, invalid_parameter, not_allowed
from sandbox.wrike.paging import PAGED, Pages
from sandbox.wrike.stamps import instant, stamp


class Audit:
    """The log over one account's pages."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def endpoints(self) -> list[Endpoint]:
        params = {"eventDate": "table", "operations": "texts", **PAGED}
        return [Endpoint("GET", "/audit_log", ("amReadOnlyAuditLog",), self.log, params)]

    def log(self, call: Call) -> Answer:
        """Unknown names among `operations` find nothing; nextPageToken overrides everything else."""
        if not call.tenant.plan.audit:
            raise not_allowed("The audit log is not available on this plan")
        call.as_admin()
        if not call.user.reports:
            raise forbidden('The right "Create user activity reports" is missing')
        if (page := self._pages.continued(call, "auditLog")) is not None:
            return page
        start, end = _range(call.given.get("eventDate", {}))
        operations = call.given.get("operations")
        rows = [
            shown(row)
            for row in call.tenant.audit
            if (operations is None or row.operation in operations)
            and (start is None or row.at >= start)
            and (end is None or row.at <= end)
        ]
        most = call.tenant.switches.audit_page_most
        return self._pages.first(call, "auditLog", rows, most=most, counted=True)


def shown(row: AuditRow) -> Json:
    return {
        "id": row.id,
        "operation": row.operation,
        "userId": row.user_id,
        "userEmail": row.user_email,
        "eventDate": stamp(row.at),
        "ipAddress": row.ip,
        "objectType": row.object_type,
        "objectName": row.object_name,
        "objectId": row.object_id,
        "details": dict(row.details),
    }


def _range(given: Mapping[str, object]) -> tuple[datetime | None, datetime | None]:
    if set(given) - {"start", "end"}:
        raise invalid_parameter("eventDate")
    return _instant(given.get("start")), _instant(given.get("end"))


def _instant(text: object) -> datetime | None:
    if text is None:
        return None
    try:
        return instant(str(text))
    except ValueError as problem:
        raise invalid_parameter("eventDate") from problem
