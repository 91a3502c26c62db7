"""Why some of the ten risks have no check on a platform. A check that is added there makes its reason unseen."""

from __future__ import annotations

from collections.abc import Mapping

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
    ("NHI8", NETSUITE): f"{_ONE_TENANT} A sandbox refresh ends its tokens by itself.",
    ("NHI2", WRIKE): _NO_SECRETS,
    ("NHI3", WRIKE): "Wrike lists nobody's authorised apps by API; the account's own list shows them.",
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
