"""From where and when the users of a profile may sign in: reading, merging and writing profile rules."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from bot.errors import BadArgument, ProtocolChanged
from bot.platform.model import LoginRule
from platforms.salesforce import soap
from platforms.salesforce.client import Client
from platforms.salesforce.soap import Element, Listed

Range = tuple[str, str, str]  # start, end, description
Hours = tuple[tuple[str, int, int], ...]  # day, first and last minute after midnight
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MARK = "Handover"  # description of the ranges we write
_WEEK = 24 * 60


def full_name(profile_id: str, listed: Iterable[Listed]) -> str:
    """The metadata name of a profile, which is not always its label; empty when it is not listed."""
    return next((o.full_name for o in listed if o.kind == "Profile" and o.id[:15] == profile_id[:15]), "")


async def read(client: Client, names: Sequence[str]) -> dict[str, LoginRule]:
    """The rules of these profiles, by metadata name. A rule carries the metadata name as its profile."""
    return {r.one("fullName"): rule(r) for r in await soap.read(client, "Profile", names)}


def rule(record: Element) -> LoginRule:
    """
    Ranges and hours of one profile record.

    Source: Metadata API Developer Guide, Profile, ProfileLoginIpRange and ProfileLoginHours, read 2026-11-21.
    """
    ranges = tuple(
        (one.one("startAddress"), one.one("endAddress"), one.one("description"))
        for one in record.all("loginIpRanges")
    )
    hours: list[tuple[str, int, int]] = []
    for element in record.all("loginHours"):
        for day in DAYS:
            start, end = element.one(f"{day}Start"), element.one(f"{day}End")
            if start.isdecimal() and end.isdecimal():
                hours.append((day, int(start), int(end)))
            elif start or end:
                raise ProtocolChanged("login hours that are not minutes", operation="read Profile")
    return LoginRule(profile=record.one("fullName"), ranges=ranges, hours=tuple(hours))


async def write_ranges(client: Client, name: str, ranges: Iterable[Range]) -> None:
    """Replace the login IP ranges of a profile: the interface takes the whole list or nothing."""
    fields = "".join(
        "<loginIpRanges>"
        f"<description>{escape(description)}</description>"
        f"<endAddress>{end}</endAddress><startAddress>{start}</startAddress>"
        "</loginIpRanges>"
        for start, end, description in ranges
    )
    await soap.update(client, "Profile", name, fields)


async def write_hours(client: Client, name: str, hours: Hours) -> None:
    """Replace the login hours of a profile."""
    days = sorted(((f"{day}End", end), (f"{day}Start", start)) for day, start, end in hours)
    body = "".join(f"<{tag}>{minutes}</{tag}>" for pair in days for tag, minutes in pair)
    await soap.update(client, "Profile", name, f"<loginHours>{body}</loginHours>")


def parse_ranges(raw: str) -> tuple[Range, ...]:
    """
    ``"203.0.113.4, 198.51.100.0-198.51.100.31, 2001:db8::/64"`` as ranges of ours.

    Raises:
        BadArgument: which one is off, and what would do.
    """
    found = []
    for part in (p.strip() for p in raw.split(",")):
        try:
            start, end = _bounds(part)
        except ValueError:
            raise BadArgument(
                f"“{part[:60]}” is not an address range: write 203.0.113.4, 203.0.113.0-203.0.113.31"
                " or 203.0.113.0/27, several separated by commas"
            ) from None
        found.append((start, end, _MARK))
    return tuple(found)


def _bounds(part: str) -> tuple[str, str]:
    if "/" in part:
        net = ipaddress.ip_network(part, strict=True)
        return str(net[0]), str(net[-1])
    low, _, high = part.partition("-")
    start, end = ipaddress.ip_address(low.strip()), ipaddress.ip_address((high or low).strip())
    if start.version != end.version or int(start) > int(end):
        raise ValueError(part)
    return str(start), str(end)


def merged(have: Iterable[Range], more: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges we found, untouched and in their order, and those of ``more`` that are not among them."""
    kept = list(have)
    known = {_bounds(f"{start}-{end}") for start, end, _ in kept}
    return (*kept, *(one for one in more if (one[0], one[1]) not in known))


def without(have: Iterable[Range], less: Iterable[Range]) -> tuple[Range, ...]:
    """The ranges we found, but for those that ``less`` names by their bounds."""
    gone = {_bounds(f"{start}-{end}") for start, end, _ in less}
    return tuple(one for one in have if _bounds(f"{one[0]}-{one[1]}") not in gone)


def contains(ranges: Iterable[Range], source: str) -> bool:
    """Whether an address lies in any of the ranges. Text that is no address lies in none."""
    try:
        at = ipaddress.ip_address(source)
    except ValueError:
        return False
    for start, end, _ in ranges:
        low, high = ipaddress.ip_address(start), ipaddress.ip_address(end)
        if low.version == at.version and int(low) <= int(at) <= int(high):
            return True
    return False


def parse_hours(raw: str) -> Hours:
    """
    ``"mon-fri 6-20"`` or ``"mon-fri 06:00-20:00"`` as hours of every day; a day that is not named is closed.

    Salesforce takes whole hours; start = end means no access that day.
    Source: Salesforce Help, "View and Edit Login Hours", read 2026-11-21.

    Raises:
        BadArgument: what is off, and what would do.
    """
    hint = "write days and whole hours, for example “mon-fri 6-20, sat 8-12”"
    found: dict[str, tuple[int, int]] = {}
    for part in (p.strip().lower() for p in raw.split(",")):
        shape = re.fullmatch(r"([a-z]{3,9})(?:-([a-z]{3,9}))?\s+(\d{1,2})(?::00)?-(\d{1,2})(?::00)?", part)
        if not shape:
            raise BadArgument(f"“{part[:60]}” is not a span of login hours: {hint}")
        first, last = _day(shape[1], hint), _day(shape[2] or shape[1], hint)
        start, end = int(shape[3]) * 60, int(shape[4]) * 60
        if last < first or not 0 <= start < end <= _WEEK:
            raise BadArgument(f"“{part[:60]}” does not run forward: {hint}")
        for day in DAYS[first : last + 1]:
            found[day] = (start, end)
    return tuple((day, *found.get(day, (0, 0))) for day in DAYS)


def _day(word: str, hint: str) -> int:
    fitting = [i for i, day in enumerate(DAYS) if day.startswith(word)]
    if len(fitting) != 1:
        raise BadArgument(f"“{word}” is not a day: {hint}")
    return fitting[0]


def in_words(ranges: Iterable[Range]) -> str:
    """Ranges as people write them."""
    return ", ".join(start if start == end else f"{start}-{end}" for start, end, _ in ranges) or "no limit"


def hours_in_words(hours: Iterable[tuple[str, int, int]]) -> str:
    """Hours as people write them."""
    said = [
        f"{day} {start // 60:02d}:00-{end // 60:02d}:00" if end > start else f"{day} closed"
        for day, start, end in hours
    ]
    return ", ".join(said) or "no limit"
