"""
blocks.validate, which needs no token.

Source:
    docs.slack.dev/reference/methods/blocks.validate, read 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from sandbox.slack.args import Args
from sandbox.slack.blockkit import check_blocks, check_view
from sandbox.slack.blockkit.rules import Problem
from sandbox.slack.errors import SlackError, missing_argument
from sandbox.slack.state import Method, State
from sandbox.world import Json

ARGUMENT_LIMIT = 100_000


def validate(state: State, args: Args) -> Json:
    given = [key for key in ("blocks", "view", "message") if args.values.get(key) is not None]
    if len(given) != 1:
        raise missing_argument("must provide exactly one of `blocks`, `view`, or `message`")
    kind = given[0]
    raw = args.values[kind]
    if isinstance(raw, str) and len(raw) > ARGUMENT_LIMIT:
        raise missing_argument(f"must be less than {ARGUMENT_LIMIT + 1} characters [json-pointer:/{kind}]")
    payload = args.object(kind, "invalid_arguments")
    if problems := _problems(kind, payload):
        raise SlackError(f"invalid_{kind}", errors=[_explained(problem) for problem in problems])
    return {}


def _problems(kind: str, payload: Any) -> list[Problem]:
    if kind == "view":
        return check_view(payload, "")
    if kind == "blocks":
        return check_blocks(payload, "")
    if not isinstance(payload, dict):
        return [Problem("must provide an object", "")]
    return check_blocks(payload.get("blocks", []))


def _explained(problem: Problem) -> Json:
    explained: Json = {"code": "failed_constraint", "message": problem.message, "pointer": problem.pointer}
    return explained | ({"constraint": dict(problem.constraint)} if problem.constraint else {})


METHODS = (Method("blocks.validate", validate, token="none"),)
