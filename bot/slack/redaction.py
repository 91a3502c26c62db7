"""Keeps tokens and one-time addresses out of the logs of Slack's libraries."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from bot.text import Secret

VENDOR_LOGGER = "bot.slack.vendor"  # both libraries are handed this one, so that one filter sees everything
MASK = "[redacted]"
_SECRETS = re.compile(
    r"xox[abeprs]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+|(?<=[?&]ticket=)[^&\s'\"]+"
    r"|(?<=/commands/)[A-Za-z0-9/_-]+|(?<=/actions/)[A-Za-z0-9/_-]+|(?<=/response/)[A-Za-z0-9/_-]+"
)


class Redaction(logging.Filter):
    """Replaces tokens, socket tickets, response addresses and the given secrets in a whole record."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        super().__init__()
        self._secrets = tuple(secret for secret in secrets if secret)

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record pass, rewritten; tracebacks are written out here so that nothing formats them later."""
        record.msg, record.args = self.masked(record.getMessage()), None
        if record.exc_info:
            record.exc_text = self.masked(logging.Formatter().formatException(record.exc_info))
            record.exc_info = None
        return True

    def masked(self, text: str) -> str:
        """``text`` with every secret replaced."""
        for secret in self._secrets:
            text = text.replace(secret.reveal(), MASK)
        return _SECRETS.sub(MASK, text)


def vendor_logger(secrets: Iterable[Secret]) -> logging.Logger:
    """The logger to hand to slack_sdk and slack_bolt: redacted, and never at DEBUG, where both write whole bodies.

    Loggers the libraries name themselves (``slack_sdk.*``, ``slack_bolt.*``) get the same filter.
    """
    redaction = Redaction(secrets)
    named = [name for name in logging.root.manager.loggerDict if name.startswith(("slack_sdk", "slack_bolt"))]
    for name in (VENDOR_LOGGER, *named):
        logger = logging.getLogger(name)
        for old in [each for each in logger.filters if isinstance(each, Redaction)]:
            logger.removeFilter(old)
        logger.addFilter(redaction)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.INFO))
    return logging.getLogger(VENDOR_LOGGER)
