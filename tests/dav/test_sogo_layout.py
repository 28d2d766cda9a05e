"""URLs and names as SOGo gives them; docs/conformance/sogo.md."""

import shutil
from pathlib import Path

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store.records import Kind
from tests.support.dav import CALLERS, Dav, event, services_on

pytestmark = pytest.mark.anyio

D, C, CR = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{urn:ietf:params:xml:ns:carddav}"
I = "{urn:inverse:params:xml:ns:inverse-dav}"  # noqa: E741  # as the prefix in SOGo's documents
CALENDAR = "/anna/Calendar/personal/"
CARL = "/carl@example.org"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "Folkmoot"),
        ("/anna/", "Anna Berg"),
        ("/anna/Calendar/", "Calendar"),
        ("/anna/Contacts/", "Contacts"),
        ("/anna/Calendar/personal.ics", "Personal Calendar"),
        ("/anna/Calendar/personal.xml", "Personal Calendar"),
        ("/anna/Calendar/inbox/", "inbox"),
        ("/anna/calendar-proxy-read/", "calendar-proxy-read"),
        ("/anna/calendar-proxy-write/", "calendar-proxy-write"),
        ("/anna/freebusy.ifb", "freebusy.ifb"),
    ],
)
async def test_everything_that_is_computed_has_the_name_that_sogo_gives_it(dav: Dav, path: str, name: str) -> None:
    await dav.propfind(CALENDAR, f"{D}owner")
    assert (await dav.propfind(path, f"{D}displayname")).text(f"{D}displayname") == name


async def test_a_principal_lists_its_homes_proxies_and_free_busy_document(dav: Dav) -> None:
    assert (await dav.propfind("/anna/", f"{D}owner", depth="1")).hrefs == [
        "/SOGo/dav/anna/",
        "/SOGo/dav/anna/Calendar/",
        "/SOGo/dav/anna/Contacts/",
        "/SOGo/dav/anna/calendar-proxy-read/",
        "/SOGo/dav/anna/calendar-proxy-write/",
        "/SOGo/dav/anna/freebusy.ifb",
    ]


async def _share(dav: Dav, kind: Kind = Kind.CALENDAR) -> None:
    home = "Calendar" if kind is Kind.CALENDAR else "Contacts"
    await dav.propfind(f"/anna/{home}/personal/", f"{D}owner")
    role = "PublicViewer" if kind is Kind.CALENDAR else "ObjectViewer"
    place = Place(PrincipalId("anna"), kind, "personal")
    await dav.face.services.grants.set_(CALLERS["anna"], place, "ben", frozenset([role]))


async def test_others_read_whose_a_collection_is(dav: Dav) -> None:
    await _share(dav)
    await _share(dav, Kind.ADDRESSBOOK)
    name = f"{D}displayname"
    shown = "Personal Calendar (Anna Berg <anna@example.org>)"
    assert (await dav.propfind(CALENDAR, name, as_="ben")).text(name) == shown
    listed = await dav.propfind("/anna/Calendar/", name, depth="1", as_="ben")
    assert listed.text(name, "/SOGo/dav/anna/Calendar/personal.ics") == shown
    assert (await dav.propfind(CALENDAR, name)).text(name) == "Personal Calendar"
    book = await dav.propfind("/anna/Contacts/personal/", name, as_="ben")
    assert book.text(name) == "Personal Address Book (Anna Berg <anna@example.org>)"


async def test_the_administrator_says_how_others_collections_are_named(dav: Dav) -> None:
    await _share(dav)
    settings = DavSettings(shared_name="%{UserName}: %{FolderName} %{Unknown} <%{Owner}>")
    named = Dav(DavFace(dav.face.services, settings))
    name = f"{D}displayname"
    assert (await named.propfind(CALENDAR, name, as_="ben")).text(name) == (
        "Anna Berg: Personal Calendar %{Unknown} <anna>"
    )


@pytest.mark.parametrize("path", ["/room/Calendar/personal/", "/room/Calendar/", "/room/Calendar/personal.ics"])
async def test_a_rooms_calendar_is_there_when_anybody_first_looks(
    tmp_path: Path, migrated_file: Path, path: str
) -> None:
    shutil.copy(migrated_file, tmp_path / "rooms.db")
    policy = SharingPolicy(calendar_roles=("PublicDAndTViewer",))
    async with await Database.open(f"sqlite:///{tmp_path}/rooms.db") as database:
        open_to_all = Dav(DavFace(services_on(database, policy=policy), DavSettings()))
        assert (await open_to_all.request("PROPFIND", path, as_="ben", depth="1")).status == 207
        home = await open_to_all.propfind("/room/Calendar/", f"{D}owner", depth="1", as_="ben")
        assert "/SOGo/dav/room/Calendar/personal/" in home.hrefs


async def test_a_persons_calendar_is_made_by_its_owner_only(dav: Dav) -> None:
    assert (await dav.request("PROPFIND", "/carl@example.org/Contacts/personal/", as_="root")).status == 404
    assert (await dav.request("PROPFIND", "/carl@example.org/Contacts/personal/", as_="carl")).status == 207


async def test_a_module_that_is_closed_to_a_user_is_nowhere(dav: Dav) -> None:
    await _share(dav)
    for method, path in (
        ("PROPFIND", f"{CARL}/Calendar/"),
        ("PROPFIND", CALENDAR),
        ("GET", f"{CARL}/Calendar/personal.ics"),
        ("PUT", f"{CARL}/Calendar/personal/a.ics"),
        ("MKCALENDAR", f"{CARL}/Calendar/more/"),
        ("REPORT", f"{CARL}/Calendar/personal/"),
    ):
        body = event("a") if method == "PUT" else b""
        if method == "REPORT":
            body = b'<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop/></sync-collection>'
        assert (await dav.request(method, path, body, "carl")).status == 404, (method, path)
    principal = await dav.propfind(f"{CARL}/", f"{C}calendar-home-set", f"{CR}addressbook-home-set", as_="carl")
    assert principal.status(f"{C}calendar-home-set") == 404
    assert principal.status(f"{CR}addressbook-home-set") == 200
    listed = (await dav.propfind(f"{CARL}/", f"{D}owner", depth="1", as_="carl")).hrefs
    assert listed == [f"/SOGo/dav{CARL}/", f"/SOGo/dav{CARL}/Contacts/"]
    assert (await dav.request("PROPFIND", f"{CARL}/Contacts/personal/", as_="carl")).status == 207


async def test_principals_and_collections_have_ids_that_stay(dav: Dav) -> None:
    name = f"{D}resource-id"
    ids = [(await dav.propfind(path, name)).text(name) for path in ("/anna/", "/ben/", CALENDAR, "/anna/")]
    assert all(text.startswith("urn:uuid:") for text in ids)
    assert ids[0] == ids[3]
    assert len(set(ids)) == 3
