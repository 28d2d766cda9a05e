"""Making, writing and setting properties: the table of statuses."""

from collections.abc import Iterator

from tests.sogo.answers import Case
from tests.sogo.forms import BOOK, BROWSER, CALENDAR, ICS, ONE, TWO, XMLNS, card, event, find, patch, props, put


def making() -> Iterator[Case]:
    """MKCALENDAR, MKCOL and DELETE of collections."""
    row = "mkcalendar"
    for path in (CALENDAR, BOOK, f"/{ONE}/Calendar/compare2", f"/{ONE}/Contacts/compare2", f"/{ONE}/Calendar/compare3"):
        yield Case("set-up", "DELETE", path + "/")
    born = (
        "<D:displayname>Born so</D:displayname><A:calendar-color>#112233FF</A:calendar-color>"
        "<A:calendar-order>7</A:calendar-order><C:calendar-description>Words</C:calendar-description>"
    )
    yield Case(
        row,
        "MKCALENDAR",
        f"{CALENDAR}/",
        f"<C:mkcalendar {XMLNS}><D:set><D:prop>{born}</D:prop></D:set></C:mkcalendar>",
    )
    yield find(row, f"{CALENDAR}/", props("displayname A:calendar-color A:calendar-order C:calendar-description"))
    yield Case(row, "MKCALENDAR", f"{CALENDAR}/", of="exists")
    yield Case(row, "MKCOL", f"{CALENDAR}/", of="exists")
    yield Case(row, "MKCOL", f"/{ONE}/Calendar/compare2/", of="plain, in Calendar")
    yield find(row, f"/{ONE}/Calendar/compare2/", props("resourcetype displayname"))
    kind = "<D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype><D:displayname>Cards</D:displayname>"
    yield Case(row, "MKCOL", f"{BOOK}/", f"<D:mkcol {XMLNS}><D:set><D:prop>{kind}</D:prop></D:set></D:mkcol>")
    yield find(row, f"{BOOK}/", props("resourcetype displayname"))
    yield Case(row, "MKCOL", f"{BOOK}/", of="exists")
    yield Case(row, "MKCOL", f"/{ONE}/Contacts/compare2/", of="plain, in Contacts")
    yield Case(row, "MKCALENDAR", f"/{ONE}/Contacts/compare3/", of="in Contacts")
    yield Case(row, "MKCOL", f"{CALENDAR}/below/", of="in a calendar")
    yield Case(row, "MKCOL", f"/{ONE}/other/", of="beside the homes")
    yield Case(row, "MKCALENDAR", f"/{TWO}/Calendar/mine/", of="in another's home")
    yield Case(row, "DELETE", f"/{ONE}/Contacts/compare2/", of="address book")
    yield Case(row, "DELETE", f"/{ONE}/Calendar/personal/", of="personal")
    yield Case(row, "DELETE", f"/{ONE}/Calendar/", of="home")
    yield Case(row, "DELETE", f"/{ONE}/Calendar/inbox/", of="inbox")
    yield Case(row, "DELETE", f"/{TWO}/Calendar/personal/", of="another's")


