"""
How Slack signs what it sends over HTTP.

Source:
    docs.slack.dev/authentication/verifying-requests-from-slack, read 2026-11-21.
"""

from __future__ import annotations

import hashlib
import hmac
import time

TOO_OLD_S = 301


def signature(secret: str, timestamp: str, body: str) -> str:
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def headers(secret: str, body: str, how: str) -> dict[str, str]:
    """
    The two headers, made as the policy's `signature` says.

    The machine's own time is used, not the sandbox's, because that is what every verifier compares with.
    """
    timestamp = str(int(time.time()) - (TOO_OLD_S if how == "old" else 0))
    if how == "missing":
        return {}
    if how == "junk":
        timestamp = "soon"
    signed = signature(secret, timestamp, body if how != "bad" else body + " ")
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signed}
