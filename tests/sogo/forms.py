"""The words of which requests are made: people, places, clients, and the four kinds of body."""

from collections.abc import Mapping

from tests.sogo.answers import PREFIXES, Case

ONE, TWO, THREE, SUPER = PEOPLE = ("sogo-tests1", "sogo-tests2", "sogo-tests3", "sogo-tests-super")
CALENDAR = f"/{ONE}/Calendar/compare"
BOOK = f"/{ONE}/Contacts/compare"
ICS = {"Content-Type": "text/calendar; charset=utf-8"}
VCF = {"Content-Type": "text/vcard; charset=utf-8"}
BROWSER = {"Accept": "text/html,application/xhtml+xml", "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/128.0"}
ICAL4 = {"User-Agent": "DAVKit/4.0.3 (732.2); CalendarStore/4.0.4 (997.7); iCal/4.0.4 (1395.7); Mac OS X/10.6.8"}
MACOS = {"User-Agent": "macOS/14.5 (23F79) dataaccessd/1.0"}
IPHONE = {"User-Agent": "iOS/18.4 (22E240) dataaccessd/1.0"}
CONTACTS = {"User-Agent": "Mac_OS_X/10.15.7 (19H2) AddressBookCore/2143.6"}
THUNDERBIRD = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0"}
DAVX5 = {"User-Agent": "DAVx5/4.4.3-ose (dav4jvm; okhttp/4.12.0) Android/14"}
AGENTS = (ICAL4, MACOS, IPHONE, CONTACTS, THUNDERBIRD, DAVX5)

PREFIX_OF = {prefix: uri for uri, prefix in PREFIXES.items()}
XMLNS = " ".join(f'xmlns:{prefix}="{uri}"' for uri, prefix in PREFIXES.items())
DAV = """displayname resourcetype getetag getcontenttype getcontentlength getlastmodified creationdate resource-id owner
    group acl acl-restrictions current-user-privilege-set supported-privilege-set supported-report-set
    principal-collection-set principal-URL group-member-set group-membership current-user-principal sync-token
    supportedlock lockdiscovery quota-available-bytes quota-used-bytes alternate-URI-set inherited-acl-set"""
CALDAV = """calendar-description calendar-home-set calendar-user-address-set calendar-free-busy-set schedule-inbox-URL
    schedule-outbox-URL schedule-default-calendar-URL schedule-calendar-transp supported-calendar-component-set
    supported-calendar-data calendar-timezone calendar-user-type calendar-data"""
CARDDAV = """address-data addressbook-data addressbook-home-set addressbook-description directory-gateway
    supported-address-data"""
OTHERS = """CS:getctag CS:calendar-proxy-read-for CS:calendar-proxy-write-for CS:first-name CS:last-name
    CS:email-address-set CS:allowed-sharing-modes CS:notifications-URL CS:dropbox-home-URL CS:record-type
    A:calendar-color A:calendar-order G:component-set"""
INVERSE = """events-default-classification tasks-default-classification calendar-show-alarms
    notify-on-personal-modifications notify-on-external-modifications notify-user-on-personal-modifications
    notified-user-on-personal-modifications contacts-categories mails-labels"""


def event(uid: str, extra: str = "", start: str = "20300304T090000Z") -> str:
    """Return an event of an hour."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Compare//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{start}\r\nDURATION:PT1H\r\nSUMMARY:Stand-up {uid}\r\n"
        f"{extra}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def card(uid: str, name: str) -> str:
    """Return a card with one address."""
    return (
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n"
        f"EMAIL:{uid}@example.net\r\nEND:VCARD\r\n"
    )


def props(names: str, prefix: str = "D") -> str:
    """Return empty elements; names without a prefix get ``prefix``."""
    return "".join(f"<{name}/>" if ":" in name else f"<{prefix}:{name}/>" for name in names.split())


ALL_PROPS = props(DAV) + props(CALDAV, "C") + props(CARDDAV, "CR") + props(OTHERS) + props(INVERSE, "I")


def el(tag: str, /, *inner: str, **attributes: str) -> str:
    """Return an element; attributes are written with underscores."""
    text = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f"<{tag}{text}>{''.join(inner)}</{tag}>"


def find(
    row: str,
    path: str,
    asked: str = ALL_PROPS,
    depth: str = "0",
    *,
    headers: Mapping[str, str] | None = None,
    as_: str = ONE,
    of: str = "",
    body_counts: bool = True,
) -> Case:
    """Return a PROPFIND of properties, without any an allprop."""
    body = f"<D:propfind {XMLNS}>{el('D:prop', asked)}</D:propfind>" if asked else ""
    return Case(row, "PROPFIND", path, body, {"Depth": depth, **(headers or {})}, as_, of, body_counts)


def patch(row: str, path: str, inner: str, as_: str = ONE, of: str = "") -> Case:
    """Return a PROPPATCH that sets properties."""
    body = f"<D:propertyupdate {XMLNS}>{el('D:set', el('D:prop', inner))}</D:propertyupdate>"
    return Case(row, "PROPPATCH", path, body, as_=as_, of=of)


def report(row: str, path: str, root: str, inner: str, *, as_: str = ONE, of: str = "", depth: str = "1") -> Case:
    """Return a REPORT, or another method's body with this root element."""
    return Case(row, "REPORT", path, f"<{root} {XMLNS}>{inner}</{root}>", {"Depth": depth}, as_, of or root)


def put(row: str, path: str, body: str, as_: str = ONE, of: str = "", **headers: str) -> Case:
    """Return a PUT of iCalendar or vCard text."""
    kind = VCF if body.startswith("BEGIN:VCARD") else ICS
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Case(row, "PUT", path, body, {**kind, **named}, as_, of)
