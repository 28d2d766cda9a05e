"""Reports and live properties."""

from collections.abc import Iterator

from tests.sogo.answers import Case
from tests.sogo.forms import (
    AGENTS,
    BOOK,
    CALENDAR,
    ONE,
    PREFIX_OF,
    TWO,
    el,
    find,
    props,
    report,
)

SYNC = "D:sync-collection"
QUERY, MULTIGET = "C:calendar-query", "C:calendar-multiget"
BOOK_QUERY, BOOK_MULTIGET = "CR:addressbook-query", "CR:addressbook-multiget"
SEARCH = "D:principal-property-search"


def _synchronised() -> Iterator[Case]:
    row, wanted = "sync", el("D:sync-level", "1") + el("D:prop", "<D:getetag/>")
    for path in (f"{CALENDAR}/", f"{BOOK}/", f"/{ONE}/Calendar/", f"/{ONE}/Calendar/inbox/"):
        yield report(row, path, SYNC, el("D:sync-token") + wanted, of="first")
    for token in ("rubbish", "1", "9999999999"):
        yield report(row, f"{CALENDAR}/", SYNC, el("D:sync-token", token) + wanted, of=f"token {token}")


def _principals() -> Iterator[Case]:
    row, shown = "principals", el("D:prop", props("displayname C:calendar-home-set CS:email-address-set"))
    name = el("D:property", name="displayname")
    proxies = el("D:property", name, name="calendar-proxy-write-for", namespace=PREFIX_OF["CS"])
    yield report(row, f"/{ONE}/", "D:expand-property", proxies)
    yield report(row, "/", "D:principal-match", el("D:self") + shown, depth="0")
    for prop, text in (
        ("C:calendar-home-set", f"/SOGo/dav/{TWO}/Calendar"),
        ("CS:email-address-set", f"{TWO}@example.com"),
        ("D:displayname", "sogo Two"),
    ):
        search = el("D:property-search", el("D:prop", f"<{prop}/>"), el("D:match", text))
        for path in ("/", f"/{ONE}/"):
            yield report(row, path, SEARCH, search + shown, depth="0", of=prop)
    yield report(row, "/", "D:principal-search-property-set", "", depth="0")
    yield report(row, f"{CALENDAR}/", "D:acl-principal-prop-set", el("D:prop", "<D:displayname/>"), depth="0")
    kinds = (("calendar", TWO), ("contact", TWO), ("calendar", ONE), ("contact", ONE))
    for kind, owner in kinds:
        conditions = el("I:prop-match", f"/SOGo/dav/{owner}", name="owner")
        conditions += el("I:prop-match", kind, name="resource-type")
        yield report(row, f"/{ONE}/", "I:collection-query", conditions, of=f"{kind}s of {owner}")
    for text in ("sogo", "zzz"):
        yield report(row, f"/{ONE}/", "I:user-query", el("I:users", match_name=text), of=text)


def _text_filter(name: str, text: str) -> str:
    return el("C:prop-filter", el("C:text-match", text), name=name)


def _calendars() -> Iterator[Case]:
    row, data = "calendars", el("D:prop", props("D:getetag C:calendar-data"))
    uid, day = _text_filter("UID", "two"), el("C:time-range", start="20300304T000000Z", end="20300305T000000Z")
    for inner in (
        "",
        *(el("C:comp-filter", name=name) for name in ("VEVENT", "VTODO", "VJOURNAL")),
        el("C:comp-filter", day, name="VEVENT"),
        el("C:comp-filter", el("C:time-range", start="20300304T000000Z"), name="VEVENT"),
        el("C:comp-filter", uid, name="VEVENT"),
        el("C:comp-filter", _text_filter("SUMMARY", "stand"), name="VEVENT"),
        el("C:comp-filter", el("C:prop-filter", "<C:is-not-defined/>", name="LOCATION"), name="VEVENT"),
        el("C:comp-filter", uid, _text_filter("SUMMARY", "rubbish"), name="VEVENT"),
    ):
        filter_ = el("C:filter", el("C:comp-filter", inner, name="VCALENDAR"))
        yield report(row, f"{CALENDAR}/", QUERY, data + filter_, of=inner)
    everything = el("C:filter", el("C:comp-filter", name="VCALENDAR"))
    for path in (f"/{ONE}/Calendar/", f"/{ONE}/Calendar/inbox/"):
        yield report(row, path, QUERY, data + everything)
    hrefs = [el("D:href", f"/SOGo/dav{CALENDAR}/{name}") for name in ("one.ics", "a%20b%40c.ics", "gone.ics")]
    for path in (f"{CALENDAR}/", f"/{ONE}/Calendar/inbox/", "/"):
        yield report(row, path, MULTIGET, data + "".join(hrefs))
    yield report(row, f"{CALENDAR}/", "C:free-busy-query", day)


