"""Signatures of token-based authentication agree with an independent implementation, and with Oracle's sample."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import Client

from bot.text import Secret
from platforms.netsuite.signing import Signer, enc

# Inputs printed by Oracle (NetSuite help, section_1534941088); signatures computed by hand and by oauthlib.
ORACLE = Signer(
    realm="123456",
    consumer_key="ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    token="2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    consumer_secret=Secret("d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5"),
    token_secret=Secret("c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295"),
)
NONCE, TIMESTAMP = "fjaLirsIcCGVZWzBX0pg", 1508242306
text = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cs"]), min_size=1)
plain = st.text("abcdefghijklmnopqrstuvwxyzABCDEF0123456789", min_size=6, max_size=40)


@pytest.mark.parametrize(
    ("method", "url", "signature"),
    [
        (
            "GET",
            "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40",
            "B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=",
        ),
        (
            "POST",
            "https://123456.restlets.api.netsuite.com/app/site/hosting/restlet.nl"
            "?script=6&deploy=1&customParam=someValue&testParam=someOtherValue",
            "+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ=",
        ),
        (
            "POST",
            "https://123456.suitetalk.api.netsuite.com/services/rest/query/v1/suiteql?limit=5&offset=10",
            "k2RKnq5epqLpuJJyOzO5DVjRwi69iuW6ayPP9THNwAI=",
        ),
    ],
)
def test_the_three_known_signatures(method: str, url: str, signature: str) -> None:
    """Oracle's inputs give the signatures that two other programs computed from them."""
    assert ORACLE.signature(method, url, nonce=NONCE, timestamp=TIMESTAMP) == signature
    header = ORACLE.header(method, url, nonce=NONCE, timestamp=TIMESTAMP)
    assert f'oauth_signature="{quote(signature, safe="")}"' in header
    assert header.startswith('OAuth realm="123456", oauth_consumer_key="')


@given(
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE"]),
    host=st.sampled_from(["a.example", "A.Example:8443", "a.example:443", "127.0.0.1:8904"]),
    path=st.lists(text, max_size=4),
    query=st.lists(st.tuples(text, st.one_of(text, st.just(""))), max_size=5),
    keys=st.tuples(plain, plain, text, text),
    nonce=plain,
    timestamp=st.integers(1, 2**33),
)
def test_any_request_is_signed_as_oauthlib_signs_it(
    method: str,
    host: str,
    path: list[str],
    query: list[tuple[str, str]],
    keys: tuple[str, str, str, str],
    nonce: str,
    timestamp: int,
) -> None:
    """For random addresses, queries, keys and secrets both give one signature and one set of parameters."""
    url = f"https://{host}/" + "/".join(quote(part, safe="") for part in path)
    if query:
        url += "?" + "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in query)
    consumer_key, token, consumer_secret, token_secret = keys
    signer = Signer("123456_SB1", consumer_key, token, Secret(consumer_secret), Secret(token_secret))
    oracle = Client(
        consumer_key,
        client_secret=consumer_secret,
        resource_owner_key=token,
        resource_owner_secret=token_secret,
        signature_method="HMAC-SHA256",
        realm="123456_SB1",
        nonce=nonce,
        timestamp=str(timestamp),
    )
    _, headers, _ = oracle.sign(url, http_method=method)
    ours = signer.header(method, url, nonce=nonce, timestamp=timestamp)
    assert _fields(ours) == _fields(headers["Authorization"])


@given(st.text())
def test_whatever_is_encoded_decodes_to_itself(raw: str) -> None:
    """Encoding loses nothing and leaves only the characters that RFC 3986 leaves alone."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return  # half a surrogate pair is no text that can be sent
    assert unquote(enc(raw)) == raw
    assert re.fullmatch(r"([A-Za-z0-9._~-]|%[0-9A-F]{2})*", enc(raw))


def _fields(header: str) -> dict[str, str]:
    return dict(re.findall(r'(\w+)="([^"]*)"', header))
