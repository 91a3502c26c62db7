"""What the sandbox shows holds no secret."""

from __future__ import annotations

import pytest

from sandbox.masking import HIDDEN, mask_json, mask_path


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("/api/auth.test?token=xoxb-1-2&x=1", "/api/auth.test?token=…&x=1"),
        (
            "/token?grant_type=x&client%5Fsecret=s3cret&assertion=a.b.c",
            "/token?grant_type=x&client_secret=…&assertion=…",
        ),
        (
            "/query?q=SELECT+Id+FROM+OauthToken+WHERE+DeleteToken+%3D+%27abc%27",
            "/query?q=SELECT Id FROM OauthToken WHERE DeleteToken = …",
        ),
        (
            "/query?q=SELECT+Id+WHERE+DeleteToken+IN+(%27abc%27,%27d%27)+LIMIT+1",
            "/query?q=SELECT Id WHERE DeleteToken IN … LIMIT 1",
        ),
        ("/plan?kind=basic plan", "/plan?kind=basic plan"),
        ("/x", "/x"),
    ],
)
def test_paths_are_shown_without_secret_parameters(raw: str, shown: str) -> None:
    """Parameters with a secret's name, and DeleteToken literals in SOQL, are hidden; the rest stays readable."""
    assert mask_path(raw) == shown


def test_json_is_masked_by_key_and_by_look() -> None:
    """Secret-named keys lose their value at any depth, and secret-looking texts wherever they stand."""
    payload = {
        "token": "abc",
        "nested": [{"response_url": "http://x", "text": "my xoxb-12-ab is Bearer abcdef123456789"}],
        "count": 3,
    }
    assert mask_json(payload) == {
        "token": HIDDEN,
        "nested": [{"response_url": HIDDEN, "text": "my … is …"}],
        "count": 3,
    }
    assert payload["token"] == "abc"
