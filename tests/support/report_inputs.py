"""Report bodies as clients send them, and as nobody should: valid ones, cut, doubled, mixed and misspelt."""

import random
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Final
from xml.etree import ElementTree as ET

from tests.support.reports import HOME, document

WINDOW: Final = 'start="20260301T000000Z" end="20260401T000000Z"'
_EVENTS: Final = (
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    f'<C:time-range {WINDOW}/><C:prop-filter name="SUMMARY"><C:text-match collation="i;unicode-casemap" '
    'negate-condition="no">fair</C:text-match><C:param-filter name="LANGUAGE"><C:is-not-defined/></C:param-filter>'
    f'</C:prop-filter><C:comp-filter name="VALARM"><C:time-range {WINDOW}/></C:comp-filter>'
    "</C:comp-filter></C:comp-filter></C:filter>"
)
_DATA: Final = (
    '<D:prop><D:getetag/><C:calendar-data content-type="text/calendar" version="2.0"><C:comp name="VCALENDAR">'
    '<C:prop name="VERSION"/><C:comp name="VEVENT"><C:prop name="UID" novalue="yes"/></C:comp></C:comp>'
    f"<C:expand {WINDOW}/><C:limit-freebusy-set {WINDOW}/></C:calendar-data></D:prop>"
)
_CARDS: Final = (
    '<CR:filter test="allof"><CR:prop-filter name="item1.EMAIL" test="anyof"><CR:text-match match-type="ends-with" '
    'collation="i;octet">x</CR:text-match><CR:param-filter name="TYPE"><CR:text-match>work</CR:text-match>'
    "</CR:param-filter></CR:prop-filter></CR:filter><CR:limit><CR:nresults>5</CR:nresults></CR:limit>"
)
_CARD_DATA: Final = (
    '<D:prop><CR:address-data content-type="text/vcard" version="4.0"><CR:prop name="FN"/></CR:address-data></D:prop>'
)
_NAME: Final = "<D:prop><D:displayname/></D:prop>"
_SEARCH: Final = (
    "<D:property-search><D:prop><D:displayname/></D:prop><D:match match-type='equals'>a</D:match></D:property-search>"
)
_HREFS: Final = f"<D:href>{HOME}personal/a.ics</D:href><D:href>http://dav.test{HOME}personal/b%20c.ics</D:href>"
_NESTED: Final = (
    '<D:property name="owner"><D:property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav">'
    '<D:property name="displayname"/></D:property></D:property>'
)
_ACE: Final = (
    "<D:ace><D:principal><D:href>/SOGo/dav/ben/</D:href></D:principal>"
    "<D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>"
)
_ZONE: Final = (
    "<C:timezone>BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
    "TZOFFSETFROM:+0100\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR</C:timezone>"
)

VALID: Final = (
    document("C:calendar-query", _DATA + _EVENTS),
    document("C:calendar-query", f"<D:allprop/>{_EVENTS}{_ZONE}"),
    document("C:calendar-multiget", _DATA + _HREFS),
    document("C:free-busy-query", f"<C:time-range {WINDOW}/>"),
    document("CR:addressbook-query", _CARD_DATA + _CARDS),
    document("CR:addressbook-multiget", _CARD_DATA + _HREFS),
    document(
        "D:sync-collection",
        "<D:sync-token>urn:folkmoot:sync:1-2-3</D:sync-token><D:sync-level>1</D:sync-level>"
        f"<D:limit><D:nresults>3</D:nresults></D:limit>{_DATA}",
    ),
    document("D:sync-collection", f"<D:sync-token/><D:sync-level>1</D:sync-level>{_DATA}"),
    document("D:expand-property", _NESTED),
    document("D:principal-match", f"<D:self/>{_NAME}"),
    document("D:principal-match", f"<D:principal-property><D:owner/></D:principal-property>{_NAME}"),
    document("D:principal-property-search", _SEARCH + _SEARCH + _NAME, 'test="anyof"'),
    document("D:principal-search-property-set", ""),
    document("D:acl-principal-prop-set", _NAME),
    document("CS:calendarserver-principal-search", f"<CS:search-token>a</CS:search-token>{_NAME}", 'context="user"'),
    document("I:collection-query", '<I:prop-match name="owner">/SOGo/dav/ben</I:prop-match>'),
    document("I:user-query", '<I:users match-name="b"/>'),
    document("D:acl", _ACE * 2),
)
_TOKENS: Final = re.compile(r"<[^<>]*>|[^<>]+")
_QUOTED: Final = re.compile(r'"[^"]*"')
_ODD: Final = (
    "", " ", "\x00", "\ufffe", "&#0;", "&#55296;", "&x;", "é" * 300, "x" * 5000, "-1", "0", "99999999999999999999", "%",
    "%00", "%ff", "//", "/../", "http://[", "mailto:", "VCALENDAR", "VTIMEZONE", "VALARM", "VTODO", "i;octet", "yes",
    "no", "maybe", "00010101T000000Z", "99991231T235959Z", "20260230T000000Z", "20260301T000000", "19700101T000000Z",
    "BEGIN:VCALENDAR\nEND:VCALENDAR", "text/html", "3.0", "4.0", "٣", "DAV:", "{", "}", "]]>", "<!--", "1e9",
)  # fmt: skip
_PLAIN: Final = tuple(text for text in _ODD if not any(c in text for c in "\x00\ufffe"))


