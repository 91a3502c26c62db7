"""What a plan or an action works with: the org's client, its settings, and who is who in it at this moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.errors import BadArgument, NotFound
from bot.platform.model import Principal, PrincipalStatus
from platforms.salesforce import grants, people, permissions, queries
from platforms.salesforce.answers import Listing, Query, Row, text
from platforms.salesforce.client import Client
from platforms.salesforce.config import Settings
from platforms.salesforce.people import Directory
from platforms.salesforce.permissions import Columns, Need, Rights


@dataclass(frozen=True, slots=True)
class Org:
    """One piece of work on one org."""

    client: Client
    settings: Settings
    columns: Callable[[], Awaitable[Columns]]

    async def own_id(self) -> str:
        """Id of the bot's own user."""
        return (await self.client.wire.auth.session()).user_id

    async def answers(self, *asked: Query) -> list[Listing]:
        """
        Listings that must all be allowed.

        Raises:
            Forbidden: one is not.
        """
        return await self.client.allowed(asked)

    async def rows(self, query: Query) -> tuple[Row, ...]:
        """The rows of one query."""
        return (await self.client.query(query)).rows

    async def must_see(self, *needs: Need) -> None:
        """
        Make sure of our own rights, without which an answer could silently hold our own rows only.

        Raises:
            Forbidden: one of ``needs`` is not met; the hint says what to tick.
        """
        columns = await self.columns()
        own = await self.client.query(queries.own_permissions(await self.own_id(), columns.permission_set))
        rights = permissions.rights(own, columns)
        for need in needs:
            permissions.require(need, rights, self.client.wire.connection)


@dataclass(frozen=True, slots=True)
class User:
    """A user with what a plan needs beyond the inventory."""

    principal: Principal
    profile_id: str

    @property
    def id(self) -> str:
        """Record id."""
        return self.principal.native_id

    @property
    def username(self) -> str:
        """User name, the word people know it by."""
        return self.principal.username


@dataclass(frozen=True, slots=True)
class Survey:
    """Rights of everybody, and our own, read in one call."""

    org: Org
    columns: Columns
    directory: Directory
    rights: Rights

    def user(self, row: Row) -> User:
        """One User record."""
        return User(self.directory.read(row), text(row, "ProfileId"))

    def require(self, need: Need) -> None:
        """See ``permissions.require``."""
        permissions.require(need, self.rights, self.org.client.wire.connection)

    async def find(self, raw: str) -> User:
        """
        The user with this id, user name or e-mail, read live.

        Raises:
            NotFound: nobody. BadArgument: not a name we can look up, or several people's e-mail.
        """
        wanted = raw.strip()
        by_id = queries.is_id(wanted)
        query = queries.users_by_id([wanted]) if by_id else queries.users_by_address(wanted)
        found = [self.user(row) for row in await self.org.rows(query)]
        exact = [user for user in found if user.username.lower() == wanted.lower()]
        if len(exact or found) == 1:
            return (exact or found)[0]
        if not found:
            raise NotFound(
                f"Salesforce has no user {wanted[:80]!r}. Give a user name, an e-mail or a user id."
            )
        names = ", ".join(sorted(user.username for user in found)[:5])
        raise BadArgument(f"{len(found)} users have that e-mail; give one user name: {names}")

    async def administrators(self) -> frozenset[str]:
        """Active, unfrozen users who may manage users and modify all data: those who can repair the org."""
        profiles = self.directory.profiles or {}
        strong = [p.id for p in profiles.values() if p.held >= _ADMINISTRATORS]
        by_set = [user for user, held in (self.directory.set_rights or {}).items() if held & _ADMINISTRATORS]
        rows = list(await self.org.rows(queries.active_users_of(strong))) if strong else []
        for part in grants.slices(by_set):
            rows += await self.org.rows(queries.users_by_id(part))
        users = [self.user(row) for row in rows]
        return frozenset(
            user.id
            for user in users
            if user.principal.status in {PrincipalStatus.ACTIVE, PrincipalStatus.UNKNOWN}
            and self.directory.held(user.id, user.profile_id) >= _ADMINISTRATORS
        )


_ADMINISTRATORS = frozenset({"PermissionsManageUsers", "PermissionsModifyAllData"})


async def survey(org: Org) -> Survey:
    """Who may do what at this moment. What cannot be seen is unknown in the result, never assumed."""
    columns = await org.columns()
    own, profiles, sets, assignments, frozen = await org.client.queries(
        [
            queries.own_permissions(await org.own_id(), columns.permission_set),
            queries.profiles(columns.profile),
            queries.strong_sets(columns.permission_set, columns.notifier),
            queries.strong_assignments(columns.notifier),
            queries.FROZEN,
        ]
    )
    rights = permissions.rights(own, columns)
    may_see_sets = rights.any(*permissions.PRIVILEGES.any_of)
    may_see_frozen = rights.any(*permissions.FROZEN.any_of)
    now = org.client.wire.now()
    directory = Directory(
        people.profiles(profiles, columns),
        people.set_rights(sets, assignments, columns, now) if may_see_sets else None,
        people.frozen(frozen) if may_see_frozen else None,
    )
    return Survey(org, columns, directory, rights)


def profile_named(survey: Survey, *names: str) -> people.Profile | None:
    """The first of these profiles that the org has, by label without case."""
    by_name = {p.name.casefold(): p for p in (survey.directory.profiles or {}).values()}
    return next((by_name[n.strip().casefold()] for n in names if n.strip().casefold() in by_name), None)


def names_of(users: Sequence[User], limit: int = 5) -> str:
    """User names in words: "a@x, b@x and 3 more"."""
    said = ", ".join(sorted(user.username for user in users)[:limit])
    return said + (f" and {len(users) - limit} more" if len(users) > limit else "")
