"""Addresses, logs, errors and repetitions: the small guards of the edge."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import AuthFailed, ConfigError, Forbidden, PlatformError, RateLimited, Rejected, Unreachable
from bot.slack.clients import Tokens, guard
from bot.slack.directory import person_of
from bot.slack.failures import PersonUnreachable, error_code, translated
from bot.slack.redaction import MASK, VENDOR_LOGGER, vendor_logger
from bot.slack.seen import Seen
from bot.text import Secret

REAL = Tokens(Secret("xoxb-123456789012-1234567890123-AbCdEf"), Secret("xapp-1-A012345678-123-abc"))
MADE_UP = Tokens(Secret("xoxb-sandbox-1"), Secret("xapp-sandbox-1"))


@pytest.mark.parametrize(
    ("url", "tokens"),
    [
        ("https://slack.com/api/", REAL),
        ("https://acme.slack.com/api/", REAL),
        ("http://127.0.0.1:8901/api/", MADE_UP),
        ("https://slack.example/api/", MADE_UP),
    ],
)
def test_tokens_may_go_where_they_belong(url: str, tokens: Tokens) -> None:
    """Real tokens to Slack, made-up ones to a sandbox."""
    guard(url, tokens)


@pytest.mark.parametrize(
    ("url", "tokens"),
    [
        ("http://127.0.0.1:8901/api/", REAL),
        ("https://slack.com.evil.test/api/", REAL),
        ("https://evilslack.com/api/", REAL),
        ("http://slack.com/api/", MADE_UP),
        ("ftp://127.0.0.1/", MADE_UP),
        ("", MADE_UP),
    ],
)
def test_tokens_go_nowhere_else(url: str, tokens: Tokens) -> None:
    """A wrong address stops the start; the error holds no token."""
    with pytest.raises(ConfigError) as caught:
        guard(url, tokens)
    assert "xoxb" not in str(caught.value)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the vendor logger writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger(VENDOR_LOGGER)
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234-abcd",
        "xoxe-1-abcd",
        "xapp-1-A0-12-ab",
        "0123456789abcdef0123456789abcdef",
        "wss://wss.slack.com/link/?ticket=11-22-s3cr3t",
        "https://hooks.slack.com/commands/T1/22/s3cr3t",
        "https://hooks.slack.com/actions/T1/22/s3cr3t",
    ],
)
def test_secrets_do_not_reach_the_log(written: io.StringIO, secret: str) -> None:
    """Not in the message, not in its arguments, not in a traceback."""
    signing = Secret("0123456789abcdef0123456789abcdef")
    logger = vendor_logger((signing, Secret("")))
    logger.warning("plain %s", secret)
    logger.warning("%(a)s", {"a": secret})
    try:
        raise LookupError(secret)
    except LookupError:
        logger.exception("failed")
    said = written.getvalue()
    assert said.count(MASK) == 3
    assert "LookupError" in said
    assert secret.rpartition("/")[2].rpartition("=")[2] not in said


def test_bodies_are_never_logged() -> None:
    """At DEBUG both libraries write whole payloads, so they are never at DEBUG."""
    logger = logging.getLogger(VENDOR_LOGGER)
    logger.setLevel(logging.DEBUG)
    assert vendor_logger(()).level >= logging.INFO


def failure(body: object, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    response = AsyncSlackResponse(
        client=AsyncWebClient(),
        http_verb="POST",
        api_url="x",
        req_args={},
        data=body,  # type: ignore[arg-type]  # broken bodies are the point
        headers=headers or {},
        status_code=status,
    )
    return SlackApiError("refused, with somebody's private text", response)  # type: ignore[no-untyped-call]  # vendor's


@pytest.mark.parametrize(
    ("exc", "kind", "hint"),
    [
        (failure({"error": "invalid_auth"}), AuthFailed, "doctor"),
        (failure({"error": "missing_scope", "needed": "users:read"}), Forbidden, "users:read"),
        (failure({"error": "not_in_channel"}), Forbidden, "/invite"),
        (failure({"error": "plan_upgrade_required"}), Forbidden, "[roles]"),
        (failure({"error": "ratelimited"}, 429, {"Retry-After": "3"}), RateLimited, "slow down"),
        (failure({}, 429), RateLimited, "slow down"),
        (failure({"error": "user_disabled"}), PersonUnreachable, "U1"),
        (failure({"error": "invalid_blocks"}), Rejected, "invalid_blocks"),
        (failure({"error": "internal_error"}), Unreachable, "did not answer"),
        (failure({}, 502), Unreachable, "did not answer"),
        (failure("<html>"), Unreachable, "did not answer"),
        (SlackApiError("not JSON", object()), Unreachable, "did not answer"),  # type: ignore[no-untyped-call]
        (aiohttp.ClientConnectionError("10.0.0.1"), Unreachable, "did not answer"),
        (TimeoutError(), Unreachable, "did not answer"),
    ],
)
def test_each_error_of_slack_is_one_of_ours(exc: Exception, kind: type[PlatformError], hint: str) -> None:
    """The error says what to do next, and repeats nothing that Slack or the network said."""
    error = translated(exc, "chat.postMessage", "U1")
    assert type(error) is kind
    assert hint in error.hint
    assert "private" not in error.hint
    assert (error.connection, error.operation) == ("slack", "chat.postMessage")


def test_the_wait_is_slacks_own() -> None:
    """What a 429 asks for is kept; where it asks for nothing we wait long."""
    asked = translated(failure({}, 429, {"retry-after": "12"}), "x")
    unsaid = translated(failure({}, 429, {"Retry-After": "soon"}), "x")
    assert isinstance(asked, RateLimited)
    assert isinstance(unsaid, RateLimited)
    assert (asked.retry_after_s, unsaid.retry_after_s) == (12.0, 30.0)


def test_no_error_has_no_code() -> None:
    """Errors that are not Slack's are told apart by having none."""
    assert error_code(None) == ""


def test_repetitions_are_known_until_they_are_forgotten() -> None:
    """Memory is bounded, and what was not dealt with may come again."""
    seen = Seen(most=2)
    assert [seen.again(each) for each in ("a", "a", "", "", "b", "c", "a")] == [
        False,
        True,
        False,
        False,
        False,
        False,
        False,
    ]
    seen.forget("a")
    assert not seen.again("a")


@pytest.mark.parametrize(
    "user",
    [
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_bot": True},
        {"is_stranger": True},
        {"team_id": "T9"},
        {"team_id": "T9", "enterprise_user": {"teams": ["T8"]}},
    ],
)
def test_guests_apps_and_strangers_may_never_decide(user: dict[str, object]) -> None:
    """Everybody who is not a full member of this workspace is restricted."""
    assert person_of({"id": "U1", "team_id": "T1", **user}, "T1").restricted


def test_a_member_is_somebody_even_with_keys_missing() -> None:
    """Slack drops keys of deactivated people; an organisation's member may have another home team."""
    gone = person_of({"id": "U1", "deleted": True}, "T1")
    assert (gone.name, gone.deactivated, gone.restricted, gone.email) == ("U1", True, False, "")
    assert not person_of({"id": "U1", "team_id": "T9", "enterprise_user": {"teams": ["T1"]}}, "T1").restricted
