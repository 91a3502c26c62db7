"""The stand-in's own signature check, against published inputs and against oauthlib."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from sandbox.netsuite.auth.signing import base_string, encoded, matches, parameters, signature

CONSUMER = (
    "ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    "d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5",
)
TOKEN = (
    "2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    "c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295",
)
OAUTH = {
    "oauth_consumer_key": CONSUMER[0],
    "oauth_token": TOKEN[0],
    "oauth_nonce": "fjaLirsIcCGVZWzBX0pg",
    "oauth_timestamp": "1508242306",
    "oauth_signature_method": "HMAC-SHA256",
    "oauth_version": "1.0",
}
REST, RESTLET = "https://123456.suitetalk.api.netsuite.com", "https://123456.restlets.api.netsuite.com"
texts = st.text(min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("method", "address", "query", "expected"),
    [
        (
            "GET",
            f"{REST}/services/rest/record/v1/employee/40",
            "",
            "B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY=",
        ),
        (
            "POST",
            f"{RESTLET}/app/site/hosting/restlet.nl",
            "script=6&deploy=1&customParam=someValue&testParam=someOtherValue",
            "+KK4SKNgz4ZiILGLwOMtfYlgcXSy1eis8ldE9X90azQ=",
        ),
        (
            "POST",
            f"{REST}/services/rest/query/v1/suiteql",
            "limit=5&offset=10",
            "k2RKnq5epqLpuJJyOzO5DVjRwi69iuW6ayPP9THNwAI=",
        ),
    ],
)
def test_vectors(method: str, address: str, query: str, expected: str) -> None:
    """Oracle's sample inputs give the signatures that two independent implementations gave."""
    assert signature(base_string(method, address, query, OAUTH), CONSUMER[1], TOKEN[1]) == expected


@given(
    st.sampled_from(["GET", "POST", "PATCH"]),
    st.lists(st.tuples(texts, st.text(max_size=12)), max_size=4),
    texts,
    texts,
    st.text("abcdefgh0123456789-._~ %+/", min_size=1, max_size=20),
)
def test_whatever_oauthlib_signs_is_right(
    method: str, pairs: list[tuple[str, str]], secret: str, token_secret: str, nonce: str
) -> None:
    """Any parameters, encoded and repeated, any secrets and nonces: oauthlib's header is verified."""
    pairs = [
        (name, value)
        for name, value in pairs
        if not name.startswith("oauth_") and "\ud800" not in name + value
    ]
    query = urlencode(pairs)
    address = "http://127.0.0.1:8901/services/rest/record/v1/employee"
    client = Client(
        "key",
        client_secret=secret,
        resource_owner_key="token",
        resource_owner_secret=token_secret,
        realm="A_SB1",
        nonce=nonce,
        timestamp="1508242306",
        signature_method=SIGNATURE_HMAC_SHA256,
    )
    _, headers, _ = client.sign(f"{address}?{query}" if query else address, http_method=method)
    oauth = parameters(headers["Authorization"])
    base = base_string(method, address, query, oauth)
    assert matches(oauth["oauth_signature"], [base], secret, token_secret)
    assert not matches(oauth["oauth_signature"], [base], secret + "x", token_secret)


def test_headers_in_every_spelling() -> None:
    """Values are percent-decoded; spaces and line breaks between them, capitals and bare values are understood."""
    header = 'OAuth realm="A_SB1" , OAuth_Nonce="a%2Bb",\r\n oauth_version=1.0,oauth_signature="x%3D%3D"'
    assert parameters(header) == {
        "realm": "A_SB1",
        "oauth_nonce": "a+b",
        "oauth_version": "1.0",
        "oauth_signature": "x==",
    }


@given(st.text(max_size=20))
def test_encoding_leaves_only_unreserved_characters(text: str) -> None:
    """RFC 3986: letters, digits and -._~ stand for themselves, everything else is a percent sign and capitals."""
    assert all(
        char.isascii() and (char.isalnum() or char in "-._~%") for char in encoded(text.replace("\ud800", ""))
    )
