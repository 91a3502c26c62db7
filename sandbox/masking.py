"""Secrets are removed here from everything the sandbox shows: the request log and the wire panel."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

HIDDEN = "…"
_NAMES = (
    "authorization|token|access_token|refresh_token|id_token|client_secret|client_assertion|assertion|password|"
    "passwd|newpassword|deletetoken|sessionid|sid|signature|oauth_signature|code|code_verifier|ticket|"
    "token_secret|consumer_secret|consumerkey|oauth_token|oauth_verifier|signing_secret|private_key|response_url|upload_url"
)
_KEY = re.compile(rf"^(?:{_NAMES})$", re.IGNORECASE)
_PAIR = re.compile(rf"(?i)(^|[?&;\s])({_NAMES})=([^&\s]*)")
_LITERAL = re.compile(r"(?i)(deletetoken\s*(?:=|!=|<>|(?:not\s+)?in|like)\s*)(\([^)]*\)|'(?:[^'\\]|\\.)*')")
_VALUE = re.compile(
    r"(?i)(?:(?:xox[a-z](?:\.xox[a-z])?-|xapp-)[\w.!+/=~-]+|(?:bearer|basic)\s+[\w.!+/=~-]{12,})"
)


def mask_text(text: str) -> str:
    """The text with known kinds of secret values replaced by an ellipsis."""
    return _VALUE.sub(HIDDEN, _LITERAL.sub(rf"\1{HIDDEN}", _PAIR.sub(rf"\1\2={HIDDEN}", text)))


def mask_path(path_qs: str) -> str:
    """A request's path and query, percent-decoded for reading, without the values of secret parameters."""
    path, _, query = path_qs.partition("?")
    shown = mask_text(unquote_plus(path))
    if not query:
        return shown
    pairs = []
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        hidden = HIDDEN if _KEY.match(unquote_plus(name)) else mask_text(unquote_plus(value))
        pairs.append(f"{unquote_plus(name)}={hidden}")
    return f"{shown}?{'&'.join(pairs)}"


def mask_json(value: Any) -> Any:
    """A copy of a JSON value in which every secret-named key and every secret-looking text is hidden."""
    if isinstance(value, dict):
        return {
            key: HIDDEN if _KEY.match(str(key)) and isinstance(inner, str) else mask_json(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask_json(inner) for inner in value]
    return mask_text(value) if isinstance(value, str) else value
