"""The pretended org: its tables, its apps, its sessions, its clock. No rule lives here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address

from sandbox.salesforce.apps import App
from sandbox.salesforce.catalogue import catalogue
from sandbox.salesforce.cursors import Cursors
from sandbox.salesforce.ids import Mint
from sandbox.salesforce.profiles import IpRange, Restrictions
from sandbox.salesforce.sessions import Session
from sandbox.salesforce.stamps import stamp
from sandbox.salesforce.switches import Switches
from sandbox.salesforce.tables import Row, Table
from sandbox.salesforce.usage import Usage
from sandbox.world import World


class Org:
    """
    Everything the stand-in remembers.

    Tables are reached by object name (`org["User"]`). One event loop owns it; every operation is
    synchronous, so that a request sees and leaves a consistent org.
    """

    def __init__(self, world: World, switches: Switches) -> None:
        self.world = world
        self.switches = switches
        self.mint = Mint()
        self._undo: list[Callable[[], None]] | None = None
        self._tables = {k: Table(kind, self.mint, self.on_undo) for k, kind in catalogue().items()}
        self.apps: dict[str, App] = {}
        """By consumer key."""
        self.private_keys: dict[str, str] = {}
        """PEM by app name, for the apps whose other half the sandbox hands out."""
        self.sessions: dict[str, Session] = {}
        """By access token."""
        self.codes: dict[str, tuple[str, str, datetime]] = {}
        """Authorisation codes: consumer key, user Id, end of their life."""
        self.people: dict[str, str] = {}
        """User Id to the e-mail by which the world knows the person."""
        self.restrictions: dict[str, Restrictions] = {}
        """Login IP ranges and hours by profile Id."""
        self.defaults: dict[str, str] = {}
        """Org-wide posts that keep a user from being deactivated: role to user Id."""
        self.leavers: dict[str, datetime] = {}
        """User Id to the instant at which the administrator will deactivate them."""
        self.enforce_ip_every_request = False
        """Session setting: profile ranges bind every call, not only logins."""
        self.trusted_ranges: tuple[IpRange, ...] = ()
        """Org-wide trusted addresses: they spare a challenge, and keep nobody out."""
        self.networks: list[tuple[IPv4Network | IPv6Network, str]] = []
        """Which country an address belongs to."""
        self.usernames_elsewhere: set[str] = set()
        """Usernames that other orgs have taken; they are unique across all of them."""
        self.usage = Usage()
        self.cursors = Cursors()
        self.base_url = ""

    def __getitem__(self, name: str) -> Table:
        return self._tables[name.lower()]

    @property
    def now(self) -> datetime:
        """The world's clock."""
        return self.world.now

    @property
    def stamp(self) -> str:
        """The world's clock in wire form."""
        return stamp(self.world.now)

    @property
    def row(self) -> Row:
        """The only Organization row."""
        return next(iter(self["Organization"]))

    @property
    def my_domain_url(self) -> str:
        """The address the org would have at the vendor; JWTs may name it as audience."""
        return f"https://{self.switches.my_domain}.my.salesforce.com"

    def country_of(self, address: str) -> str | None:
        """The ISO country of an address, where it is known."""
        try:
            found = ip_address(address)
        except ValueError:
            return None
        return next((country for network, country in self.networks if found in network), None)

    @property
    def administrator(self) -> Row:
        """The user in whose name the world's levers are pulled."""
        return self["User"].where("Username", f"admin@{self.world.company.domain}")[0]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All changes to rows inside are undone when the block raises."""
        outer, self._undo = self._undo, []
        try:
            yield
        except BaseException:
            steps, self._undo = self._undo, None
            for step in reversed(steps):
                step()
            self._undo = outer
            raise
        done, self._undo = self._undo, outer
        if outer is not None:
            outer.extend(done)

    def on_undo(self, back: Callable[[], None]) -> None:
        """Have a step taken back if the transaction under way, if any, fails."""
        if self._undo is not None:
            self._undo.append(back)