def objects() -> Iterator[Case]:
    """PUT, GET, DELETE, COPY and MOVE of calendar objects."""
    row, one = "status", f"{CALENDAR}/one.ics"
    yield put(row, one, event("one"), of="new")
    yield put(row, one, event("one", "LOCATION:Hall\r\n"), of="again")
    yield put(row, one, event("one"), of="If-None-Match: * over an object", If_None_Match="*")
    yield put(row, one, event("one"), of="wrong If-Match", If_Match='"gcs99999999"')
    yield put(row, f"{CALENDAR}/none.ics", event("none"), of="If-Match without an object", If_Match='"gcs00000001"')
    yield Case(row, "DELETE", f"{CALENDAR}/none.ics", of="after that")
    yield Case(row, "GET", one)
    yield Case(row, "HEAD", one)
    yield Case(row, "GET", one, headers={"If-None-Match": "*"}, of="If-None-Match: *")
    yield put(row, f"{CALENDAR}/broken.ics", "BEGIN:VCALENDAR\r\nrubbish", of="no calendar")
    yield put(row, f"{CALENDAR}/empty.ics", "", of="empty")
    yield put(row, f"{CALENDAR}/card.ics", card("card", "Card"), of="a card in a calendar")
    yield put(row, f"{CALENDAR}/same-uid.ics", event("one"), of="a UID that is there")
    yield put(row, f"{CALENDAR}/no-extension", event("no-extension"), of="no extension")
    yield put(row, f"{CALENDAR}/a%20b%40c.ics", event("a b@c"), of="escapes in the name")
    yield Case(row, "GET", f"{CALENDAR}/a%20b@c.ics", of="escapes in the name")
    yield put(row, f"{CALENDAR}/two.ics", event("two", start="20300305T090000Z"))
    yield put(row, f"{CALENDAR}/task.ics", event("task").replace("VEVENT", "VTODO").replace("DURATION:PT1H\r\n", ""))
    yield put(row, f"/{ONE}/Calendar/missing/one.ics", event("three"), of="no such calendar")
    yield put(row, f"/{TWO}/Calendar/personal/one.ics", event("three"), of="no right")
    yield Case(row, "GET", f"/{TWO}/Calendar/personal/one.ics", of="no right")
    yield Case(row, "DELETE", f"/{TWO}/Calendar/personal/one.ics", of="no right")
    yield Case(row, "GET", f"{CALENDAR}/missing.ics")
    yield Case(row, "DELETE", f"{CALENDAR}/missing.ics")
    yield Case(row, "DELETE", f"{CALENDAR}/two.ics", headers={"If-Match": '"gcs99999999"'}, of="wrong If-Match")
    yield put("set-up", f"{CALENDAR}/two.ics", event("two", start="20300305T090000Z"))
    yield Case(row, "COPY", f"{CALENDAR}/two.ics", headers={"Destination": f"{CALENDAR}/copy.ics"})
    yield Case(row, "DELETE", f"{CALENDAR}/copy.ics")
    move = {"Destination": f"/{ONE}/Calendar/compare2/two.ics"}
    yield Case(row, "MOVE", f"{CALENDAR}/two.ics", headers=move)
    yield Case(row, "GET", f"{CALENDAR}/two.ics", of="moved away")
    yield Case(row, "DELETE", f"/{ONE}/Calendar/compare2/two.ics", of="moved there")
    yield put(row, f"{CALENDAR}/two.ics", event("two", start="20300305T090000Z"))


def cards_and_collections() -> Iterator[Case]:
    """The same for cards, and what no method is for."""
    row = "status"
    for name in ("ada", "bob"):
        yield put(row, f"{BOOK}/{name}.vcf", card(name, name.title()))
    yield put(row, f"{BOOK}/ada.vcf", card("ada", "Ada"), of="again")
    yield put(row, f"{BOOK}/broken.vcf", "BEGIN:VCARD\r\nrubbish", of="no card")
    yield put(row, f"{BOOK}/event.vcf", event("event"), of="an event in an address book")
    yield Case(row, "GET", f"{BOOK}/ada.vcf")
    yield Case(row, "MOVE", f"{BOOK}/bob.vcf", headers={"Destination": f"/{ONE}/Contacts/personal/bob.vcf"})
    yield Case(row, "DELETE", f"/{ONE}/Contacts/personal/bob.vcf")
    yield put(row, f"{BOOK}/bob.vcf", card("bob", "Bob"))
    for path in ("", f"/{ONE}", f"/{ONE}/Calendar", CALENDAR, BOOK, f"/{ONE}/Calendar/inbox", f"/{ONE}/Contacts"):
        yield Case(row, "GET", f"{path}/", headers=BROWSER, of="by a browser", body_counts=True)
        yield Case(row, "GET", f"{path}/", of="by a DAV client")
    lock = (
        f"<D:lockinfo {XMLNS}><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>"
    )
    yield Case(row, "LOCK", f"{CALENDAR}/two.ics", lock, {"Timeout": "Second-2"}, body_counts=False)
    yield Case(row, "PROPFIND", f"{CALENDAR}/", "<rubbish", {"Depth": "0"}, of="no XML")
    yield Case(row, "REPORT", f"{CALENDAR}/", f"<D:unknown {XMLNS}/>", of="unknown report")
    yield Case(row, "REPORT", f"{CALENDAR}/", of="no body")
    yield Case(row, "SEARCH", f"{CALENDAR}/", of="no body")
    yield Case(row, "FOO", f"{CALENDAR}/", of="no such method")
    yield Case(row, "POST", f"{CALENDAR}/", event("posted"), ICS, of="a calendar object to a calendar")


