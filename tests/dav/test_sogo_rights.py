"""The sets of rights that SOGo's own tests go through, with the answers that they want."""

from collections.abc import Iterable

import pytest

from tests.support.dav import Answers, Dav
from tests.support.reports import CALENDAR_DATA, document

pytestmark = pytest.mark.anyio

SHARED = "/anna/Calendar/shared/"
INVERSE = "urn:inverse:params:xml:ns:inverse-dav"
OWN = "{DAV:}current-user-privilege-set"
CLASSES = ("Public", "Private", "Confidential")
LEVELS = {"d": "DAndTViewer", "v": "Viewer", "r": "Responder", "m": "Modifier"}
# The lines of an event that somebody who sees dates only is given, whatever else it has.
SECURE = {
    "VERSION:2.0",
    "PRODID:-//Inverse//Event Generator//EN",
    "DTSTART:20090805T100000Z",
    "DTEND:20090805T140000Z",
    "DTSTAMP:20090805T100000Z",
    "X-SOGo-Secure:YES",
}
SETS: tuple[dict[str, str], ...] = (
    {"Public": "v"},
    {"Public": "m", "Private": "v", "Confidential": "d"},
    {"create": "yes"},
    {"erase": "yes"},
    {"create": "yes", "erase": "yes", "Public": "d", "Private": "m"},
    {"create": "yes", "Public": "r"},
    {},
)


def text(class_name: str, kind: str = "VEVENT", title: str = "orig. title") -> str:
    dates = "DTSTART:20090805T100000Z\r\nDTEND:20090805T140000Z\r\nTRANSP:OPAQUE\r\n" if kind == "VEVENT" else ""
    return (
        "BEGIN:VCALENDAR\r\nPRODID:-//Inverse//Event Generator//EN\r\nVERSION:2.0\r\n"
        f"BEGIN:{kind}\r\nSEQUENCE:0\r\nUID:12345-{class_name}-{kind}\r\nSUMMARY:{class_name} ({title})\r\n{dates}"
        f"CLASS:{class_name.upper()}\r\nDESCRIPTION:{class_name} description\r\nLOCATION:location\r\n"
        f"CREATED:20090805T100000Z\r\nDTSTAMP:20090805T100000Z\r\nEND:{kind}\r\nEND:VCALENDAR\r\n"
    )


async def shared(dav: Dav, rights: dict[str, str]) -> None:
    assert (await dav.request("MKCALENDAR", SHARED)).status == 201
    for class_name in CLASSES:
        for kind in ("VEVENT", "VTODO"):
            assert (await dav.request("PUT", f"{SHARED}{class_name}-{kind}.ics", text(class_name, kind))).status == 201
    roles = [class_name + LEVELS[rights[class_name]] for class_name in CLASSES if class_name in rights]
    roles += ["ObjectCreator"] * ("create" in rights) + ["ObjectEraser"] * ("erase" in rights)
    await give(dav, SHARED, roles)


async def give(dav: Dav, path: str, roles: Iterable[str]) -> None:
    named = "".join(f"<{role}/>" for role in roles)
    body = f'<acl-query xmlns="{INVERSE}"><set-roles user="ben">{named}</set-roles></acl-query>'
    assert (await dav.request("POST", path, body, content_type="application/xml")).status == 204


async def seen(dav: Dav, class_name: str) -> list[str | None]:
    """Return an event as GET, PROPFIND, multiget and sync give it."""
    name = f"{SHARED}{class_name}-VEVENT.ics"
    got = await dav.request("GET", name, as_="ben")
    found: list[str | None] = [got.body.decode() if got.status == 200 else None]
    prop = "<D:prop><C:calendar-data/></D:prop>"
    requests = (
        ("PROPFIND", name, document("D:propfind", prop)),
        ("REPORT", SHARED, document("C:calendar-multiget", f"{prop}<D:href>/SOGo/dav{name}</D:href>")),
        (
            "REPORT",
            SHARED,
            document("D:sync-collection", f"<D:sync-token/><D:sync-level>1</D:sync-level>{prop}"),
        ),
    )
    for method, path, body in requests:
        answer = await dav.request(method, path, body, "ben", depth="0")
        answers = Answers(answer.body) if answer.status == 207 else None
        data = answers.found(f"/SOGo/dav{name}") if answers and f"/SOGo/dav{name}" in answers.hrefs else {}
        found.append(data[CALENDAR_DATA].text if CALENDAR_DATA in data else None)
    return found


def lines(body: str | None) -> set[str]:
    """Return the lines of a text that say something; the UID is another for each viewer."""
    return {line for line in (body or "").splitlines() if not line.startswith(("BEGIN:", "END:", "UID:"))}


