"""OAuth 1.0a signatures of token-based authentication. Pure: nonce and time are given.

Sources: RFC 5849 section 3.4; NetSuite help, section_1534941088 and section_1534941295, read 2026-11-24.
"""

from __future__ import annotations

import hmac
import re
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import parse_qsl, quote, urlsplit

from bot.text import Secret

_PORTS = {"http": 80, "https": 443}
_DULL = re.compile(r"[A-Za-z0-9._~-]*").fullmatch


def enc(raw: str) -> str:
    """Percent-encoded as RFC 3986 has it: only letters, digits and ``-._~`` stay."""
    return raw if _DULL(raw) else quote(raw, safe="-._~")


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests with one token of one integration. What never changes is worked out once."""

    realm: str
    consumer_key: str
    token: str
    consumer_secret: Secret
    token_secret: Secret
    _keyed: hmac.HMAC = field(init=False, repr=False, compare=False)
    _head: str = field(init=False, repr=False, compare=False)
    _fixed: tuple[str, str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        key = f"{enc(self.consumer_secret.reveal())}&{enc(self.token_secret.reveal())}"
        consumer, token = enc(self.consumer_key), enc(self.token)
        object.__setattr__(self, "_keyed", hmac.new(key.encode(), digestmod=sha256))
        object.__setattr__(
            self,
            "_head",
            f'OAuth realm="{enc(self.realm)}", oauth_consumer_key="{consumer}", oauth_token="{token}", oauth_nonce="',
        )
        object.__setattr__(
            self,
            "_fixed",
            (
                f"oauth_consumer_key={consumer}&oauth_nonce=",
                "&oauth_signature_method=HMAC-SHA256&oauth_timestamp=",
                f"&oauth_token={token}&oauth_version=1.0",
            ),
        )

    def header(self, method: str, url: str, *, nonce: str, timestamp: int) -> str:
        """The value of ``Authorization``. The query of ``url`` is signed, a body is not."""
        signature = quote(self.signature(method, url, nonce=nonce, timestamp=timestamp), safe="-._~")
        return (
            f'{self._head}{enc(nonce)}", oauth_timestamp="{timestamp}", oauth_signature_method="HMAC-SHA256",'
            f' oauth_version="1.0", oauth_signature="{signature}"'
        )

    def signature(self, method: str, url: str, *, nonce: str, timestamp: int) -> str:
        """In base64."""
        keyed = self._keyed.copy()
        keyed.update(self._base(method, url, nonce, timestamp).encode())
        return b64encode(keyed.digest()).decode()

    def _base(self, method: str, url: str, nonce: str, timestamp: int) -> str:
        """The text that is signed: method, address without query, and every parameter in order."""
        before, between, after = self._fixed
        own = f"{before}{enc(nonce)}{between}{timestamp}{after}"
        parts = urlsplit(url)
        if parts.query:
            sent = [(enc(k), enc(v)) for k, v in parse_qsl(parts.query, keep_blank_values=True)]
            ours = [(k, v) for k, _, v in (pair.partition("=") for pair in own.split("&"))]
            own = "&".join(f"{k}={v}" for k, v in sorted(sent + ours))
        return f"{method.upper()}&{enc(_address(parts.scheme, parts.netloc, parts.path))}&{enc(own)}"


def _address(scheme: str, netloc: str, path: str) -> str:
    scheme, netloc = scheme.lower(), netloc.rpartition("@")[2].lower()
    host, _, port = netloc.rpartition(":")
    if host and port.isdecimal() and _PORTS.get(scheme) == int(port):
        netloc = host
    return f"{scheme}://{netloc}{path or '/'}"
