"""URLs, methods, headers, hrefs and user agents."""

from collections.abc import Iterator

from tests.sogo.answers import Case
from tests.sogo.forms import BOOK, CALENDAR, DAVX5, ICAL4, IPHONE, MACOS, ONE, THUNDERBIRD, TWO, XMLNS, find, props


def layout() -> Iterator[Case]:
    """Whatever stands at a URL."""
    row, types = "layout", props("resourcetype displayname getcontenttype owner current-user-principal")
    for path in ("", "/", f"/{ONE}", f"/{ONE}/", f"/{ONE}/Calendar/", f"/{ONE}/Calendar", f"/{ONE}/Contacts/"):
        yield find(row, path, types)
        yield find(row, path, types, "1")
    for path in ("Calendar/personal", "Contacts/personal", "Contacts/collected", "Calendar/inbox", "Mail"):
        yield find(row, f"/{ONE}/{path}/", types, as_=ONE)
    for path in ("Calendar/personal.ics", "Calendar/personal.xml", "freebusy.ifb"):
        yield find(row, f"/{ONE}/{path}", types)
        yield Case(row, "GET", f"/{ONE}/{path}", body_counts=False)
    yield Case(row, "HEAD", f"/{ONE}/Calendar/personal.ics")
    for path in ("calendar-proxy-read", "calendar-proxy-write"):
        yield find(row, f"/{ONE}/{path}/", types, "1")
        yield find(row, f"/{ONE}/{path}", types)
    yield find(row, f"/users/{ONE}/", types)
    yield find(row, f"/{ONE.replace('-', '%2D')}/Calendar/", types, of="percent-encoded")
    yield Case(row, "GET", "/nobody-here/")
    yield find(row, "/nobody-here/", types)
    yield find(row, f"/{TWO}/", types, "1", of="another's principal")
    yield find(row, f"/{TWO}/Calendar/", types, "1", of="another's home")
    yield find(row, f"/{TWO}/Calendar/personal/", types, of="another's calendar, no right")
    yield find(row, f"/{TWO}/freebusy.ifb", types)
    yield Case(row, "GET", f"/{TWO}/freebusy.ifb", body_counts=False)
    yield Case(row, "GET", f"/public/{ONE}/freebusy.ifb", as_="", body_counts=False)
    yield find(row, f"/{ONE}/Contacts/directory/", types, of="global address book")
    yield Case(row, "GET", f"//SOGo/so/{ONE}/Calendar/personal.ics/export", body_counts=False)
    for path in ("//SOGo/so/public", "//SOGo/public", "//SOGo/dav/public", "//principals/", "//.well-known/caldav"):
        yield Case(row, "GET", path, as_="", body_counts=False)
        yield find(row, path, types, as_="", body_counts=False)


def headers() -> Iterator[Case]:
    """OPTIONS, the DAV header by client, and the forms of hrefs."""
    row = "headers"
    paths = (
        "/",
        f"/{ONE}/",
        f"/{ONE}/Calendar/",
        f"{CALENDAR}/",
        f"{CALENDAR}/one.ics",
        f"/{ONE}/Contacts/",
        f"{BOOK}/",
    )
    for path in (*paths, f"/{ONE}/Calendar/inbox/", f"/{ONE}/calendar-proxy-read/", f"{BOOK}/ada.vcf"):
        yield Case(row, "OPTIONS", path)
    yield Case(row, "OPTIONS", f"/{ONE}/", as_="", of="anonymous")
    yield Case(row, "OPTIONS", "/public", as_="", of="anonymous")
    yield Case(row, "OPTIONS", "/", as_="", of="anonymous")
    for agent in (ICAL4, MACOS, IPHONE, THUNDERBIRD, DAVX5):
        for path in (f"/{ONE}/", f"/{ONE}/Calendar/"):
            yield find(row, path, props("displayname"), headers=agent, of=agent["User-Agent"][:24])
    row = "hrefs"
    hrefs = props("owner principal-URL principal-collection-set current-user-principal")
    for path in (CALENDAR, f"{CALENDAR}/", BOOK, f"{BOOK}/", f"/{ONE}"):
        for depth in ("0", "1"):
            yield find(row, path, hrefs, depth)
    yield Case(
        row,
        "PROPFIND",
        f"/{ONE}/Calendar/",
        f"<D:propfind {XMLNS}><D:prop>{hrefs}</D:prop></D:propfind>",
        of="no Depth",
    )
    yield find(row, f"/{ONE}/Calendar/", hrefs, "infinity")
    yield find(row, f"{CALENDAR}/", "", of="allprop")
    yield find(row, f"{CALENDAR}/one.ics", "", of="allprop")
    yield find(row, "/", "", of="allprop")
    yield Case(
        row,
        "PROPFIND",
        f"{CALENDAR}/",
        f"<D:propfind {XMLNS}><D:propname/></D:propfind>",
        {"Depth": "0"},
        of="propname",
    )
