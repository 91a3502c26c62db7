"""OAuth 2.0 by generic libraries whose addresses alone were changed."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.httpx_client import OAuthError as Refused
from requests_oauthlib import OAuth2Session

from tests.conformance.wrike_driving import PERSON, Wrike

SERVICE = "wrike.salesforce@integrations.larkspur.example"
CALLBACK = "http://127.0.0.1:9/callback"


def _client(wrike: Wrike, **how: Any) -> AsyncOAuth2Client:
    return AsyncOAuth2Client(
        client_id=wrike.ready["client_id"],
        client_secret=wrike.ready["client_secret"],
        redirect_uri=CALLBACK,
        token_endpoint_auth_method="client_secret_post",
        **how,
    )


async def _allowed(wrike: Wrike, address: str, email: str, decision: str = "allow") -> str:
    """A person at the authorize page: fills in the form that is there, and is sent on."""
    page = await wrike.http.get(address)
    assert page.status_code == 200, page.text
    asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
    for name in ("client_id", "state", "redirect_uri"):
        if name in asked:
            assert f'name="{name}"' in page.text
    form = {key: asked[key] for key in ("client_id", "redirect_uri", "scope", "state") if key in asked}
    answer = await wrike.http.post(
        wrike.ready["authorize_url"],
        data=form | {"email": email, "decision": decision},
        follow_redirects=False,
    )
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


async def test_authlib_signs_in_as_the_service_account_and_refreshes(wrike: Wrike) -> None:
    """Authorisation code, who am I, refresh; the reply names its host and the refresh token is new each time."""
    async with _client(wrike, scope="Default,amReadOnlyInvitation") as client:
        address, state = client.create_authorization_url(wrike.ready["authorize_url"])
        sent_to = await _allowed(wrike, address, SERVICE)
        token = await client.fetch_token(
            wrike.ready["token_url"], authorization_response=sent_to, state=state
        )
        assert (token["token_type"], token["expires_in"]) == ("bearer", 3600)
        assert token["host"] == urlsplit(wrike.url).netloc
        me = (await client.get(f"{wrike.url}/contacts?me=true")).json()["data"][0]
        assert me["profiles"][0]["email"] == SERVICE
        first = token["refresh_token"]
        renewed = await client.refresh_token(wrike.ready["token_url"])
        assert renewed["refresh_token"] != first
        with pytest.raises(Refused, match="invalid_grant"):
            await client.refresh_token(wrike.ready["token_url"], refresh_token=first)
        again = await client.refresh_token(wrike.ready["token_url"], refresh_token=renewed["refresh_token"])
        assert (await wrike.call("GET", "/version", token=again["access_token"])).status_code == 200


async def test_requests_oauthlib_does_the_same(wrike: Wrike, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other common library, which sends the client's secret as a form field."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # it insists on https even on this machine
    session = OAuth2Session(wrike.ready["client_id"], redirect_uri=CALLBACK)
    address, _ = session.authorization_url(wrike.ready["authorize_url"])
    sent_to = await _allowed(wrike, address, SERVICE)

    def fetch() -> Any:
        return session.fetch_token(
            wrike.ready["token_url"],
            code=parse_qs(urlsplit(sent_to).query)["code"][0],
            client_secret=wrike.ready["client_secret"],
            include_client_id=True,
        )

    token = await asyncio.to_thread(fetch)
    assert (await wrike.data("GET", "/contacts?me=true", token=token["access_token"]))[0]["me"] is True


async def _spend(wrike: Wrike, **form: str) -> httpx.Response:
    keys = {"client_id": wrike.ready["client_id"], "client_secret": wrike.ready["client_secret"]}
    return await wrike.http.post(wrike.ready["token_url"], data=keys | form)


async def _granted(wrike: Wrike, email: str = SERVICE, **asked: str) -> dict[str, Any]:
    code = (await wrike.lever("approve", email=email, **asked))["code"]
    answer = await _spend(wrike, grant_type="authorization_code", code=code)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_code_works_once_for_ten_minutes_and_for_its_client(wrike: Wrike) -> None:
    """A second use, an old code and another redirect address are invalid_grant."""
    code = (await wrike.lever("approve", email=SERVICE))["code"]
    assert (await _spend(wrike, grant_type="authorization_code", code=code)).status_code == 200
    again = await _spend(wrike, grant_type="authorization_code", code=code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    old = (await wrike.lever("approve", email=SERVICE))["code"]
    await wrike.world("advance", seconds=601)
    assert (await _spend(wrike, grant_type="authorization_code", code=old)).json()["error"] == "invalid_grant"
    other = (await wrike.lever("approve", email=SERVICE, redirect_uri=CALLBACK))["code"]
    wrong = await _spend(
        wrike, grant_type="authorization_code", code=other, redirect_uri="http://127.0.0.1:9/x"
    )
    assert wrong.json()["error"] == "invalid_grant"


async def test_of_two_refreshes_at_once_one_wins(wrike: Wrike) -> None:
    """Refresh tokens are single use: parallel refreshers lose theirs."""
    refresh = (await _granted(wrike))["refresh_token"]
    answers = await asyncio.gather(
        *(_spend(wrike, grant_type="refresh_token", refresh_token=refresh) for _ in range(4))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


async def test_access_tokens_end_after_an_hour(wrike: Wrike) -> None:
    """By the world's clock; the refresh token still works then."""
    granted = await _granted(wrike)
    await wrike.world("advance", seconds=3601)
    assert (await wrike.call("GET", "/version", token=granted["access_token"])).status_code == 401
    renewed = await _spend(wrike, grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert (await wrike.call("GET", "/version", token=renewed.json()["access_token"])).status_code == 200


@pytest.mark.parametrize("grant", ["password", "client_credentials", "implicit", ""])
async def test_there_is_no_login_without_a_person(wrike: Wrike, grant: str) -> None:
    """Authorisation code only, as Wrike says."""
    refused = await _spend(wrike, grant_type=grant, username=SERVICE, password="x")
    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_grant_type")


async def test_scopes_bind_the_token(wrike: Wrike) -> None:
    """Default reads and writes the workspace and no more; a named scope opens what it names, for whoever may."""
    plain = (await _granted(wrike))["access_token"]
    assert await wrike.data("GET", "/folders", token=plain)
    for path in ("/invitations", "/groups", "/audit_log", "/access_roles", "/users/x"):
        assert (await wrike.refused("GET", path, token=plain))[0] == 403, path
    admin = "ada.okonkwo@larkspur.example"
    reader = (await _granted(wrike, email=admin, scope="wsReadOnly,amReadOnlyInvitation"))["access_token"]
    assert await wrike.data("GET", "/invitations", token=reader)
    asked = {"data": {"email": "a@b.example"}}
    assert (await wrike.refused("POST", "/invitations", token=reader, **asked))[0] == 403
    folder = await wrike.folder("Access requests")
    assert (await wrike.refused("PUT", f"/folders/{folder}", token=reader, data={"title": "x"}))[0] == 403


async def test_a_person_may_say_no_and_a_stranger_may_not_come_back(wrike: Wrike) -> None:
    """Denial returns with error and state; unknown scopes, clients and foreign redirect addresses are refused."""
    base = f"{wrike.ready['authorize_url']}?client_id={wrike.ready['client_id']}&response_type=code"
    sent_to = await _allowed(wrike, f"{base}&state=s1&redirect_uri={CALLBACK}", SERVICE, decision="deny")
    assert sent_to == f"{CALLBACK}?error=access_denied&state=s1"
    for bad in ("&scope=everything", "&redirect_uri=https://evil.example/cb", "&client_id=nobody"):
        address = base.replace(wrike.ready["client_id"], "nobody") if "nobody" in bad else base + bad
        assert (await wrike.http.get(address)).status_code == 400, bad
    wrong = await wrike.http.post(wrike.ready["token_url"], data={"client_id": "nobody"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


async def test_a_revoked_or_deactivated_consent_cannot_be_refreshed(wrike: Wrike) -> None:
    """What a person takes back is dead at once; a deactivated user's follows the switch."""
    granted = await _granted(wrike, email=PERSON)
    await wrike.lever("deactivate", email=PERSON)
    assert (await wrike.call("GET", "/version", token=granted["access_token"])).status_code == 401
    refused = await _spend(wrike, grant_type="refresh_token", refresh_token=granted["refresh_token"])
    assert refused.json()["error"] == "invalid_grant"
    await wrike.lever("reactivate", email=PERSON)
    await wrike.lever("revoke", email=PERSON, label="Handover")
    assert (await wrike.call("GET", "/version", token=granted["access_token"])).status_code == 401
    log = await wrike.data("GET", "/audit_log", params={"operations": '["Oauth2AccessRevoked"]'})
    assert log[0]["userEmail"] == PERSON


async def test_the_host_of_the_reply_is_where_the_account_lives(wrike: Wrike) -> None:
    """An account at the other data centre says so, and its tokens work there and nowhere else."""
    await wrike.lever("switches", centre="other")
    granted = await _granted(wrike)
    assert granted["host"] == urlsplit(wrike.ready["other_url"]).netloc
    headers = {"Authorization": f"bearer {granted['access_token']}"}
    assert (
        await wrike.http.get(f"http://{granted['host']}/api/v4/version", headers=headers)
    ).status_code == 200
    assert (await wrike.http.get(f"{wrike.url}/version", headers=headers)).status_code == 401
