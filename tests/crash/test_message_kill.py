"""Messages under kills and lost answers: told once where we may look, and never less than once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.company import load
from tests.crash.town import Town, town

LEAVER = "marcus.delacroix@larkspur.example"
AGAIN = "an earlier copy may stand above"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    """An installation of its own for each test, with the scopes that everybody has."""
    async with town(tmp_path, load()) as made:
        yield made


async def _first_alerts(place: Town) -> None:
    """Wait for what the first scan has to say: a leaver from before our time, and the end dates."""
    await place.desk.said("was deactivated", within_s=30)
    await place.desk.said("SelfSignedCert", within_s=30)


@pytest.mark.timeout(300)
async def test_killed_around_the_sending_each_alert_is_told_once(place: Town) -> None:
    """Committed and not begun, begun and not sent, sent and not recorded: what is committed is told, once."""
    await place.may_read_history()
    for point in ("message.due", "message.begun", "message.sent"):
        await place.start(f"{point}:1")
        await place.dies()
    await place.start()
    await _first_alerts(place)
    assert set((await place.posts()).values()) == {1}
    assert not [words for words in await place.posts() if AGAIN in words]
    await place.kill()
    await place.start("event.taken:1")
    await place.desk.post("/deactivate", {"email": LEAVER, "where": ["slack"]})
    await place.dies()  # Slack had its acknowledgement and will not say it again
    await place.start("message.sent:1")
    await place.dies()
    await place.start()
    await place.said_once("Marcus Delacroix", "was deactivated")


@pytest.mark.timeout(300)
async def test_where_we_may_not_look_a_message_comes_at_most_twice_and_says_so(place: Town) -> None:
    """Without history scopes a kill between Slack's answer and our record doubles one message, openly."""
    await place.start("message.sent:1")
    await place.dies()
    (before,) = await place.posts()
    await place.start()
    await _first_alerts(place)
    posts = await place.posts()
    (again,) = [words for words in posts if AGAIN in words]
    assert again.replace(before, "").strip().startswith("Sent again")
    assert posts[before] == posts[again] == 1
    assert set(posts.values()) == {1}


@pytest.mark.timeout(300)
async def test_a_lost_answer_doubles_nothing(place: Town) -> None:
    """Slack posted the message and its answer came to us broken: it is found and not posted again."""
    await place.may_read_history()
    broken = {"platform": "slack", "kind": "bad_json", "match": "chat.postMessage", "count": 1}
    await place.desk.post("/faults", broken)
    await place.start()
    await _first_alerts(place)
    counters = (await place.desk.get(""))["counters"]
    assert counters["slack.fault.bad_json"] == 1
    assert set((await place.posts()).values()) == {1}


@pytest.mark.timeout(300)
async def test_a_closed_channel_keeps_its_alerts(place: Town) -> None:
    """While nobody lets us into the alert channel its messages wait; let in, we say what was to be said."""
    channel = place.desk.channel
    await place.desk.post("/slack/channel", {"channel": channel, "archived": True})
    await place.start()

    async def refused() -> bool:
        return bool((await place.desk.get(""))["counters"].get("slack.error.is_archived"))

    await place.desk.until(refused, 30.0)
    await place.desk.post("/slack/channel", {"channel": channel, "archived": False})
    await _first_alerts(place)
    assert set((await place.posts()).values()) == {1}
