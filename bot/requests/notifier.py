"""What people are told of a request: its own message, its thread, and the requester at the end."""

from __future__ import annotations

from bot.chat.codec import encode_reply
from bot.chat.model import Reply
from bot.clock import Clock
from bot.db.outbox import Posting
from bot.db.unit import Unit
from bot.requests import messages as cards
from bot.requests.model import ChangeRequest


class Telling:
    """Puts messages into the outbox of the transaction that they speak of."""

    def __init__(self, channel: str, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock

    async def announce(self, unit: Unit, request: ChangeRequest) -> None:
        """The request's own message, which later ones edit and answer."""
        await self.say(unit, request, "opened", cards.request_card(request))

    async def say(self, unit: Unit, request: ChangeRequest, key: str, reply: Reply) -> None:
        """In the request's thread, once for each ``key``."""
        await unit.outbox.put(self._posting(request, key, reply))

    async def refresh(
        self,
        unit: Unit,
        request: ChangeRequest,
        discounted: frozenset[str] = frozenset(),
        once: str = "",
    ) -> None:
        """Bring the request's own message up to date; with ``once``, one time for each of those."""
        key = f"card:{once}" if once else f"card:{request.state.value}:{self._clock.now():%Y%m%dT%H%M%S%f}"
        card = cards.request_card(request, discounted)
        await unit.outbox.put(self._posting(request, key, card, edit=True))

    async def result(self, unit: Unit, request: ChangeRequest) -> None:
        """How it ended, to whoever asked for it."""
        posting = Posting(
            idem_key=f"request:{request.id}:told:{request.state.value}",
            channel=request.requester,
            body=encode_reply(cards.result_card(request)),
        )
        await unit.outbox.put(posting)

    def _posting(self, request: ChangeRequest, key: str, reply: Reply, *, edit: bool = False) -> Posting:
        thread = f"request:{request.id}"
        return Posting(
            idem_key=f"{thread}:{key}",
            channel=self._channel,
            body=encode_reply(reply),
            thread=thread,
            edit=edit,
        )
