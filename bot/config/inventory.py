"""[inventory], [[integrations]] and [policies]: what the business knows of its applications, and what it decided."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from bot.config.policies import Accounts, Administrator, MustOwn, Policies
from bot.config.table import Section
from bot.platform.model import CredentialKind


class InventorySettings(Section):
    """[inventory]: what counts as an integration."""

    everyday_apps: tuple[str, ...] = Field(
        ("Salesforce for iOS", "Salesforce for Android"),
        description="apps people use themselves: their grants are listed with --all, and never alarm anybody",
    )


class IntegrationSettings(Section):
    """[[integrations]]: what the business knows of an application. The first that fits an application holds."""

    application: str = Field(min_length=1, description="its name on the platform; * stands for anything")
    connection: str = Field("*", description="for which connections, for example salesforce:*")
    criticality: Literal["low", "normal", "high"] = Field(
        "normal", description="approval rules can ask for it"
    )
    consumer: str = Field("", description="who holds the credential, for example Shopify connector")
    destination: str = Field(
        "manual", description='where new secrets go: a name of [destinations], or "manual"'
    )


class PolicySettings(Section):
    """[policies]: what checks hold the inventory against. Where the vendors disagree, both sides stand here."""

    accounts: Accounts = Field(
        Accounts.DEDICATED,
        description="one integration account for each integration, or shared. An integrator's guide says an account "
        "need not be dedicated to one application; Wrike's guide says one for each system; Salesforce's help shows "
        "one user for every integration; OWASP NHI9 warns of reuse. Each account costs a licence",
    )
    administrator: Administrator = Field(
        Administrator.FORBIDDEN,
        description="whether an integration account may be an administrator. The NetSuite Connector guide asks for "
        "the Administrator role; Salesforce consultants say never; OWASP NHI5 and NIST AC-6 say least privilege. "
        "NetSuite lets nobody change an administrator's record by API",
    )
    must_own: MustOwn = Field(
        MustOwn.OWNER,
        description="who must answer for an integration. CIS 5.5 asks for an owner and a review; the guides for an "
        "administrator who reassigns everything when somebody leaves",
    )
    attest_days: int = Field(
        90,
        ge=1,
        le=366,
        description="days until an owner is asked again whether it is theirs; CIS 5.5: quarterly",
    )
    oldest_days: int = Field(
        365,
        ge=0,
        description="days a credential may live, where its kind has no age of its own; 0 for any. NetSuite's tokens "
        "never end by themselves, its certificates after two years; OWASP NHI7 warns of long-lived secrets",
    )
    ages_days: dict[str, Annotated[int, Field(ge=0)]] = Field(
        default_factory=dict, description="the same by kind of credential, for example oauth_grant = 180"
    )
    usage_interval_h: dict[str, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict,
        description='hours between two uses of an integration, by its name, for example "Payroll export" = 744; '
        "without it the rhythm is learnt from its use",
    )

    @field_validator("ages_days")
    @classmethod
    def _of_kinds_there_are(cls, ages: dict[str, int]) -> dict[str, int]:
        known = [kind.value for kind in CredentialKind]
        for kind in ages:
            if kind not in known:
                raise ValueError(f"no kind of credential is called that; there are {', '.join(known)}")
        return ages

    def policies(self) -> Policies:
        """The same as checks read it."""
        return Policies(**self.model_dump())
