"""One request to the API as a method sees it, and the table of methods."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from sandbox.world import Json
from sandbox.wrike.entities import Contact
from sandbox.wrike.errors import Refusal, forbidden, invalid_request
from sandbox.wrike.params import Kind
from sandbox.wrike.tenant import Tenant
from sandbox.wrike.tokens import EVERYTHING, Token

MOST_IDS = 100


@dataclass(frozen=True, slots=True)
class Call:
    """
    A method's input. `given` holds typed parameters, `ids` the ids of the path.

    `short` asks a listing to leave out half of what it has while claiming to be complete.
    """

    tenant: Tenant
    token: Token
    user: Contact
    given: Mapping[str, Any]
    ids: tuple[str, ...]
    short: bool = False

    @property
    def one(self) -> str:
        """The single id of a path that takes one. Raises the refusal of several."""
        if len(self.ids) != 1:
            raise invalid_request("This method takes one id")
        return self.ids[0]

    def as_admin(self) -> None:
        if not (self.user.admin or self.user.owner):
            raise forbidden("Only account administrators may do this")


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a success; `extra` lies beside `data`, at the root."""

    kind: str
    data: Sequence[Json]
    extra: Mapping[str, Any] | None = None


Method = Callable[[Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    A method of the API. In `path`, `{ids}` stands for up to 100 ids with commas between them.

    `scopes`: one of them is needed; none means that any token will do.
    """

    verb: str
    path: str
    scopes: tuple[str, ...]
    method: Method
    params: Mapping[str, Kind]

    def match(self, segments: tuple[str, ...]) -> tuple[str, ...] | None:
        """The ids in a path that is this one's, else None."""
        mine = tuple(part for part in self.path.split("/") if part)
        if len(mine) != len(segments):
            return None
        ids: tuple[str, ...] = ()
        for part, segment in zip(mine, segments, strict=True):
            if part == "{ids}":
                ids = tuple(
                    unquote(one) for one in segment.replace("%2C", ",").replace("%2c", ",").split(",")
                )
            elif part != segment:
                return None
        return ids


def require(tenant: Tenant, token: Token, *scopes: str) -> None:
    """Raises 403 unless the token has one of these scopes; none asks for nothing."""
    if scopes and EVERYTHING not in token.scopes and not token.scopes & set(scopes):
        raise Refusal(403, *tenant.switches.missing_scope_error)


def split(raw_path: str) -> tuple[str, ...]:
    """The segments of a path as sent, still percent-encoded. A trailing slash changes nothing."""
    return tuple(part for part in raw_path.split("/") if part)


WORKSPACE_READ = ("Default", "wsReadOnly", "wsReadWrite")
WORKSPACE_WRITE = ("Default", "wsReadWrite")
