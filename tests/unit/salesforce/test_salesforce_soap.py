"""Reading the Metadata interface's XML."""

from __future__ import annotations

import pytest

from bot.errors import ProtocolChanged
from platforms.salesforce import rules, soap

PROFILE = b"""<?xml version="1.0"?><Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body>
<readMetadataResponse xmlns="http://soap.sforce.com/2006/04/metadata"><result>
<records><fullName>Warehouse loader</fullName><consumerSecret>hush</consumerSecret>
<loginHours><mondayEnd>1080</mondayEnd><mondayStart>480</mondayStart></loginHours>
<loginIpRanges><description>office</description><endAddress>203.0.113.31</endAddress>
<startAddress>203.0.113.0</startAddress></loginIpRanges>
</records></result></readMetadataResponse></Body></Envelope>"""


def _record() -> soap.Element:
    root = soap._parse(PROFILE)
    return root.all("Body/readMetadataResponse/result/records")[0]


def test_rules_are_read_from_a_profile() -> None:
    """Ranges keep their description, hours are minutes after midnight, days not listed stay open."""
    rule = rules.rule(_record())
    assert rule.ranges == (("203.0.113.0", "203.0.113.31", "office"),)
    assert rule.hours == (("monday", 480, 1080),)


def test_a_consumer_secret_is_dropped_on_reading() -> None:
    """Some orgs hand out consumer secrets; they are not even kept in memory."""
    assert _record().one("consumerSecret") == ""


def test_an_element_does_not_print_what_it_holds() -> None:
    """Metadata holds keys and certificates: a repr shows the name only."""
    assert repr(_record()) == "Element(records)"


@pytest.mark.parametrize(
    "body", [b"", b"not xml", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>']
)
def test_hostile_or_broken_xml_is_refused(body: bytes) -> None:
    """Entities and broken documents fail the scan instead of being expanded or half read."""
    with pytest.raises(ProtocolChanged):
        soap._parse(body)
