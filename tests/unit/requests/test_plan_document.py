"""Plans to take away: the JSON is the digest's own bytes, the Markdown is readable and inert."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.platform.plan import Action, Manner, Plan, PlanKind, Step, StepMode, Twin
from bot.requests.plan_document import as_json, as_markdown

PLAN = Plan(
    kind=PlanKind.HANDOVER,
    connection="salesforce:prod",
    title="Hand over Marketo sync",
    subject_id="grant:1",
    subject_label="Marketo sync",
    consumer="Marketo",
    destination="manual",
    manner=Manner.HOSTILE,
    downtime="until it is approved again",
    steps=(
        Step(
            key="authorize",
            mode=StepMode.GUIDED,
            title="Approve Marketo sync",
            action=Action(verb="v", subject="s"),
            instructions=("Open a private window.",),
            evidence="a new grant",
            twin=Twin(mode=StepMode.AUTO, title="Revoke the new grant", action=Action(verb="w", subject="s")),
        ),
        Step(
            key="retire",
            mode=StepMode.AUTO,
            title="Revoke the old",
            action=Action(verb="x", subject="s"),
            destructive=True,
        ),
    ),
    notes=("The integration loses: Modify All Data.",),
)


def test_the_digest_can_be_taken_from_the_json() -> None:
    """Whoever keeps the file can prove that it is the plan that was approved."""
    written = as_json(PLAN)
    assert hashlib.sha256(written.removesuffix("\n").encode()).hexdigest() == PLAN.digest
    assert json.loads(written)["steps"][0]["twin"]["title"] == "Revoke the new grant"


def test_the_markdown_says_everything_that_is_decided() -> None:
    """Kind, manner, consumer, destination, downtime, each step with who acts, its evidence and the way back."""
    written = as_markdown(PLAN)
    for said in (
        "# Hand over Marketo sync",
        r"revoke first \(downtime\): the old credential stops before the new one works",
        "**Consumer:** Marketo",
        "shown once, carried over by a person",
        "until it is approved again",
        "by a person, then checked by Handover",
        "Open a private window\\.",
        "Closes with: a new grant",
        "To undo: Revoke the new grant",
        "**stops something that is in use**",
        "loses: Modify All Data",
        PLAN.digest,
    ):
        assert said.replace("\\.", ".") in written.replace("\\.", ".")


@given(st.text(max_size=200))
def test_text_from_platforms_is_never_markup(text: str) -> None:
    """Links, headings, code, tables and HTML in names come out as letters, and no name starts a line of its own."""
    written = as_markdown(replace(PLAN, title=f"x{text}", notes=(text,)))
    assert len(written.splitlines()) == len(as_markdown(replace(PLAN, title="x", notes=("n",))).splitlines())
    title = written.splitlines()[0].removeprefix("# ")
    assert not re.search(r"(?<!\\)(?:\\\\)*[<>\[\]`*_|]", title)