def grafted(chance: random.Random) -> str:
    """Return a well-formed body: a valid one with elements gone, doubled, moved, renamed, or saying something odd."""
    root, other = (ET.fromstring(chance.choice(VALID)) for _ in range(2))  # noqa: S314  # our own
    for _ in range(chance.randint(1, 3)):
        parents = [element for element in root.iter() if len(element)] or [root]
        parent, anything = chance.choice(parents), chance.choice(list(root.iter()))
        match chance.randrange(7):
            case 0 if len(parent):
                parent.remove(chance.choice(list(parent)))
            case 1 if len(parent):
                parent.append(deepcopy(chance.choice(list(parent))))
            case 2:
                parent.insert(0, deepcopy(chance.choice(list(other.iter()))))
            case 3:
                anything.tag = chance.choice(list(other.iter())).tag
            case 4 if anything.attrib:
                anything.set(chance.choice(list(anything.attrib)), chance.choice(_PLAIN))
            case 5 if anything.attrib:
                del anything.attrib[chance.choice(list(anything.attrib))]
            case _:
                anything.text = chance.choice(_PLAIN)
    return ET.tostring(root, encoding="unicode")


def mutated(chance: random.Random) -> str:
    """Return a text that differs from a valid body in a few places, and is seldom well-formed."""
    tokens = _TOKENS.findall(chance.choice(VALID))
    for _ in range(chance.randint(1, 4)):
        position = chance.randrange(len(tokens))
        match chance.randrange(8):
            case 0:
                del tokens[position]
            case 1:
                tokens.insert(position, tokens[chance.randrange(len(tokens))])
            case 2:
                tokens[position] = chance.choice(_TOKENS.findall(chance.choice(VALID)))
            case 3:
                tokens[position] = _QUOTED.sub(f'"{chance.choice(_ODD)}"', tokens[position])
            case 4 if not tokens[position].startswith("<"):
                tokens[position] = chance.choice(_ODD)
            case 5:
                other = chance.randrange(len(tokens))
                tokens[position], tokens[other] = tokens[other], tokens[position]
            case 6:
                start = chance.randrange(len(tokens))
                tokens[position:position] = tokens[start : start + chance.randint(1, 12)]
            case _:
                tokens[position] = tokens[position].replace("D:", chance.choice(["C:", "CR:", "CS:", "Q:", ""]), 1)
        if not tokens:
            return ""
    return "".join(tokens)


def bodies(seed: int, count: int) -> Iterator[bytes]:
    """Return ``count`` bodies; a few are not even text."""
    chance = random.Random(seed)
    for _ in range(count):
        text = mutated(chance) if chance.random() < 0.2 else grafted(chance)
        body = text.encode("utf-8", "surrogatepass")
        if body and chance.random() < 0.05:
            position = chance.randrange(len(body))
            body = body[:position] + bytes([chance.randrange(256)]) + body[position + 1 :]
        yield body
