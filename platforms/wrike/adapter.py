"""The Wrike adapter: the port of ``bot.platform.ports`` over one account."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot import http
from bot.errors import AuthFailed, BadArgument, ConfigError, Forbidden, NotSupported
from bot.platform.model import Area, Change, Content, Gap, Principal, Snapshot
from bot.platform.plan import AS_USUAL, Action, Confirmation, Draft, How
from bot.platform.ports import Identity, Surroundings
from bot.text import Secret, clean, fold
from platforms.wrike import (
    account,
    actions,
    audit,
    auth,
    folders,
    gaps,
    handovers,
    invitations,
    leaver,
    oauth,
    people,
    provision,
    snapshot,
)
from platforms.wrike.client import Client
from platforms.wrike.config import Settings, parse
from platforms.wrike.declared import Register
from platforms.wrike.folders import Tree
from platforms.wrike.org import Org, find
from platforms.wrike.rows import needed, text
from platforms.wrike.wire import Call, Wire

TREE_KEPT = timedelta(minutes=5)  # for choosing; whatever is written is read again first
Secrets = Mapping[str, Secret]


class Wrike:
    """One account. Makes no request before it is asked for something."""

    platform = "wrike"

    def __init__(self, connection: str, settings: Settings, around: Surroundings) -> None:
        self.connection = connection
        self._settings = settings
        self._around = around
        self._http = http.client(
            settings.url, connection=connection, read_s=settings.timeout_s, max_connections=16
        )
        self._auth = self._sign_in()
        self._client = Client(Wire(self._http, self._auth, settings, around.clock, connection=connection))
        self._register = Register(
            settings.flows, settings.service_accounts, around.memory, around.turns, connection
        )
        self._tree: tuple[Tree, datetime] | None = None  # without shares, or with those of a scan

    def _sign_in(self) -> auth.Auth:
        if self._settings.token is not None:
            return auth.Permanent(self._settings.token, self._settings.url)
        around = self._around
        return auth.Renewed(
            self._http,
            self._settings,
            around.memory,
            around.turns,
            around.clock,
            connection=self.connection,
        )

    async def identify(self) -> Identity:
        """Sign in, say who we are, and try each part that may be closed. Eight calls at most."""
        client = self._client.metered()
        own, tenant = await people.me(client)
        version = await client.one("read the version", "/version")
        email = next((text(one, "email") for one in own.get("profiles", ()) if text(one, "email")), "")
        return Identity(
            tenant=tenant,
            principal_id=needed(own, "id"),
            username=email or text(own, "firstName"),
            version=f"{text(version, 'major') or '4'}.{text(version, 'minor') or '0'}",
            clock_skew_s=client.wire.skew.total_seconds(),
            capacity=None,  # Wrike counts requests by the minute and shows nobody how many are left
            gaps=tuple(await self._closed(client)),
        )

    async def _closed(self, client: Client) -> list[Gap]:
        found = [gaps.UNDECLARED]
        try:
            await invitations.listed(client)
        except Forbidden as error:
            found.append(gaps.invitations_unseen(error))
        try:
            await audit.events(client, client.wire.now())
        except Forbidden as error:
            found.append(gaps.closed(Area.CHANGES, "the audit log", error, audit.RIGHT))
        if isinstance(types := await account.user_types(client), Forbidden):
            found.append(
                gaps.closed(Area.PRIVILEGES, "user types", types, "give the bot's token amReadOnlyUser")
            )
        return found

    async def snapshot(self, since: datetime | None) -> Snapshot:
        """See ``snapshot.take``."""
        reasons = self._settings.admin_reasons
        taken, tree = await snapshot.take(self._client.metered(), self._register, reasons, since)
        self._tree = (tree, taken.taken_at)
        return taken

    async def handover(self, credential_id: str, target: str, how: How = AS_USUAL) -> Draft:
        """See ``handovers.handover``."""
        org = self._org()
        return await handovers.handover(org, credential_id, target, how, await self._known_tree(org.client))

    async def rotate(self, credential_id: str, how: How = AS_USUAL) -> Draft:
        """See ``handovers.rotate``."""
        return await handovers.rotate(self._org(), credential_id, how)

    async def change(self, verb: str, params: Mapping[str, str]) -> Draft:
        """``provision``, ``deactivate``, ``activate``, ``delete``: see ``provision`` and ``leaver``."""
        org = self._org()
        match verb:
            case "provision":
                _only(params, provision.PARAMS)
                return await provision.draft(org, params, await self._known_tree(org.client))
            case "deactivate" | "activate" | "delete":
                _only(params, leaver.PARAMS)
                return await getattr(leaver, verb)(org, params)  # type: ignore[no-any-return]
            case _:
                raise NotSupported(f"Wrike has no verb {verb}", connection=self.connection, operation=verb)

    async def confirm(self, action: Action, key: str) -> Confirmation:
        """See ``actions.confirm``."""
        return await self.confirm_with(action, key, {})

    async def apply(self, action: Action, key: str) -> None:
        """See ``actions.apply``. ``key`` marks what leaves no trace in Wrike: an invitation that was sent again."""
        await self.apply_with(action, key, {})

    async def confirm_with(self, action: Action, key: str, secrets: Secrets) -> Confirmation:
        """See ``actions.confirm``."""
        return await actions.confirm(self._org(), action, key, secrets, self._redraft)

    async def apply_with(self, action: Action, key: str, secrets: Secrets) -> None:
        """See ``actions.apply``."""
        await actions.apply(self._org(), action, key, secrets, self._redraft)

    async def disclose(self, action: Action) -> Secrets:
        """Wrike shows a token once, to the person who makes it."""
        raise NotSupported(
            "Wrike shows no token twice", connection=self.connection, operation="disclose a token"
        )

    async def find_content(self, words: str, limit: int = 100) -> tuple[Content, ...]:
        """Folders, projects and spaces that may be shared, by words of their path."""
        tree = await self._known_tree(self._client.metered())
        wanted = fold(words).split()
        found = (one for one in tree.sharable if all(word in fold(tree.path(one.id)) for word in wanted))
        return tuple(tree.content(one) for one, _ in zip(found, range(limit), strict=False))

    async def content_of(self, who: str) -> tuple[Principal, tuple[Content, ...], tuple[Gap, ...]]:
        """What is shared with an account, not all that lies below it. One call for each hundred folders."""
        client = self._client.metered()
        directory = await people.directory(client)
        one = find(directory, who)
        tree = await folders.with_shares(client, await folders.tree(client))
        circles = directory.circles(one.id)
        seen = [f for f in tree.sharable if (f.shared or frozenset()) & circles]
        known = await self._register.known_accounts()
        principal = people.principal(one, known, self._settings.admin_reasons)
        gap = Gap(
            area=Area.CONTENT,
            what="folders that the bot's own user does not see, and public spaces",
            reason="Wrike shows each user only what is shared with it",
            remedy="share them with the bot's own user",
        )
        return principal, tuple(tree.content(f) for f in seen), (gap,)

    async def trail(self, since: datetime, who: str = "") -> tuple[tuple[Change, ...], tuple[Gap, ...]]:
        """Rows of the audit log, sign-ins included."""
        client = self._client.metered()
        try:
            rows = await audit.events(client, since)
        except Forbidden as error:
            return (), (gaps.closed(Area.CHANGES, "the audit log", error, audit.RIGHT),)
        if who:
            one = find(await people.directory(client), who)
            rows = tuple(row for row in rows if one.id in (row.user_id, row.object_id))
        return tuple(audit.as_change(row) for row in rows), ()

    async def licences(self) -> tuple[str, ...]:
        """User types that an integration may be given, by title."""
        types = await account.user_types(self._client.metered())
        return () if isinstance(types, Forbidden) else tuple(one.title for one in types)

    async def authorise(self, code: str) -> Identity:
        """
        Take the code that the callback of ``consent_url`` brought, keep the tokens, and say who they act as.

        People say yes as themselves by accident, so only an account that is declared to be a service account will do.

        Raises:
            AuthFailed: Wrike refused the code, or somebody else said yes; nothing was kept.
        """
        tokens = await oauth.exchange(
            self._http, self._settings, code, self._around.clock, connection=self.connection
        )
        base = oauth.base_of(tokens.host, self._settings, connection=self.connection)
        call = Call(operation="ask who said yes", path="/contacts", params={"me": True})
        client = self._client.metered()
        rows = (await client.wire.as_token(call, tokens.access, base, client.meter))["data"]
        profiles = [one for row in rows for one in row.get("profiles", ())]
        email = next((text(one, "email") for one in profiles if text(one, "email")), "")
        if fold(email) not in await self._register.known_accounts():
            raise AuthFailed(
                f"{self.connection}: {clean(email) or 'somebody'} said yes, who is not known as a service account."
                " Nothing was kept. Sign in to Wrike as the service account, in a private window; or add it to"
                " service_accounts.",
                connection=self.connection,
                operation="sign in",
            )
        async with self._around.turns.turn(f"{self.connection}:refresh", 1):
            await auth.keep(self._around.memory, tokens)
        if isinstance(self._auth, auth.Renewed):
            self._auth.forget()
        return await self.identify()

    def consent_url(self, state: str) -> str:
        """
        Where somebody says yes, signed in to Wrike as the service account.

        Raises:
            ConfigError: this connection signs in with a permanent token.
        """
        if not self._settings.client_id:
            raise ConfigError(
                f'connections."{self.connection}".client_id: is missing; here a permanent token signs in'
            )
        return oauth.consent_url(self._settings, state)

    @property
    def redirect_uri(self) -> str:
        """Where Wrike sends the browser afterwards."""
        return self._settings.redirect_uri

    async def aclose(self) -> None:
        """Let go of sockets."""
        await self._http.aclose()

    async def _redraft(self, org: Org, action: Action) -> Draft:
        """The plan of a preflight step, drawn up anew from what is now."""
        given = {name: value for name, value in action.params.items() if name != "recipe"}
        match action.params.get("recipe", ""):
            case "handover":
                credential, target = given.pop("credential"), given.pop("target")
                return await self.handover(credential, target, How.read(given))
            case "rotate":
                return await self.rotate(given.pop("credential"), How.read(given))
            case verb:
                return await self.change(verb, given)

    def _org(self) -> Org:
        around = self._around
        return Org(self._client.metered(), self._settings, self._register, around.memory, around.turns)

    async def _known_tree(self, client: Client) -> Tree:
        now = self._around.clock.now()
        if self._tree is None or now - self._tree[1] > TREE_KEPT:
            self._tree = (await folders.tree(client), now)
        return self._tree[0]


def _only(params: Mapping[str, str], known: frozenset[str]) -> None:
    for name in sorted(set(params) - known):
        raise BadArgument(f"{name}: there is no such value; there is {', '.join(sorted(known))}")


def build(connection: str, settings: Mapping[str, object], around: Surroundings) -> Wrike:
    """
    The adapter of one table of the configuration.

    Raises:
        ConfigError: a key of the table is unknown, missing or off.
    """
    return Wrike(connection, parse(connection, settings, around.secret), around)
