"""What Wrike answers when it refuses, told apart by what the caller does next."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    Unreachable,
)
from platforms.wrike.errors import Missing, TokenRefused, refused

UNKNOWN_TOKEN = b'{"errorDescription":"Access token is unknown or invalid","error":"not_authorized"}'


def _refused(status: int, body: bytes, *, wrote: bool = False) -> PlatformError:
    return refused(status, body, connection="wrike:prod", operation="list contacts", wrote=wrote)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (300, "incorrect_base_url", TokenRefused),
        (400, "invalid_request", Rejected),
        (400, "invalid_parameter", Rejected),
        (400, "parameter_required", Rejected),
        (401, "not_authorized", TokenRefused),
        (403, "access_forbidden", Forbidden),
        (403, "not_allowed", Forbidden),
        (404, "resource_not_found", Missing),
        (404, "method_not_found", Rejected),
        (500, "server_error", Unreachable),
    ],
)
def test_each_documented_refusal_has_its_error(status: int, code: str, kind: type[PlatformError]) -> None:
    """Codes and statuses of the documentation, each once."""
    body = json.dumps({"errorDescription": "Words", "error": code}).encode()
    assert type(_refused(status, body)) is kind


def test_a_refused_token_is_a_refused_sign_in_but_not_a_dead_token() -> None:
    """A 401 is of a kind of its own: the same answer comes from a data centre that is not the token's."""
    error = _refused(401, UNKNOWN_TOKEN)
    assert isinstance(error, TokenRefused)
    assert isinstance(error, AuthFailed)
    assert "dead" not in error.hint


def test_a_broken_answer_to_a_write_leaves_open_whether_it_happened() -> None:
    """A 5xx after a write is looked up, never repeated."""
    assert isinstance(_refused(500, b"", wrote=True), OutcomeUnknown)
    assert isinstance(_refused(400, b"", wrote=True), Rejected)


def test_wrikes_own_words_are_shown_without_what_could_be_mark_up() -> None:
    """Control and right-to-left characters of a refusal are left out, and its length is bounded."""
    said = "\u202eno\u0000 " + "x" * 4000
    body = json.dumps({"errorDescription": said, "error": "invalid_request"}).encode()
    hint = _refused(400, body).hint
    assert "\u202e" not in hint
    assert "\u0000" not in hint
    assert len(hint) < 500


@given(st.integers(300, 599), st.binary(max_size=60), st.booleans())
def test_any_answer_at_all_is_one_of_our_errors(status: int, body: bytes, wrote: bool) -> None:
    """Whatever comes, it is told in words and never repeats a body that is not Wrike's own."""
    error = _refused(status, body, wrote=wrote)
    assert isinstance(error, PlatformError)
    assert error.hint
