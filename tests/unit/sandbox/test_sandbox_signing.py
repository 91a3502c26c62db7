"""Signatures: ours are what slack_sdk's verifier accepts, and the spoiled ones are what it refuses."""

from __future__ import annotations

import pytest
from slack_sdk.signature import SignatureVerifier

from sandbox.slack.signing import headers


def test_a_good_signature_is_valid() -> None:
    """slack_sdk's own verifier accepts what we sign."""
    assert SignatureVerifier("s3cret").is_valid_request("a=é&b", headers("s3cret", "a=é&b", "good"))


@pytest.mark.parametrize("how", ["bad", "old", "missing"])
def test_spoiled_signatures_are_refused(how: str) -> None:
    """A changed body, a five-minute-old timestamp and absent headers are refused."""
    assert not SignatureVerifier("s3cret").is_valid_request("body", headers("s3cret", "body", how))
