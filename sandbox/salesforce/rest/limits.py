"""The allowances of the org and what is left of them."""

from sandbox.salesforce.errors import ApiError, insufficient_access
from sandbox.salesforce.licences import total_user_licences
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest.calls import Call, Reply, Route, route
from sandbox.salesforce.usage import daily_allowance


class Limits:
    """The limits resource, and the gate that closes when the day's calls are used up."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def routes(self) -> list[Route]:
        """Its address."""
        return [route("GET", r"/limits", self.all)]

    def all(self, call: Call) -> Reply:
        """
        Maximum and remainder by name. Storage is shown only to those who manage users.

        Source: REST API Developer Guide, "Limits", read 2026-11-21.
        """
        if "ViewSetup" not in call.caller.held:
            raise insufficient_access()
        spent, most = self.spent()
        found = {
            "ConcurrentAsyncGetReportInstances": {"Max": 200, "Remaining": 200},
            "ConcurrentSyncReportRuns": {"Max": 20, "Remaining": 20},
            "DailyApiRequests": {"Max": most, "Remaining": max(0, most - spent)},
            "DailyAsyncApexExecutions": {"Max": 250000, "Remaining": 249000},
            "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
            "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
            "DailyWorkflowEmails": {"Max": 100000, "Remaining": 100000},
            "HourlyODataCallout": {"Max": 20000, "Remaining": 20000},
            "SingleEmail": {"Max": 5000, "Remaining": 5000},
        }
        if "ManageUsers" in call.caller.held:
            found["DataStorageMB"] = {"Max": 10240, "Remaining": 7391}
            found["FileStorageMB"] = {"Max": 10240, "Remaining": 9844}
        return Reply(body=found)

    def spent(self) -> tuple[int, int]:
        """Calls made in the rolling day, and how many may be made."""
        most = daily_allowance(total_user_licences(self._org), self._org.switches.daily_api_requests)
        return self._org.usage.spent(self._org.now), most

    def spend(self) -> None:
        """
        Count a call.

        Raises:
            ApiError: REQUEST_LIMIT_EXCEEDED with status 403; there is no 429 and no Retry-After.
        """
        spent, most = self.spent()
        if spent >= most:
            raise exhausted("TotalRequests Limit exceeded.")
        self._org.usage.spend(self._org.now)

    def header(self) -> dict[str, str]:
        """The header that every data response carries."""
        spent, most = self.spent()
        return {"Sforce-Limit-Info": f"api-usage={spent}/{most}"}


def exhausted(message: str) -> ApiError:
    """The refusal for a used-up allowance."""
    return ApiError(403, "REQUEST_LIMIT_EXCEEDED", message)
