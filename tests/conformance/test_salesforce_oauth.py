"""The OAuth endpoints say what Salesforce's documents and its users report."""

from __future__ import annotations

import base64
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import jwt
import pytest

from sandbox.salesforce.certificates import KeyPair
from tests.conformance.salesforce_driving import Answer, Running, serving

ALICE = "alice.doherty@larkspur.example"
CAROL = "carol.ferreira@larkspur.example"
WAREHOUSE = "svc.warehouse@integrations.larkspur.example"


@pytest.fixture
async def org() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


def app(org: Running, name: str):  # type: ignore[no-untyped-def]
    return next(a for a in org.org.apps.values() if a.name == name)


def refusal(answer: Answer) -> tuple[str, str]:
    """The pair of a refused token request, which is an object and must not be cached."""
    assert answer.status == 400, answer
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.body) == {"error", "error_description"}
    return answer.body["error"], answer.body["error_description"]


def last_status(org: Running) -> str:
    return str(list(org.org["LoginHistory"])[-1]["Status"])


async def test_success_body(org: Running) -> None:
    """A token comes with an identity address and a time in milliseconds, without expires_in or a refresh token."""
    answer = await org.jwt()
    assert set(answer.body) == {
        "access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
    }  # fmt: skip
    user = org.user(org.hello["username"])
    assert answer.body["id"].endswith(f"/id/{org.org.row['Id']}/{user['Id']}")
    assert answer.body["instance_url"] == org.url
    assert abs(int(answer.body["issued_at"]) / 1000 - time.time()) < 60


@pytest.mark.parametrize("exp", ["text", "int", "milliseconds", "far"])
async def test_exp_in_every_shape_clients_send(org: Running, exp: str) -> None:
    """exp may be a text, a number, milliseconds, or decades away."""
    now = int(time.time())
    shapes = {
        "text": str(now + 180),
        "int": now + 180,
        "milliseconds": (now + 180) * 1000,
        "far": now + 10**9,
    }
    assert (await org.jwt(exp=shapes[exp])).status == 200


async def test_exp_in_the_past(org: Running) -> None:
    """An expired assertion is called an expired authorization code."""
    assert refusal(await org.jwt(exp=int(time.time()) - 5)) == ("invalid_grant", "expired authorization code")


async def test_exp_beyond_the_switch(org: Running) -> None:
    """Where the switch sets a longest life, a longer one is refused."""
    org.switch(jwt_max_lifetime_s=300)
    assert refusal(await org.jwt(exp=int(time.time()) + 900))[0] == "invalid_grant"
    assert (await org.jwt()).status == 200


@pytest.mark.parametrize(
    "host", ["https://login.salesforce.com", "https://test.salesforce.com", "my", "self"]
)
async def test_audiences(org: Running, host: str) -> None:
    """The login hosts, the My Domain and the address itself are audiences."""
    known = {"my": "https://larkspur.my.salesforce.com", "self": org.url}
    assert (await org.jwt(aud=known.get(host, host))).status == 200


async def test_wrong_audience(org: Running) -> None:
    """Any other audience is refused."""
    assert refusal(await org.jwt(aud="https://example.com")) == (
        "invalid_grant",
        "Audience validation failed",
    )


async def test_prn_wins_over_sub(org: Running) -> None:
    """The old claim for the user goes first when both are sent."""
    assert (await org.jwt(prn=org.hello["username"], sub="nobody@larkspur.example")).status == 200


async def test_wrong_key(org: Running) -> None:
    """A signature that does not match the app's certificate is an invalid assertion, and is written down."""
    answer = await org.jwt(key=KeyPair.new().private_pem())
    assert refusal(answer) == ("invalid_grant", "invalid assertion")
    assert last_status(org) == "Failed: Signature Invalid"


async def test_unknown_consumer(org: Running) -> None:
    """An unknown consumer key is named as such."""
    assert refusal(await org.jwt(iss="3MVG9nobody")) == ("invalid_client_id", "client identifier invalid")


async def test_garbage_assertion(org: Running) -> None:
    """What is no JWT is an invalid assertion."""
    answer = await org.token_request(
        grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion="a.b"
    )
    assert refusal(answer) == ("invalid_grant", "invalid assertion")


