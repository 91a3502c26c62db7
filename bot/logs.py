"""Logs for people and collectors, with everything that looks like a secret taken out at the sink.

An error is told by kind and place and never by its message, which may hold anything that passed by.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from bot.config import LogSettings
from bot.errors import places

MASK = "***"
SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+"  # Slack tokens
    r"|00D\w{12,15}![\w.!-]+"  # Salesforce sessions
    r"|eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?"  # JSON web tokens
    r"|-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)"  # keys and certificates
    r"|(?i:bearer|basic)\s+[\w+/=._~!-]{8,}"
    r"|(?i:client_secret|assertion|password|refresh_token|access_token|token)=[^&\s\"']+",
    re.DOTALL,
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def masked(text: str) -> str:
    """Text without anything that looks like a secret or an e-mail address."""
    return EMAIL.sub("<email>", SECRETS.sub(MASK, text))


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: masked(value) if isinstance(value, str) else value for key, value in event.items()}


def _discreet(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(places(error))
    return event


class _Unrepresented(logging.Filter):
    """asyncio writes a failed task as its repr, which holds the error's message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = record.getMessage().partition("\n")[0], ()
        return True


def configure(settings: LogSettings) -> None:
    """Send everything, libraries' loggers included, to standard error in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.json_lines
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(settings.level.upper())),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _discreet,
            _mask,
            render,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    asyncios = logging.getLogger("asyncio")
    if not any(isinstance(one, _Unrepresented) for one in asyncios.filters):
        asyncios.addFilter(_Unrepresented())
    for chatty in ("httpx", "httpcore", "httpcore2", "slack_bolt", "slack_sdk", "apscheduler", "aiosqlite"):
        logging.getLogger(chatty).setLevel(logging.WARNING)  # their debug lines hold whole bodies
