"""The stand-in's switches: what a workspace may have set, and where Slack's behaviour is not confirmed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Policy:
    """Read at every request, so a change works at once. The README tells which defaults are UNCONFIRMED."""

    edit_window_minutes: float | None = None
    """After this long chat.update answers edit_window_closed; None: never."""
    home_tab: bool = True
    """False: views.publish answers not_enabled."""
    messages_tab: bool = True
    """False: posting to a direct message answers messages_tab_disabled."""
    user_groups: bool = True
    """False, as on the free plan: usergroups.* answer plan_upgrade_required."""
    users_list_needs_limit_above: int = 1000
    """users.list without `limit` answers limit_required in a workspace larger than this."""
    lookup_finds_deactivated: bool = False
    """Whether users.lookupByEmail finds deactivated people (UNCONFIRMED)."""
    deleted_users_keep_details: bool = True
    """False: tz and is_admin are absent for deactivated people (UNCONFIRMED)."""
    link_typed_addresses: bool = False
    """Whether an e-mail address typed in a command arrives as <mailto:a@b|a@b> (UNCONFIRMED)."""
    mention_with_label: bool = True
    """Whether a mention typed in a command arrives as <@U1|name> or as <@U1> (UNCONFIRMED)."""
    queue_events_without_socket: bool = False
    """Whether events wait for a connection when there is none (UNCONFIRMED; real ones are lost)."""
    rate_factor: float = 1.0
    """Multiplies every rate limit; 0 lifts them all."""
    signature: str = "good"
    """How HTTP deliveries are signed: good, bad, old (301 s), missing or junk (an unreadable timestamp)."""
    duplicate: int = 0
    """How many extra times each event is delivered, with the same event_id."""
    duplicate_interactions: int = 0
    """How many extra times each button click is delivered."""
    shuffle: bool = False
    """Deliver events out of order, each up to 300 ms late."""

    def change(self, wanted: dict[str, Any]) -> None:
        """
        Set several switches at once, all or none.

        Raises ValueError naming the switch that does not exist or has a value of another kind.
        """
        known = {one.name: getattr(self, one.name) for one in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise ValueError(f"{name!r} is not one of {', '.join(known)}")
            if not _fits(name, value, known[name]):
                raise ValueError(f"{name} cannot be {value!r}")
        for name, value in wanted.items():
            setattr(self, name, value)


def _fits(name: str, value: Any, now: Any) -> bool:
    if name == "signature":
        return value in ("good", "bad", "old", "missing", "junk")
    if isinstance(now, bool):
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if name == "edit_window_minutes":
        return value is None or (isinstance(value, int | float) and value >= 0)
    if isinstance(now, float):
        return isinstance(value, int | float) and value >= 0
    return isinstance(value, int) and value >= 0
