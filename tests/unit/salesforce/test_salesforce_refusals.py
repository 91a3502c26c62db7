"""Vendor errors become ours in one table each."""

from __future__ import annotations

import msgspec
import pytest

from bot.errors import (
    AuthFailed,
    Forbidden,
    OutcomeUnknown,
    PlatformError,
    ProtocolChanged,
    RateLimited,
    Rejected,
    Unreachable,
)
from platforms.salesforce.errors import REFUSALS, Missing, SessionExpired, refusal, refused
from platforms.salesforce.soap import fault


def _refused(
    status: int, code: str, message: str = "", *, wrote: bool = False, bare: bool = False
) -> PlatformError:
    one = {"errorCode": code, "message": message}
    body = msgspec.json.encode(one if bare else [one])
    return refused(status, body, connection="salesforce:prod", operation="list users", wrote=wrote)


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "MALFORMED_QUERY", Rejected),
        (400, "INVALID_TYPE", Missing),
        (400, "INVALID_FIELD", Missing),
        (400, "INSUFFICIENT_ACCESS_OR_READONLY", Forbidden),
        (400, "UNABLE_TO_LOCK_ROW", Unreachable),
        (401, "INVALID_SESSION_ID", SessionExpired),
        (403, "REQUEST_LIMIT_EXCEEDED", RateLimited),
        (403, "INSUFFICIENT_ACCESS", Forbidden),
        (403, "API_DISABLED_FOR_ORG", Forbidden),
        (404, "NOT_FOUND", Rejected),
        (410, "GONE", ProtocolChanged),
        (420, "", Unreachable),
        (500, "UNKNOWN_EXCEPTION", Unreachable),
    ],
)
def test_each_shape_of_refusal_has_its_error(status: int, code: str, expected: type[PlatformError]) -> None:
    """A status and a code of the data API lead to one error, whether the body is an array or a bare object."""
    assert type(_refused(status, code)) is expected
    assert type(_refused(status, code, bare=True)) is expected


def test_a_session_of_the_wrong_kind_is_not_renewed() -> None:
    """“This session is not valid for use with the REST API” is final, so no new sign-in is tried."""
    error = _refused(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
    assert type(error) is AuthFailed


def test_a_broken_answer_to_a_write_leaves_the_outcome_open() -> None:
    """After a 5xx to a write nobody knows whether it happened."""
    assert isinstance(_refused(500, "UNKNOWN_EXCEPTION", wrote=True), OutcomeUnknown)
    assert isinstance(_refused(400, "INVALID_FIELD", wrote=True), Rejected)


def test_a_refused_write_is_explained_and_its_sentence_cleaned() -> None:
    """A write's refusal says what to do, names the vendor's code and repeats its sentence without markup."""
    error = _refused(400, "DUPLICATE_USERNAME", "Duplicate Username.<br>It exists already", wrote=True)
    assert isinstance(error, Rejected)
    assert error.vendor_code == "DUPLICATE_USERNAME"
    assert "choose another" in error.hint
    assert "Duplicate Username. It exists already" in error.hint


def test_a_refused_read_does_not_repeat_the_vendor_sentence() -> None:
    """The message of a refused query holds the query, so it stays out of hints."""
    error = _refused(400, "MALFORMED_QUERY", "FROM User WHERE Username = 'ana@acme.example'")
    assert "ana@acme.example" not in str(error)


@pytest.mark.parametrize("body", [b"", b"<html>busy</html>", b"[]", b'"text"', b"\xff\xfe", b"[7]"])
def test_a_body_that_is_no_error_still_makes_an_error(body: bytes) -> None:
    """A gateway's page, or nothing at all, is read by its status alone."""
    error = refused(502, body, connection="salesforce:prod", operation="list users", wrote=False)
    assert isinstance(error, Unreachable)


def test_the_codes_of_soap_faults_are_those_of_the_data_api() -> None:
    """A SOAP fault of any code becomes the same error as on the data API."""

    def soap_fault(code: str, *, wrote: bool = False) -> PlatformError:
        body = (
            '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><soapenv:Fault>'
            f"<faultcode>sf:{code}</faultcode><faultstring>{code}: said</faultstring>"
            "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
        )
        return fault(500, body.encode(), connection="salesforce:prod", operation="read Profile", wrote=wrote)

    assert isinstance(soap_fault("INVALID_SESSION_ID"), SessionExpired)
    assert isinstance(soap_fault("INSUFFICIENT_ACCESS"), Forbidden)
    assert isinstance(soap_fault("REQUEST_LIMIT_EXCEEDED"), RateLimited)
    assert isinstance(soap_fault("UNSUPPORTED_API_VERSION"), ProtocolChanged)
    assert isinstance(soap_fault("INVALID_CROSS_REFERENCE_KEY", wrote=True), Rejected)
    assert isinstance(soap_fault("UNKNOWN_EXCEPTION", wrote=True), OutcomeUnknown)
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    assert isinstance(
        fault(500, bomb, connection="salesforce:prod", operation="read Profile", wrote=False), Unreachable
    )


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: f"{row.error}-{row.description}")
def test_every_refused_sign_in_names_its_cause_and_its_fix(row: object) -> None:
    """Each row of the table is reachable and says what to do."""
    known = next(r for r in REFUSALS if r is row)
    body = {"error": known.error, "error_description": known.description.upper()}
    error = refusal(body, connection="salesforce:prod")
    assert isinstance(error, AuthFailed)
    assert known.cause in error.hint
    assert known.fix in error.hint


def test_an_unknown_refusal_repeats_nothing_of_the_body() -> None:
    """Words of the vendor that we do not know stay out of the hint."""
    error = refusal(
        {"error": "brand_new", "error_description": "token 00Dsecret"}, connection="salesforce:prod"
    )
    assert isinstance(error, AuthFailed)
    assert "00Dsecret" not in error.hint


def test_too_many_sign_ins_ask_for_patience() -> None:
    """An exceeded sign-in rate is no refusal of the credential."""
    body = {"error": "invalid_grant", "error_description": "login rate exceeded"}
    assert isinstance(refusal(body, connection="salesforce:prod"), RateLimited)
