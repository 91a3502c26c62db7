"""The account as plans need it: one employee, one token, the roles, read live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import BadArgument, NotFound
from bot.platform.model import Application, Principal, PrincipalStatus
from bot.platform.ports import Memory
from bot.text import clean
from platforms.netsuite import applications, tokens, trail
from platforms.netsuite.account_self import Me, me
from platforms.netsuite.capabilities import Capabilities
from platforms.netsuite.client import Client
from platforms.netsuite.config import Settings
from platforms.netsuite.employees import EMPLOYEES, Directory
from platforms.netsuite.roles import ADMINISTRATOR, Assignments, Roles, read_roles
from platforms.netsuite.rows import Row, key, text
from platforms.netsuite.sight import Sight
from platforms.netsuite.suiteql import Select, quoted, record_id
from platforms.netsuite.tokens import Token


@dataclass(frozen=True, slots=True)
class Employee:
    """One employee, with the row it was read from."""

    principal: Principal
    row: Row

    @property
    def id(self) -> str:
        """Internal id."""
        return self.principal.native_id

    @property
    def username(self) -> str:
        """What people call them."""
        return self.principal.username

    @property
    def active(self) -> bool:
        """Whether they may sign in."""
        return self.principal.status is PrincipalStatus.ACTIVE


@dataclass(slots=True)
class Scene:
    """One piece of planning or doing. What is asked for twice is read once."""

    client: Client
    memory: Memory
    capabilities: Capabilities
    _roles: Roles | None = None
    _me: Me | None = None
    _sight: Sight = field(default_factory=Sight)

    @property
    def settings(self) -> Settings:
        """Those of the connection."""
        return self.client.wire.settings

    async def me(self) -> Me:
        """Who we are."""
        if self._me is None:
            self._me = await me(self.client)
        return self._me

    async def roles(self) -> Roles:
        """All roles and who holds which; None in it marks what could not be seen."""
        if self._roles is None:
            by_id, seen = await read_roles(self.client, self._sight)
            rows = {key(row, "id"): row for row in await self._rows(())}
            of_entity = await Assignments().bring_up_to_date(self.client, self._sight, rows, None)
            self._roles = Roles(by_id=by_id, permissions_seen=seen, of_entity=of_entity)
        return self._roles

    async def find(self, named: str) -> Employee:
        """The one employee with that e-mail, entity id or internal id.

        Raises:
            NotFound, BadArgument: none, or several.
        """
        wanted = named.strip().lower()
        either = [f"LOWER(t.email) = {quoted(wanted)}", f"LOWER(t.entityid) = {quoted(wanted)}"]
        if wanted.isdecimal():
            either = [f"t.id = {record_id(wanted)}"]
        rows = await self._rows((f"({' OR '.join(either)})",))
        if not rows:
            raise NotFound(
                f"NetSuite shows the bot no employee “{clean(named, 60)}”. Use the e-mail or internal id."
            )
        if len(rows) > 1:
            ids = ", ".join(key(row, "id") for row in rows[:5])
            raise BadArgument(
                f"{len(rows)} employees answer to “{clean(named, 60)}”. Use an internal id: {ids}."
            )
        return await self._employee(rows[0])

    async def employee(self, id_: str) -> Employee | None:
        """The employee with that internal id, if we see one."""
        rows = await self._rows((f"t.id = {record_id(id_)}",))
        return await self._employee(rows[0]) if rows else None

    async def token(self, id_: str) -> Token | None:
        """One access token."""
        rows = await self.client.every("read the token", tokens.of(token=id_))
        return tokens.read(rows[0]) if rows else None

    async def tokens(self, *, application_id: str = "", entity: str = "") -> list[Token]:
        """Access tokens of an application, of somebody, or of both."""
        asked = tokens.of(application_id=application_id, entity=entity)
        return [tokens.read(row) for row in await self.client.every("list tokens", asked)]

    async def application(self, *, name: str = "", id_: str = "") -> Application | None:
        """An integration record, where the bot may see them.

        Raises:
            Forbidden: it may not.
        """
        where = f"t.name = {quoted(name)}" if name else f"t.id = {record_id(id_)}"
        select = Select(
            columns=applications.INTEGRATIONS.columns, table="integrationapp", where=(where,), order="t.id"
        )
        rows = await self.client.every("read the integration record", select)
        if not rows:
            return None
        row = rows[0]
        return Application(
            native_id=key(row, "id"), name=text(row, "name"), kind=applications.KIND, state=text(row, "state")
        )

    async def administrators(self) -> frozenset[str] | None:
        """Active employees with the Administrator role; None where that cannot be seen."""
        roles = await self.roles()
        if roles.of_entity is None:
            return None
        held = roles.holders(ADMINISTRATOR)
        rows = await self._rows(("t.isinactive = 'F'", "t.giveaccess = 'T'"))
        return frozenset(key(row, "id") for row in rows if key(row, "id") in held)

    async def uses(
        self, *, days: int = 90, application: str = "", entity: str = ""
    ) -> Mapping[trail.Used, trail.Use]:
        """How sign-ins went lately.

        Raises:
            Forbidden: the audit trail cannot be seen.
        """
        where = trail.concerning(application=application, entity=entity)
        return await trail.grouped(self.client, days, *where)

    async def employees(self, where: tuple[str, ...]) -> list[Employee]:
        """Some employees; ``where`` is made by ``suiteql``."""
        roles = await self.roles()
        return [self.read(row, roles) for row in await self._rows(where)]

    async def rows(self) -> list[Row]:
        """The row of every employee."""
        return await self._rows(())

    def read(self, row: Row, roles: Roles) -> Employee:
        """An employee of a row."""
        directory = Directory(settings=self.settings, roles=roles, interactive=frozenset())
        return Employee(directory.read(row), row)

    async def _rows(self, where: tuple[str, ...]) -> list[Row]:
        select = Select(columns=EMPLOYEES.columns, table="employee", where=where, order="t.id")
        return await self.client.every("read employees", select)

    async def _employee(self, row: Row) -> Employee:
        return self.read(row, await self.roles())
