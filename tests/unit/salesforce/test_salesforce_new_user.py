"""Values of a user to be made."""

from __future__ import annotations

import pytest

from bot.errors import BadArgument
from platforms.salesforce import create

GOOD = {"name": "Marketo sync", "email": "team@acme.example", "username": "Svc.Marketo@acme.example"}


def test_what_is_left_out_is_filled_in() -> None:
    """The user name becomes lower case, the alias its first eight letters and digits, the zone GMT."""
    wanted = create.read(GOOD)
    assert (wanted.username, wanted.alias, wanted.timezone) == ("svc.marketo@acme.example", "svcmarke", "GMT")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", "x" * 81),
        ("email", "nobody"),
        ("email", "a@b.example, c@d.example"),
        ("username", "nobody"),
        ("username", "o'neill@acme.example"),
        ("username", "x" * 80 + "@acme.example"),
        ("alias", "far too long"),
        ("timezone", "Berlin"),
        ("security_token", "perhaps"),
    ],
)
def test_each_value_is_checked_before_anything_is_asked(key: str, value: str) -> None:
    """A user can never be deleted, so a doubtful value stops the plan and is named."""
    with pytest.raises(BadArgument) as caught:
        create.read(GOOD | {key: value})
    assert key in caught.value.hint or "user name" in caught.value.hint


def test_permission_sets_are_a_comma_list() -> None:
    """Empty parts are no names."""
    assert create.read(GOOD | {"permission_sets": " Orders , ,Data "}).sets == ("Orders", "Data")
