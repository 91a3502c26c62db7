"""The made-up org is consistent and holds what the demo promises."""

from __future__ import annotations

from sandbox.company import load
from sandbox.salesforce import Salesforce
from sandbox.salesforce.access import permissions
from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.org import Org
from sandbox.world import World


def test_references_lead_to_rows(org: Org) -> None:
    """No seeded row points at an Id that does not exist."""
    for kind in catalogue().values():
        for row in org[kind.name]:
            for column in kind.fields:
                tables = [org[name] for name in column.refers_to if name.lower() in catalogue()]
                value = row[column.name]
                if tables and value is not None:
                    assert any(table.get(value) for table in tables), (kind.name, column.name, value)


def test_every_integration_has_its_app_and_its_actor(org: Org) -> None:
    """Each integration of the company file has an app that really acts as the one it names."""
    for integration in org.world.company.integrations:
        app = next(app for app in org.apps.values() if app.label == integration.name)
        user = org["User"].where("Username", integration.acts_as)[0]
        grants = [row["UserId"] for row in org["OauthToken"].where("AppMenuItemId", app.menu_item_id)]
        if integration.kind == "oauth":
            assert user["Id"] in grants
        elif integration.kind == "client_credentials":
            assert app.run_as == integration.acts_as
        elif integration.kind == "jwt":
            assert app.certificate is not None


def test_what_the_demo_needs_is_there(org: Org) -> None:
    """A frozen person, an inactive one with grants, a person as run-as user, odd logins, an old API version."""
    assert any(row["IsFrozen"] for row in org["UserLogin"])
    inactive = {user["Id"] for user in org["User"] if not user["IsActive"]}
    assert any(grant["UserId"] in inactive for grant in org["OauthToken"])
    assert any(app.run_as in org.world.people for app in org.apps.values())
    statuses = {row["Status"] for row in org["LoginHistory"]}
    assert {
        "Failed: API-only user",
        "Restricted IP",
        "Restricted time",
        "User is inactive",
        "Invalid password",
    } <= statuses
    assert "37.0" in {row["ApiVersion"] for row in org["LoginHistory"]}


def test_people_know_what_they_hold(org: Org) -> None:
    """The world shows each person's credentials and their Id in the org."""
    alice = org.world.people["alice.doherty@larkspur.example"]
    assert {"Salesforce: Shopify connector", "Salesforce: Celigo, run-as user"} <= set(alice.holds)
    assert org["User"].get(alice.ids["salesforce"])["Email"] == alice.email  # type: ignore[index]


def test_licences_add_up(org: Org) -> None:
    """Used licences are the active users of each licence, never more than there are."""
    for licence in org["UserLicense"]:
        profiles = {row["Id"] for row in org["Profile"].where("UserLicenseId", licence["Id"])}
        users = [user for user in org["User"] if user["IsActive"] and user["ProfileId"] in profiles]
        assert licence["UsedLicenses"] == len(users) <= licence["TotalLicenses"]


def test_the_bot_may_do_its_work_and_no_more(org: Org) -> None:
    """The bot's user is API only, manages users and metadata, and cannot read or change all data."""
    bot = org["User"].where("Username", "handover@integrations.larkspur.example")[0]
    held = permissions(org, bot["Id"])
    assert {"ApiUserOnly", "ManageUsers", "CustomizeApplication", "ModifyMetadata", "ViewSetup"} <= held
    assert not {"ModifyAllData", "ViewAllData"} & held


def test_scale() -> None:
    """Ten thousand people seed with their users and at least 4,500 grants."""
    stand_in = Salesforce(World(load(people=10_000)))
    assert len(stand_in.org["User"]) > 9_900
    assert len(stand_in.org["OauthToken"]) > 4_500


def test_a_world_without_the_demo_people(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """A company file of one's own works: the estate's entries about unknown people are left out."""
    text = """
    [company]
    name = "Tiny"
    domain = "tiny.example"
    [[people]]
    email = "a@tiny.example"
    name = "Ann A"
    title = "All of it"
    department = "IT"
    slack_role = "admin"
    platforms = ["salesforce"]
    tz = "Europe/Berlin"
    [[integrations]]
    name = "Own thing"
    platform = "salesforce"
    kind = "oauth"
    acts_as = "a@tiny.example"
    consumer = "A cupboard"
    cadence = "1h"
    """
    path = tmp_path / "tiny.toml"
    path.write_text(text)
    org = Salesforce(World(load(path))).org
    assert [row["AppName"] for row in org["OauthToken"] if row["AppName"] == "Own thing"] == ["Own thing"]
    assert "Marketo sync" not in [app.label for app in org.apps.values()]