def _books() -> Iterator[Case]:
    row, data = "address books", el("D:prop", props("D:getetag CR:address-data"))

    def condition(name: str, how: str, text: str) -> str:
        match = el("CR:text-match", text, collation="i;unicasemap", match_type=how)
        return el("CR:prop-filter", match, name=name)

    for name, how, text in (
        ("FN", "contains", "da"),
        ("FN", "equals", "Ada"),
        ("FN", "equals", "Ad"),
        ("EMAIL", "contains", "bob@"),
        ("MAIL", "contains", "bob@"),
        ("N", "starts-with", "Bo"),
        ("TEL", "contains", "1"),
        ("ORG", "contains", "x"),
    ):
        filter_ = el("CR:filter", condition(name, how, text))
        yield report(row, f"{BOOK}/", BOOK_QUERY, data + filter_, of=f"{name} {how} {text}")
    both = condition("FN", "contains", "Ada") + condition("EMAIL", "contains", "bob@")
    for test in ("anyof", "allof"):
        yield report(row, f"{BOOK}/", BOOK_QUERY, data + el("CR:filter", both, test=test), of=test)
    yield report(row, f"{BOOK}/", BOOK_QUERY, data + el("CR:filter"), of="no condition")
    path = f"/{ONE}/Contacts/directory/"
    yield report(row, path, BOOK_QUERY, data + el("CR:filter", condition("FN", "contains", "sogo")), of="global")
    hrefs = "".join(el("D:href", f"/SOGo/dav{BOOK}/{name}") for name in ("ada.vcf", "gone.vcf"))
    yield report(row, f"{BOOK}/", BOOK_MULTIGET, data + hrefs)


def reports() -> Iterator[Case]:
    """Each report."""
    yield from _synchronised()
    yield from _principals()
    yield from _calendars()
    yield from _books()


def properties() -> Iterator[Case]:
    """Each property on each kind of resource, and what each client is shown."""
    row = "properties"
    own = (
        "/",
        f"/{ONE}/",
        f"/{ONE}/Calendar/",
        f"/{ONE}/Contacts/",
        f"{CALENDAR}/",
        f"{BOOK}/",
        f"{CALENDAR}/one.ics",
        f"{BOOK}/ada.vcf",
    )
    more = (
        "Calendar/personal/",
        "Contacts/personal/",
        "Calendar/inbox/",
        "calendar-proxy-read/",
        "calendar-proxy-write/",
        "Calendar/compare.ics",
        "Calendar/compare.xml",
        "freebusy.ifb",
    )
    for path in (*own, *(f"/{ONE}/{name}" for name in more)):
        yield find(row, path)
    yield find(row, f"/{TWO}/", of="another's")
    yield find(row, "/res/", of="a resource")
    yield find(row, "/res/Calendar/personal/", of="a resource's calendar")
    for agent in AGENTS:
        name = agent["User-Agent"][:24]
        types = props("resourcetype displayname C:schedule-inbox-URL C:schedule-outbox-URL CS:getctag")
        row = "clients"
        for path in (f"/{ONE}/", f"/{ONE}/Calendar/", f"/{ONE}/Contacts/", f"/{TWO}/", f"/{TWO}/Calendar/"):
            yield find(row, path, types, "1", headers=agent, of=name)
        yield find(row, f"{BOOK}/", types, "1", headers=agent, of=name)
        yield find(row, f"/{ONE}/Calendar/personal/", types, headers=agent, of=name)