async def test_not_admin_approved(org: Running) -> None:
    """With admin approval required, a user without the permission set is refused and LoginHistory says why."""
    answer = await org.jwt(sub=CAROL)
    assert refusal(answer) == ("invalid_app_access", "user is not admin approved to access this app")
    assert last_status(org) == "Failed: Not approved for access"


async def test_unknown_user_leaves_no_history(org: Running) -> None:
    """A username that does not exist never appears in LoginHistory."""
    before = len(org.org["LoginHistory"])
    answer = await org.jwt(sub="nobody@larkspur.example")
    assert refusal(answer) == ("invalid_grant", "user hasn't approved this consumer")
    assert len(org.org["LoginHistory"]) == before


async def test_inactive_and_frozen(org: Running) -> None:
    """A frozen and an inactive user get no token, and the switch words it."""
    user = org.user(org.hello["username"])
    state = org.org["UserLogin"].where("UserId", user["Id"])[0]
    org.org["UserLogin"].change(state, {"IsFrozen": True})
    assert refusal(await org.jwt()) == org.org.switches.frozen_error
    assert last_status(org) == "User is frozen"
    org.org["UserLogin"].change(state, {"IsFrozen": False})
    org.org["User"].change(user, {"IsActive": False})
    assert refusal(await org.jwt()) == org.org.switches.inactive_error
    assert last_status(org) == "User is inactive"


async def test_expired_certificate(org: Running) -> None:
    """An expired certificate still works, unless the switch says otherwise."""
    org.world.advance(days=400)
    assert (await org.jwt()).status == 200
    org.switch(expired_certificate_refused=True)
    assert refusal(await org.jwt()) == ("invalid_grant", "invalid assertion")


async def test_login_ranges_and_hours_bind_jwt(org: Running) -> None:
    """Profile ranges and hours are enforced at login, by the caller's address and the org's clock."""
    key = org.org.private_keys["Data_warehouse_loader"]
    loader = app(org, "Data_warehouse_loader")

    async def attempt(address: str) -> Answer:
        claims = {"iss": loader.client_id, "sub": WAREHOUSE, "aud": org.url, "exp": int(time.time()) + 60}
        return await org.ask(
            "POST",
            "/services/oauth2/token",
            data={
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": jwt.encode(claims, key, algorithm="RS256"),
            },
            headers={"X-Forwarded-For": address},
        )

    assert (await attempt("198.51.100.20")).status == 200
    assert refusal(await attempt("203.0.113.9")) == ("invalid_grant", "ip restricted")
    assert last_status(org) == "Restricted IP"
    profile = org.org["Profile"].where("Name", "Warehouse loader")[0]
    limits = org.org.restrictions[profile["Id"]]
    closed = dict.fromkeys(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), (0, 0)
    )
    org.org.restrictions[profile["Id"]] = type(limits)(limits.ranges, closed)
    assert refusal(await attempt("198.51.100.20")) == ("invalid_grant", "authentication failure")
    assert last_status(org) == "Restricted time"


