"""What could not be seen, in words, each with the one deed that mends it."""

from __future__ import annotations

from bot.errors import Forbidden
from bot.platform.model import Area, Gap
from bot.text import clean

UNDECLARED = Gap(
    area=Area.CLIENT_SECRET,
    what="tokens and API apps that nobody declared",
    reason="Wrike has no interface that lists tokens, apps or the connections of Wrike Integrate",
    remedy="declare each flow under [[connections.….flows]]",
)
NO_ACTIVE_FILTER = Gap(
    area=Area.STATUS,
    what="who is deactivated",
    reason="a record does not say it, and this account does not take the filter for it",
    remedy="look at Account Management → Users by hand when somebody leaves",
)


def closed(area: Area, what: str, error: Forbidden, deed: str) -> Gap:
    """A part that Wrike refused to show."""
    return Gap(area=area, what=what, reason=f"Wrike answered {clean(error.scope, 60)}", remedy=deed)


def invitations_unseen(error: Forbidden) -> Gap:
    """Who was invited and has not come."""
    deed = "give the bot's token amReadOnlyInvitation, and its user the right to invite"
    return closed(Area.STATUS, "invitations", error, deed)


def webhooks_unseen(
    flows: str, why: str = "Wrike shows webhooks only to the user whose token made them"
) -> Gap:
    """Webhooks of tokens that we do not have, or that did not answer."""
    return Gap(
        area=Area.TIES,
        what=f"webhooks made by the tokens of {clean(flows, 120)}",
        reason=clean(why, 200),
        remedy="declare the flow's `secret`",
    )


def life_unseen(flow: str, why: str) -> Gap:
    """Whether a flow's token still answers."""
    return Gap(
        area=Area.STATUS,
        what=f"whether the token of {clean(flow, 60)} is alive",
        reason=clean(why, 200),
        remedy="wait for the next scan",
    )


def content_unseen(name: str, flow: str, why: str) -> Gap:
    """Something a flow needs that is not there for us."""
    return Gap(
        area=Area.CONTENT,
        what=f"“{clean(name, 60)}”, which {clean(flow, 60)} needs",
        reason=clean(why, 200),
        remedy="share it there, or mend its name in the configuration",
    )
