"""OAuth 1.0a as NetSuite checks it: the header, the base string and the HMAC-SHA256 signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qsl, quote, unquote

_PARAMETER = re.compile(r'([A-Za-z_][\w.-]*)\s*=\s*(?:"([^"]*)"|([^\s,"]*))')


def parameters(header: str) -> dict[str, str]:
    """The parameters of an `Authorization: OAuth …` header, percent-decoded, names in lower case."""
    _, _, rest = header.partition(" ")
    return {name.lower(): unquote(quoted or bare) for name, quoted, bare in _PARAMETER.findall(rest)}


def encoded(text: str) -> str:
    """RFC 3986 percent-encoding: everything but unreserved characters."""
    return quote(text, safe="-._~")


def base_string(method: str, address: str, query: str, oauth: dict[str, str]) -> str:
    """
    What is signed: method, address without query, and all parameters sorted.

    `address` is scheme, host, port unless it is the scheme's own, and path. Every received oauth_* parameter takes
    part except the signature (`oauth_body_hash` too); realm does not, nor does a JSON body.
    """
    pairs = parse_qsl(query, keep_blank_values=True)
    pairs += [(k, v) for k, v in oauth.items() if k.startswith("oauth_") and k != "oauth_signature"]
    sorted_pairs = sorted((encoded(name), encoded(value)) for name, value in pairs)
    joined = "&".join(f"{name}={value}" for name, value in sorted_pairs)
    return "&".join((method.upper(), encoded(address), encoded(joined)))


def signature(base: str, consumer_secret: str, token_secret: str) -> str:
    """HMAC-SHA256 in base64, keyed by both secrets."""
    key = f"{encoded(consumer_secret)}&{encoded(token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()).decode()


def matches(given: str, bases: list[str], consumer_secret: str, token_secret: str) -> bool:
    """Claims that the signature is right for one of the base strings."""
    return any(
        hmac.compare_digest(given.encode(), signature(base, consumer_secret, token_secret).encode())
        for base in bases
    )
