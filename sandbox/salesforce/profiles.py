"""What a profile forbids at login: addresses outside its ranges, hours outside its timetable."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class IpRange:
    """Both ends included, both of one family."""

    start: IPv4Address | IPv6Address
    end: IPv4Address | IPv6Address
    description: str | None = None

    @classmethod
    def parse(cls, start: str, end: str, description: str | None = None) -> "IpRange":
        """
        A range from its two ends.

        Raises:
            ValueError: an end is no address, the families differ, or the start is after the end.
        """
        first, last = ip_address(start), ip_address(end)
        if first.version != last.version or int(first) > int(last):
            raise ValueError(f"{start}-{end} is not a range")
        return cls(first, last, description)

    def holds(self, address: str) -> bool:
        """Claims that the address is inside."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return found.version == self.start.version and int(self.start) <= int(found) <= int(self.end)


@dataclass(frozen=True, slots=True)
class Restrictions:
    """
    A profile's login ranges and hours; the defaults forbid nothing.

    `hours` maps a day's name to (start, end) in minutes after midnight of the org's time zone, which is UTC
    here. A day left out is open all day once other days are set; equal ends close it.
    """

    ranges: tuple[IpRange, ...] = ()
    hours: dict[str, tuple[int, int]] | None = None

    def admits_address(self, address: str) -> bool:
        """Claims that a login may come from there."""
        return not self.ranges or any(span.holds(address) for span in self.ranges)

    def admits_time(self, at: datetime) -> bool:
        """Claims that a login may happen then."""
        span = (self.hours or {}).get(DAYS[at.weekday()])
        return span is None or span[0] <= at.hour * 60 + at.minute < span[1]
