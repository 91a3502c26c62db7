"""Two pairs of consumer key and secret: the requests that public tools send to stage, rotate and delete them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.salesforce.apps import App
from tests.conformance.salesforce_driving import DATA, Answer, Running, serving


@pytest.fixture
async def org() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


class Tool:
    """What an administrator's program does: find the app, find its consumer, and follow the addresses given."""

    def __init__(self, org: Running, token: str) -> None:
        self.org = org
        self._headers = {"Authorization": f"Bearer {token}"}

    @classmethod
    async def of(cls, org: Running) -> Tool:
        return cls(org, (await org.jwt()).body["access_token"])

    @property
    def app(self) -> App:
        apps = self.org.org.apps.values()
        return next(a for a in apps if a.kind == "external" and a.client_credentials)

    async def ask(self, method: str, path: str, **how: Any) -> Answer:
        return await self.org.ask(method, path, headers=self._headers, **how)

    async def staged_url(self) -> str:
        usage = await self.ask("GET", f"{DATA}/apps/oauth/usage")
        found = next(a for a in usage.body["apps"] if a["developerName"] == self.app.name)
        consumers = await self.ask("GET", f"{DATA}/apps/oauth/credentials/{found['identifier']}")
        return str(consumers.body["consumers"][0]["stagedCredentialsUrl"])

    async def sign_in(self, key: str, secret: str) -> int:
        answer = await self.org.token_request(
            grant_type="client_credentials", client_id=key, client_secret=secret
        )
        return answer.status


async def test_both_pairs_work_from_staging_to_deletion(org: Running) -> None:
    """Stage, use, rotate, use both, delete the former: no sign-in with a living pair ever fails."""
    tool = await Tool.of(org)
    old = (tool.app.client_id, tool.app.client_secret)
    made = await tool.ask("POST", await tool.staged_url())
    staged = made.body["stagedCredentials"][0]
    new = (staged["key"], staged["secret"])
    assert staged["status"] == "active"
    assert new[0] != old[0]
    assert [await tool.sign_in(*pair) for pair in (old, new)] == [200, 200]
    assert await tool.sign_in(new[0], old[1]) == 400  # each key has its own secret
    rotated = await tool.ask("PATCH", staged["url"], json={"command": "rotate"})
    assert (rotated.body["key"], rotated.body["status"]) == (old[0], "rotated")
    assert [await tool.sign_in(*pair) for pair in (old, new)] == [200, 200]
    assert (await tool.ask("DELETE", rotated.body["url"])).status == 204
    assert [await tool.sign_in(*pair) for pair in (old, new)] == [400, 200]
    assert (await tool.ask("GET", await tool.staged_url())).body == {"stagedCredentials": []}


async def test_there_is_one_slot(org: Running) -> None:
    """A second pair is refused while one is staged, and the first stays as it was."""
    tool = await Tool.of(org)
    url = await tool.staged_url()
    first = (await tool.ask("POST", url)).body["stagedCredentials"][0]
    assert (await tool.ask("POST", url)).status == 400
    assert (await tool.ask("GET", url)).body["stagedCredentials"] == [first]


async def test_the_slot_empties_itself_after_thirty_days(org: Running) -> None:
    """A pair that was rotated out works for thirty days and then is gone."""
    tool = await Tool.of(org)
    old = (tool.app.client_id, tool.app.client_secret)
    staged = (await tool.ask("POST", await tool.staged_url())).body["stagedCredentials"][0]
    await tool.ask("PATCH", staged["url"], json={"command": "rotate"})
    org.world.advance(days=29)
    assert await tool.sign_in(*old) == 200
    org.world.advance(days=2)
    assert await tool.sign_in(*old) == 400


async def test_the_main_pair_is_shown_in_parts(org: Running) -> None:
    """`part` says whether key, secret or both are shown; without it the key alone."""
    tool = await Tool.of(org)
    path = (await tool.staged_url()).removesuffix("/staged")
    shown = {part: (await tool.ask("GET", f"{path}?part={part}")).body for part in ("key", "keyandsecret")}
    assert set(shown["key"]) == {"id", "key"}
    assert shown["keyandsecret"]["secret"] == tool.app.client_secret
    assert set((await tool.ask("GET", path)).body) == {"id", "key"}
    assert (await tool.ask("GET", f"{path}?part=everything")).status == 400


async def test_the_setting_and_the_version_close_it(org: Running) -> None:
    """Without the org's setting, before v65.0, for another app or an unknown slot there is nothing."""
    tool = await Tool.of(org)
    url = await tool.staged_url()
    assert (await tool.ask("GET", url.replace("v65.0", "v64.0"))).status == 404
    assert (await tool.ask("GET", f"{url}/0yVAk0000000099AAA")).status == 404
    org.switch(consumer_secrets_by_rest=False)
    assert (await tool.ask("GET", url)).status == 403
