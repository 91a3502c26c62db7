"""An authenticator app, written from RFC 6238 and the otpauth key URI format alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qs, urlsplit


def code_of(uri: str, at: datetime, steps: int = 0) -> str:
    """What the app shows at that time, or so many steps of half a minute later."""
    asked = urlsplit(uri)
    assert (asked.scheme, asked.netloc) == ("otpauth", "totp")
    query = {name: values[0] for name, values in parse_qs(asked.query, strict_parsing=True).items()}
    digits, period = int(query.get("digits", "6")), int(query.get("period", "30"))
    key = base64.b32decode(query["secret"])
    counter = (int(at.timestamp()) // period + steps).to_bytes(8, "big")
    digest = hmac.digest(key, counter, hashlib.sha1)
    at_byte = digest[-1] & 15
    number = int.from_bytes(digest[at_byte : at_byte + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"
