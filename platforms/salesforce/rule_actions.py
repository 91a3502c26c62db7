"""Target states of profiles: these address ranges are among those allowed, these are the login hours."""

from __future__ import annotations

from bot.errors import Rejected
from bot.platform.model import LoginRule
from bot.platform.plan import Action, Confirmation, Outcome
from platforms.salesforce import rules
from platforms.salesforce.org import Org


async def ranges_hold(org: Org, action: Action) -> Confirmation:
    """Whether every wanted range is in the profile's list."""
    rule = await _rule(org, action)
    wanted = rules.parse_ranges(action.params["ranges"])
    have = rule.ranges
    missing = [one for one in wanted if one in rules.merged(have, wanted)[len(have) :]]
    if missing or not have:
        return Confirmation(outcome=Outcome.NOT_DONE, detail=f"allowed now: {rules.in_words(have)}")
    return Confirmation(
        outcome=Outcome.DONE, detail=f"allowed: {rules.in_words(have)}", record_id=action.subject
    )


async def add_ranges(org: Org, action: Action) -> None:
    """Read the list, add what is missing, write it whole: the interface has no way to add one."""
    rule = await _rule(org, action)
    wanted = rules.parse_ranges(action.params["ranges"])
    await rules.write_ranges(org.client, action.params["full_name"], rules.merged(rule.ranges, wanted))


async def ranges_dropped(org: Org, action: Action) -> Confirmation:
    """Whether none of the given ranges is in the profile's list any more."""
    rule = await _rule(org, action)
    there = rules.without(rule.ranges, rules.parse_ranges(action.params["ranges"]))
    done = len(there) == len(rule.ranges)
    return Confirmation(
        outcome=Outcome.DONE if done else Outcome.NOT_DONE, detail=f"allowed: {rules.in_words(rule.ranges)}"
    )


async def drop_ranges(org: Org, action: Action) -> None:
    """Take the given ranges out and leave all others, also those that came since.

    Raises:
        Rejected: nothing would be left; what an empty list does is not documented, so a person must do it.
    """
    rule = await _rule(org, action)
    left = rules.without(rule.ranges, rules.parse_ranges(action.params["ranges"]))
    if not left:
        raise Rejected("no range would be left: empty the list by hand in the profile", status=409)
    await rules.write_ranges(org.client, action.params["full_name"], left)


async def hours_hold(org: Org, action: Action) -> Confirmation:
    """Whether the profile's hours are exactly the wanted ones."""
    rule = await _rule(org, action)
    done = sorted(rule.hours) == sorted(rules.parse_hours(action.params["hours"]))
    return Confirmation(
        outcome=Outcome.DONE if done else Outcome.NOT_DONE,
        detail=f"hours: {rules.hours_in_words(rule.hours)}",
        record_id=action.subject if done else "",
    )


async def set_hours(org: Org, action: Action) -> None:
    """Replace the profile's hours."""
    hours = rules.parse_hours(action.params["hours"])
    await rules.write_hours(org.client, action.params["full_name"], hours)


async def _rule(org: Org, action: Action) -> LoginRule:
    name = action.params["full_name"]
    found = await rules.read(org.client, [name])
    if name not in found:
        raise Rejected(
            f"the Metadata interface shows no profile {action.params['profile']}",
            status=404,
            operation="read",
        )
    return found[name]
