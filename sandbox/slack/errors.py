"""The one way in which a Web API method refuses: HTTP 200 and {"ok": false, "error": code}."""

from __future__ import annotations

from sandbox.slack.blockkit.rules import Problem
from sandbox.world import Json


class SlackError(Exception):
    """A refusal with Slack's own code; `extra` is merged into the answer."""

    def __init__(self, code: str, **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> Json:
        return {"ok": False, "error": self.code, **self.extra}


class TooManyRequests(Exception):
    """HTTP 429; `retry_after_s` is whole seconds, at least 1."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


def refused_layout(code: str, problems: list[Problem]) -> SlackError:
    """invalid_blocks or invalid_arguments, with the complaints where Slack puts them."""
    return SlackError(
        code,
        errors=[f"{problem.message} [json-pointer:{problem.pointer}]" for problem in problems],
        response_metadata={"messages": [problem.line() for problem in problems]},
    )


def missing_argument(*messages: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {m}" for m in messages]})