def patches() -> Iterator[Case]:
    """PROPPATCH of each property that SOGo lets set, with good and bad values."""
    row, home = "proppatch", f"/{ONE}/Calendar/"
    calendar = f"{CALENDAR}/"
    yield patch(row, calendar, "<D:displayname>Other &amp; name</D:displayname>")
    yield patch(row, calendar, "<C:calendar-description>More words</C:calendar-description>")
    for color in ("#AABBCC", "#aabbccdd", "red", ""):
        yield patch(row, calendar, f"<A:calendar-color>{color}</A:calendar-color>", of=color)
        yield find(row, calendar, props("A:calendar-color"), of=f"after {color}")
    yield patch(row, calendar, "<A:calendar-order>12</A:calendar-order>")
    yield patch(row, calendar, "<A:calendar-order>abc</A:calendar-order>", of="not a number")
    yield patch(row, calendar, "<C:calendar-timezone>BEGIN:VCALENDAR</C:calendar-timezone>", of="half a calendar")
    for value in ("<C:transparent/>", "<C:opaque/>", "<C:other/>", "", "transparent"):
        yield patch(row, calendar, f"<C:schedule-calendar-transp>{value}</C:schedule-calendar-transp>", of=value)
        yield find(row, calendar, props("C:schedule-calendar-transp"), of=f"after {value}")
    for name in (
        "calendar-show-alarms",
        "notify-on-personal-modifications",
        "notify-on-external-modifications",
        "notify-user-on-personal-modifications",
    ):
        for value in ("1", "0", "true", "false", "maybe", ""):
            yield patch(row, calendar, f"<I:{name}>{value}</I:{name}>", of=value)
            yield find(row, calendar, props(f"I:{name}"), of=f"after {value}")
    name = "notified-user-on-personal-modifications"
    yield patch(row, calendar, f"<I:{name}>a@example.net</I:{name}>")
    yield find(row, calendar, props(f"I:{name}"))
    yield patch(row, calendar, f"<I:{name}></I:{name}>", of="empty")
    for name in ("events-default-classification", "tasks-default-classification"):
        for value in ("PRIVATE", "", "SECRET", "PUBLIC"):
            yield patch(row, home, f"<I:{name}>{value}</I:{name}>", of=value)
            yield find(row, home, props(f"I:{name}"), of=f"after {value}")
    categories = (
        "<I:contacts-categories><I:category>Friend</I:category><I:category>Work</I:category></I:contacts-categories>"
    )
    yield patch(row, f"/{ONE}/Contacts/", categories)
    yield find(row, f"/{ONE}/Contacts/", props("I:contacts-categories"))
    yield patch(row, f"/{ONE}/Contacts/", "<I:contacts-categories/>", of="none")
    yield find(row, f"/{ONE}/Contacts/", props("I:contacts-categories"), of="none")
    for inner in (
        "<D:getetag>x</D:getetag>",
        "<D:owner>x</D:owner>",
        "<D:resourcetype/>",
        "<X xmlns='urn:x'>mine</X>",
        "<CS:getctag>1</CS:getctag>",
        "<D:current-user-principal/>",
    ):
        yield patch(row, calendar, inner)
    yield patch(row, f"{CALENDAR}/one.ics", "<D:displayname>x</D:displayname>", of="an object")
    yield patch(row, f"{BOOK}/", "<D:displayname>Renamed</D:displayname>")
    yield patch(row, f"/{ONE}/", "<D:displayname>x</D:displayname>", of="a principal")
    yield patch(row, f"/{ONE}/Calendar/personal/", "<D:displayname>Personal Calendar</D:displayname>")
    fbset = f"<C:calendar-free-busy-set><D:href>/SOGo/dav{CALENDAR}/</D:href></C:calendar-free-busy-set>"
    yield patch(row, f"/{ONE}/Calendar/inbox/", fbset)
    yield patch(row, f"/{TWO}/Calendar/personal/", "<D:displayname>x</D:displayname>", of="of another")
    yield patch("set-up", f"/{TWO}/Calendar/personal/", "<D:displayname>Personal Calendar</D:displayname>", as_=TWO)
    yield patch(
        row, home, "<I:events-default-classification>PUBLIC</I:events-default-classification>", as_=TWO, of="no owner"
    )
