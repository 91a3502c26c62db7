"""Reading single values of an answer."""

from __future__ import annotations

import json

import pytest

from bot.errors import ProtocolChanged
from platforms.salesforce import answers


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    """JSON can spell what no database can keep; one such name must not stop a scan."""
    row = json.loads(r'{"Name": "Ana \ud83d", "Whole": "Ana \ud83d\ude00"}')
    assert answers.text(row, "Name") == "Ana ?"
    assert answers.text(row, "Whole") == "Ana 😀"


def test_a_column_that_is_absent_is_no_empty_value() -> None:
    """Null is empty; missing is a changed protocol."""
    assert answers.text({"Profile": None}, "Profile.Name") == ""
    with pytest.raises(ProtocolChanged):
        answers.text({}, "Name")
