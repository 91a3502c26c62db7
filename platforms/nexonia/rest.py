"""Users over HTTP, by a mapping. Nothing of Nexonia's is assumed; what an answer lacks is an error, never a guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from bot import http
from bot.clock import Clock
from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    ProtocolChanged,
    Rejected,
    Unreachable,
)
from bot.user_sync.actions import State
from bot.user_sync.files.cells import Unreadable, text, truth
from bot.user_sync.model import User, UserListing
from platforms.nexonia.config import RestSettings

MOST_PAGES = 20_000


class RestDirectory:
    """One directory over HTTP."""

    def __init__(self, settings: RestSettings, clock: Clock, *, connection: str) -> None:
        self._settings = settings
        self._map = settings.mapping
        self._clock = clock
        self._connection = connection
        self._client = http.client(settings.url, connection=connection, read_s=settings.timeout_s)
        self.requests = 0

    async def users(self) -> UserListing:
        """Every user. Page by page, and as many as the directory says there are.

        Raises:
            PlatformError: could not look, or the listing is short.
        """
        at = self._clock.now()
        items: list[Any] = []
        page = 1
        while True:
            answer = await self._list(page)
            found = self._dig(answer, self._map.items)
            if not isinstance(found, list):
                raise self._changed("list users", f"no list at “{self._map.items or 'the top'}”")
            items += found
            if not self._map.page_param or self._last(answer, page, len(found)):
                break
            if (page := page + 1) > MOST_PAGES:
                raise self._changed("list users", f"more than {MOST_PAGES:,} pages")
        if self._map.total:
            total = self._dig(answer, self._map.total)
            if total != len(items):
                raise self._changed("list users", f"{len(items)} users came, and it says there are {total}")
        users = tuple(self._user(item) for item in items)
        if len({user.id for user in users}) != len(users):
            raise self._changed("list users", "one user stands twice: the list changed while it was read")
        return UserListing(taken_at=at, users=users, source=self._connection)

    async def user(self, native_id: str) -> User | None:
        """One user, or None where there is none."""
        path = self._map.one_path.replace("{id}", quote(native_id, safe=""))
        try:
            return self._user(await self._read("read a user", path))
        except Rejected as exc:
            if exc.status == 404:
                return None
            raise

    async def change(self, native_id: str, before: State, after: State) -> None:
        """Write what differs, once."""
        path = self._map.one_path.replace("{id}", quote(native_id, safe=""))
        whole = self._map.change_method == "PUT"
        body = {
            self._map.fields[name]: getattr(after, name) or None
            if name == "integration_id"
            else getattr(after, name)
            for name in State.__struct_fields__
            if whole or getattr(after, name) != getattr(before, name)
        }
        await self._write("change a user", self._map.change_method, path, body)

    async def create(self, state: State) -> None:
        """Make a user, once."""
        body = {self._map.fields[name]: getattr(state, name) for name in State.__struct_fields__}
        await self._write("create a user", "POST", self._map.create_path, {**self._map.new, **body})

    async def aclose(self) -> None:
        """Let go of sockets."""
        await self._client.aclose()

    async def _list(self, page: int) -> Any:
        query: dict[str, str] = {}
        if self._map.page_param:
            query[self._map.page_param] = str(page)
        if self._map.size_param:
            query[self._map.size_param] = str(self._map.page_size)
        return await self._read("list users", self._map.list_path, query)

    def _last(self, answer: Any, page: int, found: int) -> bool:
        if not self._map.pages:
            return found < self._map.page_size
        pages = self._dig(answer, self._map.pages)
        if isinstance(pages, bool) or not isinstance(pages, int):
            raise self._changed("list users", f"no number of pages at “{self._map.pages}”")
        return page >= pages

    def _user(self, item: Any) -> User:
        names = self._map.fields
        if not isinstance(item, Mapping) or any(
            names[name] not in item for name in ("id", "email", "active")
        ):
            raise self._changed("list users", "a user without id, e-mail or active mark")

        def of(name: str) -> Any:
            return item.get(names[name]) if name in names else None

        try:
            return User(
                id=text(of("id")),
                first=text(of("first")),
                last=text(of("last")),
                email=text(of("email")),
                active=truth(of("active")),
                ignore=truth(of("ignore"), empty=False) if names.get("ignore") in item else None,
                integration_id=text(of("integration_id")) if names.get("integration_id") in item else None,
                role=text(of("role")),
            )
        except Unreadable as exc:
            raise self._changed("list users", f"a user whose value {exc}") from None

    def _dig(self, answer: Any, path: str) -> Any:
        for name in path.split(".") if path else ():
            answer = answer.get(name) if isinstance(answer, Mapping) else None
        return answer

    async def _read(self, operation: str, path: str, query: Mapping[str, str] | None = None) -> Any:
        async for attempt in http.reads(connection=self._connection, operation=operation):
            with attempt:
                return await self._exchange(operation, "GET", path, query=query)
        raise AssertionError("reads() ends by an answer or an error")  # pragma: no cover

    async def _write(self, operation: str, method: str, path: str, body: Mapping[str, Any]) -> None:
        await self._exchange(operation, method, path, body=body)

    async def _exchange(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        wrote = body is not None
        headers = {
            self._settings.auth_header: self._settings.auth_prefix + self._settings.token.reveal(),
            "Accept": "application/json",
        }
        self.requests += 1
        with http.translating(connection=self._connection, operation=operation, wrote=wrote):
            response = await self._client.request(
                method, self._settings.url + path, params=query, json=body, headers=headers
            )
        if busy := http.unavailable(response, connection=self._connection, operation=operation, wrote=wrote):
            raise busy
        if not response.is_success:
            raise self._refused(response.status_code, operation, wrote=wrote)
        if wrote:
            return None  # what is true now is read back
        try:
            return msgspec.json.decode(response.content)
        except msgspec.DecodeError:
            raise self._changed(operation, "an answer that is not JSON") from None

    def _refused(self, status: int, operation: str, *, wrote: bool) -> PlatformError:
        where = {"connection": self._connection, "operation": operation}
        match status:
            case 401:
                return AuthFailed(f"{self._connection} does not take the token.", **where)
            case 403:
                return Forbidden(f"{self._connection} does not let us {operation}.", scope=operation, **where)
            case _ if status >= 500 and wrote:
                return OutcomeUnknown(
                    f"{self._connection}: HTTP {status} after {operation} was sent.", **where
                )
            case _ if status >= 500:
                return Unreachable(f"{self._connection} answered {operation} with HTTP {status}.", **where)
            case _:
                return Rejected(
                    f"{self._connection} refused to {operation}: HTTP {status}.", status=status, **where
                )

    def _changed(self, operation: str, why: str) -> ProtocolChanged:
        return ProtocolChanged(
            f"{self._connection} answered {operation} with {why}.",
            connection=self._connection,
            operation=operation,
        )
