"""The address for identity providers is there only where a secret was set, and a good one."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError
from starlette.applications import Starlette

from bot.config import WebSettings
from bot.errors import BadArgument
from bot.people import scim
from bot.web.health import application


async def nobody() -> tuple[()]:
    return ()


def test_without_a_secret_nothing_answers_there() -> None:
    """No secret, no address."""
    assert not WebSettings(listen="127.0.0.1:1").hears_scim
    made: Starlette = application(nobody)
    assert not [route for route in made.routes if "scim" in getattr(route, "path", "")]


def test_a_secret_needs_somebody_who_listens() -> None:
    """A secret without `listen` stops the boot rather than being passed over."""
    with pytest.raises(ValidationError, match="scim_secret needs listen"):
        WebSettings(scim_secret=SecretStr("x" * 32))


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        ([{"op": "replace", "path": "active", "value": [{"value": "False"}]}], False),
        ([{"op": "add", "value": {"Active": "true"}}], True),
        ([{"op": "remove", "path": "active"}], None),
        (
            [{"op": "replace", "path": "active", "value": False}, {"op": "replace", "value": {"title": "x"}}],
            False,
        ),
    ],
)
def test_patches_of_many_senders_are_read(operations: list[dict[str, object]], said: bool | None) -> None:
    """Entra ID writes text, others wrap the value; the last word on it holds."""
    assert scim.read({"userName": "a@b.example", "Operations": operations}) == scim.Word("a@b.example", said)


def test_a_word_that_is_neither_is_refused() -> None:
    """Nobody is deactivated by a value that is not understood."""
    with pytest.raises(BadArgument):
        scim.read({"userName": "a@b.example", "active": "0"})
