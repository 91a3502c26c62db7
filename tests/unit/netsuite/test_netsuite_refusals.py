"""Each refusal of NetSuite becomes the one error whose handling is right."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Forbidden, OutcomeUnknown, PlatformError, RateLimited, Rejected, Unreachable
from bot.text import Secret
from platforms.netsuite.config import Settings, parse
from platforms.netsuite.errors import Closed, LoginRefused, NotThere, UnknownColumn, first, refused
from platforms.netsuite.refusals import by_door, by_token_endpoint

WHERE = {"connection": "netsuite:prod", "operation": "list employees"}
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def rest(detail: str, code: str, status: int = 400) -> bytes:
    """The error document of REST web services."""
    details = [{"detail": detail, "o:errorQueryParam": "q", "o:errorCode": code}]
    return json.dumps(
        {"type": "https://…", "title": "…", "status": status, "o:errorDetails": details}
    ).encode()


SEARCH = "Invalid search query. Detailed unprocessed description follows. Search error occurred: "


@pytest.mark.parametrize(
    ("status", "body", "wrote", "kind"),
    [
        (401, rest("Invalid login attempt. …", "INVALID_LOGIN", 401), False, LoginRefused),
        (
            401,
            b'{"error":{"code":"INVALID_LOGIN_ATTEMPT","message":"Invalid login attempt."}}',
            True,
            LoginRefused,
        ),
        (400, b'{"error":{"code":"SSS_REQUEST_LIMIT_EXCEEDED","message":"too many"}}', False, RateLimited),
        (403, rest("no", "INSUFFICIENT_PERMISSION", 403), False, Closed),
        (400, rest(SEARCH + "Record 'oauthtoken' was not found.", "INVALID_PARAMETER"), False, Forbidden),
        (400, rest(SEARCH + "Invalid search type: systemnote.", "INVALID_PARAMETER"), False, Forbidden),
        (
            400,
            rest(SEARCH + "Unknown identifier 'x'. Available …", "INVALID_PARAMETER"),
            False,
            UnknownColumn,
        ),
        (400, rest("off", "INVALID_CONTENT"), True, Rejected),
        (404, rest("gone", "NONEXISTENT_ID", 404), False, NotThere),
        (500, b"<html>", False, Unreachable),
        (500, b"<html>", True, OutcomeUnknown),
        (418, b"", False, Rejected),
    ],
)
def test_what_a_refusal_is(status: int, body: bytes, wrote: bool, kind: type[PlatformError]) -> None:
    """The table, one row each."""
    error = refused(status, body, **WHERE, wrote=wrote)
    assert type(error) is kind
    assert error.connection == "netsuite:prod"


def test_a_hidden_table_is_cannot_see_and_never_none() -> None:
    """The words say permission or feature, since NetSuite does not, and where to look for either."""
    error = refused(400, rest(SEARCH + "Record 'oauthtoken' was not found.", "X"), **WHERE, wrote=False)
    assert isinstance(error, Forbidden)
    assert error.scope == "oauthtoken"
    assert "cannot see oauthtoken (permission or feature)" in error.hint
    assert "Access Token Management" in error.hint
    assert "Enable Features" in error.hint


def test_a_hidden_column_is_named() -> None:
    """The column is what the query can do without."""
    error = refused(400, rest(SEARCH + "Unknown identifier 'ReleaseDate'.", "X"), **WHERE, wrote=False)
    assert isinstance(error, UnknownColumn)
    assert error.vendor_code == "releasedate"


def test_only_a_refused_write_repeats_netsuites_words() -> None:
    """A query's refusal would repeat the query; a write's names what blocks it."""
    body = rest("Adding access for this user exceeds the number of licenses.", "USER_ERROR")
    assert "exceeds" in refused(400, body, **WHERE, wrote=True).hint
    assert "exceeds" not in refused(400, body, **WHERE, wrote=False).hint


@given(st.binary(max_size=200), st.integers(300, 599), st.booleans())
def test_any_answer_is_some_error_of_ours(body: bytes, status: int, wrote: bool) -> None:
    """Whatever a server sends, it is translated; nothing else is raised and no line of it gets out of hand."""
    error = refused(status, body, **WHERE, wrote=wrote)
    assert isinstance(error, PlatformError)
    assert len(error.hint) < 700
    assert error.hint.isprintable()


@pytest.mark.parametrize(
    "body", [b"[]", b"null", b'{"o:errorDetails": []}', b'{"o:errorDetails": [1]}', b'{"error": 5}']
)
def test_odd_error_documents_have_no_code_of_their_own(body: bytes) -> None:
    """Bodies that only look like an error document are read without a fault."""
    code, detail = first(body)
    assert code in ("", "5")
    assert detail == ""


def settings(account: str, *, m2m: bool) -> Settings:
    named = {"client_id": "c", "certificate_id": "k"} if m2m else {"consumer_key": "c", "token_id": "t"}
    return parse("netsuite:prod", {"account": account, **named}, lambda name: Secret("x"))


def by_endpoint(error: str, **more: object) -> str:
    given_: dict[str, object] = {"skew": timedelta(0), "ended": None, "account": "123456"} | more
    account = settings(str(given_.pop("account")), m2m=True)
    return by_token_endpoint(account, error, connection="netsuite:prod", now=NOW, **given_).hint  # type: ignore[arg-type]


def test_the_token_endpoints_refusals_are_told_apart() -> None:
    """Clock, end of the certificate, client id, scope; and where nothing is known, the causes in their order."""
    assert "10 minutes behind" in by_endpoint("invalid_grant", skew=timedelta(minutes=10))
    assert "expired on 2026-11-01" in by_endpoint("invalid_grant", ended=datetime(2026, 11, 1, tzinfo=UTC))
    assert "client_id" in by_endpoint("invalid_client")
    assert "tick Client Credentials" in by_endpoint("invalid_scope")
    unknown = by_endpoint("invalid_grant", account="123456_SB1")
    assert unknown.index("was refreshed") < unknown.index("expired or was revoked")
    assert "was refreshed" not in by_endpoint("invalid_grant")


def test_the_doors_refusals_are_told_apart() -> None:
    """Clock, another account's answer, and else the causes."""
    mine = settings("123456", m2m=False)

    def said(skew: timedelta, challenge: str) -> str:
        return by_door(mine, connection="netsuite:prod", skew=skew, challenge=challenge).hint

    assert "ahead of" in said(timedelta(minutes=-7), "")
    assert "another account" in said(timedelta(0), 'OAuth realm="999", error="token_rejected"')
    assert "Access Tokens" in said(timedelta(0), 'OAuth realm="123456", error="token_rejected"')