async def privileges(dav: Dav, path: str) -> set[str] | int:
    body = document("D:propfind", "<D:prop><D:current-user-privilege-set/></D:prop>")
    answer = await dav.request("PROPFIND", path, body, "ben", depth="0")
    if answer.status != 207:
        return answer.status
    return {one[0].tag.partition("}")[2] for one in Answers(answer.body).found()[OWN]}


@pytest.mark.parametrize("rights", SETS, ids=lambda rights: "-".join(f"{k}:{v}" for k, v in rights.items()) or "none")
async def test_each_set_of_rights_shows_and_allows_what_sogo_does(dav: Dav, rights: dict[str, str]) -> None:
    await shared(dav, rights)
    refused = 403 if rights else 404
    created = (await dav.request("PUT", f"{SHARED}creation.ics", text("Public").replace("12345", "1"), "ben")).status
    assert created == (201 if "create" in rights else refused)
    await collection_tells(dav, rights)
    for class_name in CLASSES:
        level = rights.get(class_name, "")
        for body in await seen(dav, class_name):
            if level == "d":
                assert lines(body) == SECURE | {f"SUMMARY:({class_name} event)"}
            else:
                assert body == (text(class_name) if level else None)
        put = await dav.request("PUT", f"{SHARED}{class_name}-VEVENT.ics", text(class_name, title="x"), "ben")
        assert put.status == (204 if level in {"r", "m"} else refused)
        changed = (await dav.request("GET", f"{SHARED}{class_name}-VEVENT.ics")).body.decode()
        assert changed == text(class_name, title="x" if level == "m" else "orig. title")
        for kind in ("VEVENT", "VTODO"):
            await object_tells(dav, f"{SHARED}{class_name}-{kind}.ics", level, refused)
    for class_name in CLASSES:
        erased = await dav.request("DELETE", f"{SHARED}{class_name}-VEVENT.ics", as_="ben")
        assert erased.status == (204 if "erase" in rights else refused)


async def collection_tells(dav: Dav, rights: dict[str, str]) -> None:
    told = await privileges(dav, SHARED)
    if not rights:
        assert told == 404
        return
    assert isinstance(told, set)
    assert {"read", "read-current-user-privilege-set", "read-free-busy"} <= told
    creators = {"bind", "write-content", "schedule", "schedule-post-vevent", "schedule-deliver", "schedule-respond"}
    assert creators <= told if "create" in rights else not (creators - {"write-content"}) & told
    assert ("unbind" in told) == ("erase" in rights)


async def object_tells(dav: Dav, path: str, level: str, refused: int) -> None:
    told = await privileges(dav, path)
    if not level:
        assert told == refused
        return
    assert isinstance(told, set)
    wanted = {
        "read-current-user-privilege-set": "dvrm",
        "read": "dvrm",
        "view-date-and-time": "dvrm",
        "view-whole-component": "vrm",
        "respond-to-component": "rm",
        "write-content": "rm",
        "write-properties": "m",
        "write": "m",
    }
    assert {name for name in wanted if name in told} == {name for name, levels in wanted.items() if level in levels}


BOOK = "/anna/Contacts/shared/"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c\r\nFN:Jan\r\nN:Jan;;;;\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    "roles",
    [
        (),
        ("ObjectViewer",),
        ("ObjectEditor",),
        ("ObjectCreator",),
        ("ObjectEraser",),
        ("ObjectCreator", "ObjectEditor"),
        ("ObjectViewer", "ObjectCreator", "ObjectEraser"),
    ],
)
async def test_each_role_on_an_address_book_allows_what_sogo_allows(dav: Dav, roles: tuple[str, ...]) -> None:
    made = document(
        "D:mkcol", "<D:set><D:prop><D:resourcetype><D:collection/><CR:addressbook/></D:resourcetype></D:prop></D:set>"
    )
    assert (await dav.request("MKCOL", BOOK, made)).status == 201
    assert (await dav.request("PUT", f"{BOOK}old.vcf", CARD)).status == 201
    await give(dav, BOOK, roles)
    refused = 403 if roles else 404
    views, edits = bool({"ObjectViewer", "ObjectEditor"} & {*roles}), "ObjectEditor" in roles
    status = {
        "create": (await dav.request("PUT", f"{BOOK}new.vcf", CARD.replace("UID:c", "UID:d"), "ben")).status,
        "view": (await dav.request("GET", f"{BOOK}old.vcf", as_="ben")).status,
        "edit": (await dav.request("PUT", f"{BOOK}old.vcf", CARD.replace("Jan", "Eva"), "ben")).status,
        "erase": (await dav.request("DELETE", f"{BOOK}old.vcf", as_="ben")).status,
    }
    assert status == {
        "create": 201 if "ObjectCreator" in roles else refused,
        "view": 200 if views else refused,
        "edit": 204 if edits else refused,
        "erase": 204 if "ObjectEraser" in roles else refused,
    }