async def test_client_credentials(org: Running) -> None:
    """Credentials in the body or in a Basic header; no scope; not on a login host."""
    form = {"grant_type": "client_credentials"}
    keys = {"client_id": org.hello["client_id"], "client_secret": org.hello["client_secret"]}
    assert (await org.token_request(**form, **keys)).status == 200
    basic = base64.b64encode(f"{keys['client_id']}:{keys['client_secret']}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert (await org.ask("POST", "/services/oauth2/token", data=form, headers=headers)).status == 200
    scoped = await org.token_request(**form, **keys, scope="api")
    assert refusal(scoped) == ("invalid_request", "scope parameter not supported")
    host = {"Host": "login.salesforce.com"}
    there = await org.ask("POST", "/services/oauth2/token", data=form | keys, headers=host)
    assert refusal(there) == ("invalid_grant", "request not supported on this domain")
    org.switch(host_kind="login")
    assert refusal(await org.token_request(**form, **keys))[1] == "request not supported on this domain"


async def test_client_credentials_refusals(org: Running) -> None:
    """A wrong secret, a missing run-as user, an inactive one, an app without the flow."""
    bot = app(org, "Handover")
    form = {
        "grant_type": "client_credentials",
        "client_id": bot.client_id,
        "client_secret": bot.client_secret,
    }
    wrong = await org.token_request(**(form | {"client_secret": "no"}))
    assert refusal(wrong) == ("invalid_client", "invalid client credentials")
    bot.run_as = None
    assert refusal(await org.token_request(**form)) == ("invalid_grant", "no client credentials user enabled")
    bot.run_as = "kenji.watanabe@larkspur.example"
    assert refusal(await org.token_request(**form)) == ("invalid_grant", "inactive user")
    bot.client_credentials = False
    assert refusal(await org.token_request(**form)) == ("unsupported_grant_type", "grant type not supported")


async def test_permitted_users_of_the_run_as_user(org: Running) -> None:
    """Whether the permitted-users policy binds the run-as user is a switch."""
    celigo = app(org, "Celigo")
    form = {
        "grant_type": "client_credentials",
        "client_id": celigo.client_id,
        "client_secret": celigo.client_secret,
    }
    assert (await org.token_request(**form)).status == 200
    org.switch(run_as_needs_permitted_user_policy=True)
    assert refusal(await org.token_request(**form))[0] == "invalid_app_access"


async def test_unsupported_grant(org: Running) -> None:
    """Any other grant type is refused by name."""
    answer = await org.token_request(grant_type="device")
    assert refusal(answer) == ("unsupported_grant_type", "grant type not supported")


async def test_refresh_and_revoke_by_delete_token(org: Running) -> None:
    """An administrator ends somebody's grant by its DeleteToken; the access tokens from it die with it."""
    marketo = app(org, "Marketo_sync")
    made = await org.lever("authorize", app="Marketo sync", email=CAROL)
    form = {
        "grant_type": "refresh_token",
        "client_id": marketo.client_id,
        "client_secret": marketo.client_secret,
        "refresh_token": made.body["refresh_token"],
    }
    token = (await org.token_request(**form)).body["access_token"]
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 200
    bot = await org.token()
    where = f"UserId = '{org.user(CAROL)['Id']}' AND AppName = 'Marketo sync'"
    row = (await org.rows(bot, f"SELECT DeleteToken, UseCount FROM OauthToken WHERE {where}"))[0]
    assert row["UseCount"] == 1
    gone = await org.ask("POST", "/services/oauth2/revoke", data={"token": row["DeleteToken"]})
    assert (gone.status, gone.body) == (200, "")
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 401
    assert refusal(await org.token_request(**form)) == ("invalid_grant", "expired access/refresh token")
    again = await org.ask("POST", "/services/oauth2/revoke", data={"token": row["DeleteToken"]})
    assert refusal(again)[0] == "invalid_token"


async def test_use_count_rises_on_failure(org: Running) -> None:
    """A refused refresh counts as a use, so the count alone proves nothing."""
    marketo = app(org, "Marketo_sync")
    made = await org.lever("authorize", app="Marketo sync", email=CAROL)
    org.org["User"].change(org.user(CAROL), {"IsActive": False})
    answer = await org.token_request(
        grant_type="refresh_token",
        client_id=marketo.client_id,
        client_secret=marketo.client_secret,
        refresh_token=made.body["refresh_token"],
    )
    assert refusal(answer) == ("invalid_grant", "inactive user")
    assert org.org["OauthToken"].where("UserId", org.user(CAROL)["Id"])[-1]["UseCount"] == 1


async def test_authorization_code_once(org: Running) -> None:
    """A code is good once, for its own app and callback, and creates the grant."""
    outreach = app(org, "Outreach")
    code = (await org.lever("authorize", app="Outreach", email=CAROL, code=True)).body["code"]
    form = {
        "grant_type": "authorization_code",
        "client_id": outreach.client_id,
        "client_secret": outreach.client_secret,
        "redirect_uri": outreach.callback_url,
        "code": code,
    }
    first = await org.token_request(**form)
    assert first.status == 200
    assert first.body["refresh_token"]
    assert refusal(await org.token_request(**form)) == ("invalid_grant", "invalid authorization code")


async def test_rotating_refresh_tokens(org: Running) -> None:
    """Where an app rotates, the old refresh token dies as the new one is handed out."""
    outreach = app(org, "Outreach")
    outreach.rotates_refresh_tokens = True
    old = (await org.lever("authorize", app="Outreach", email=CAROL)).body["refresh_token"]
    form = {
        "grant_type": "refresh_token",
        "client_id": outreach.client_id,
        "client_secret": outreach.client_secret,
    }
    new = (await org.token_request(**form, refresh_token=old)).body["refresh_token"]
    assert refusal(await org.token_request(**form, refresh_token=old))[1] == "expired access/refresh token"
    assert (await org.token_request(**form, refresh_token=new)).status == 200


async def test_introspection(org: Running) -> None:
    """An app learns when its own token ends, and nothing about another app's."""
    token = await org.token()
    form = {"token": token, "client_id": org.hello["client_id"], "client_secret": org.hello["client_secret"]}
    own = (await org.ask("POST", "/services/oauth2/introspect", data=form)).body
    assert own["active"] is True
    assert own["username"] == org.hello["username"]
    assert own["exp"] - own["iat"] == org.org.switches.session_timeout_s
    celigo = app(org, "Celigo")
    other = form | {"client_id": celigo.client_id, "client_secret": celigo.client_secret}
    assert (await org.ask("POST", "/services/oauth2/introspect", data=other)).body == {"active": False}
    org.world.advance(seconds=org.org.switches.session_timeout_s)
    assert (await org.ask("POST", "/services/oauth2/introspect", data=form)).body == {"active": False}


async def test_userinfo(org: Running) -> None:
    """The bearer is described; a bad token is answered in plain text with 403."""
    token = await org.token()
    headers = {"Authorization": f"Bearer {token}"}
    found = await org.ask("GET", "/services/oauth2/userinfo", headers=headers)
    assert found.body["preferred_username"] == org.hello["username"]
    bad = await org.ask("GET", "/services/oauth2/userinfo", headers={"Authorization": "Bearer nothing"})
    assert (bad.status, bad.body) == (403, "Bad_OAuth_Token")
    assert "json" not in bad.headers["Content-Type"]


async def test_identity_address(org: Running) -> None:
    """The address in the token response leads to the same user."""
    answer = (await org.jwt()).body
    path = answer["id"].removeprefix(org.url)
    found = await org.ask("GET", path, headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert found.body["username"] == org.hello["username"]


async def test_five_approvals(org: Running) -> None:
    """The sixth approval of an app by the same person ends the oldest, without a word."""
    tokens = [(await org.lever("authorize", app="Gong", email=CAROL)).body["refresh_token"] for _ in range(6)]
    gong = app(org, "Gong")
    form = {"grant_type": "refresh_token", "client_id": gong.client_id, "client_secret": gong.client_secret}
    assert (
        refusal(await org.token_request(**form, refresh_token=tokens[0]))[1] == "expired access/refresh token"
    )
    assert (await org.token_request(**form, refresh_token=tokens[1])).status == 200
    assert org.world.counters["salesforce.grants_evicted"] == 1


async def test_sessions_end_by_the_sandbox_clock(org: Running) -> None:
    """A token lives as long as the session timeout, and a use in its second half renews it."""
    token = await org.token()
    half = timedelta(seconds=org.org.switches.session_timeout_s * 0.6).total_seconds()
    org.world.advance(seconds=half)
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 200
    org.world.advance(seconds=half)
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 200
    org.world.advance(seconds=org.org.switches.session_timeout_s)
    assert (await org.query(token, "SELECT Id FROM Organization")).status == 401


async def test_uninstalled_app(org: Running) -> None:
    """An app nobody installed cannot be authorised by an ordinary user; an administrator can."""
    refused = await org.lever("authorize", app="My Data Loader", email=CAROL)
    assert (refused.status, refused.body["error"]) == (400, "invalid_client: app must be installed into org")
    assert (
        await org.lever("authorize", app="My Data Loader", username="admin@larkspur.example")
    ).status == 200
