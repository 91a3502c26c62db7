"""Whatever JSON a client sends, the data API answers it or refuses it in its own words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.salesforce import assignments, users
from sandbox.salesforce.access import permissions
from sandbox.salesforce.callers import Caller
from sandbox.salesforce.errors import ApiError
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records
from sandbox.salesforce.rest.calls import Call
from sandbox.salesforce.rest.endpoints import Endpoints
from sandbox.salesforce.rest.limits import Limits

BOT = "handover@integrations.larkspur.example"
KEYS = [
    "records",
    "ids",
    "fields",
    "attributes",
    "type",
    "User",
    "allOrNone",
    "compositeRequest",
    "batchRequests",
    "method",
    "url",
    "body",
    "referenceId",
    "httpHeaders",
    "Username",
    "Id",
    "NewPassword",
    "IsActive",
    "ProfileId",
    "Metadata",
]
PATHS = (
    "/sobjects/User", "/sobjects/UserLogin", "/sobjects/PermissionSetAssignment", "/composite", "/composite/batch",
    "/composite/sobjects", "/composite/sobjects/User", "/query", "/tooling/query", "/limits", "/sobjects/User/x",
    "/tooling/sobjects/Profile/x", "/nowhere",
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(KEYS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def endpoints(org: Org) -> Endpoints:
    return Endpoints(org, Records(org, users.RULES | assignments.RULES), Limits(org))


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(PATHS), st.sampled_from(("GET", "POST", "PATCH", "DELETE", "HEAD")), json_values)
def test_any_body(org: Org, endpoints: Endpoints, path: str, method: str, body: Any) -> None:
    """No body makes a handler fail: the outcome is a reply, or a refusal with status and code."""
    user = org["User"].where("Username", BOT)[0]
    call = Call(method, path, {}, body, Caller(user, permissions(org, user["Id"])), "65.0")
    try:
        reply = endpoints._router.answer(call)
    except ApiError as refused:
        status, code = refused.status, refused.code
    else:
        status, code = reply.status, "fine"
    assert 200 <= status < 500
    assert code
