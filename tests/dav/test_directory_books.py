"""User sources as address books that everybody reads, as SOGo shows them."""

import shutil
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from folkmoot.config.sources import PasswordRule
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from folkmoot.directory.directory import Directory
from folkmoot.directory.domains import Domains
from folkmoot.directory.password_change import GOOD, PasswordFault, PasswordRefused, Standing
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import Authenticated, Refusal
from folkmoot.vcard import parse
from tests.support.dav import PEOPLE, Answers, Dav, card, header, services_on

pytestmark = pytest.mark.anyio

D, CR = "{DAV:}", "{urn:ietf:params:xml:ns:carddav}"
BOOK = "/anna/Contacts/staff/"
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "sn": ("Berg",),
    "givenname": ("Anna; the first",),
    "telephonenumber": ("+47 1",),
    "mobile": ("+47 2",),
    "o": ("Acme, Inc.",),
    "ou": ("Sales",),
    "l": ("Oslo",),
    "title": ("Head",),
}


@dataclass
class FixedSource:
    """The people of the tests, in one source."""

    id: str = "staff"
    display_name: str = "All staff"
    domain: str | None = None
    can_authenticate: bool = False
    is_address_book: bool = True
    list_requires_dot: bool = False
    first_entries_count: int = -1
    people_domain: str | None = None

    @property
    def people(self) -> list[Principal]:
        shown = [replace(one, domain=self.people_domain) for one in PEOPLE]
        return [replace(one, attributes=ATTRIBUTES if one.id == "anna" else {}) for one in shown]

    async def check(self, login: str, password: str) -> Authenticated | Refusal:
        return Refusal.UNKNOWN

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        return None

    async def current(self, principal: Principal) -> Authenticated | None:
        return None

    async def standing(self, principal: Principal, password: str) -> Standing:
        return GOOD

    def rules(self) -> Sequence[PasswordRule]:
        return ()

    async def replace_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        raise PasswordRefused(PasswordFault.NONE, "nobody signs in here")

    async def find(self, login_or_id: str) -> Principal | None:
        return next((one for one in self.people if one.id == login_or_id), None)

    async def find_many(self, ids: Collection[PrincipalId]) -> Sequence[Principal]:
        return [one for one in self.people if one.id in ids]

    async def find_by_mail(self, address: str) -> Principal | None:
        return next((one for one in self.people if address in one.mails), None)

    async def search(self, text: str, *, limit: int, domains: Collection[str] | None = None) -> Sequence[Principal]:
        return [one for one in self.people if text.lower() in f"{one.display_name} {one.mails}".lower()][:limit]


@pytest.fixture
async def database(tmp_path: Path, migrated_file: Path, anyio_backend: str) -> AsyncIterator[Database]:
    shutil.copy(migrated_file, tmp_path / "books.db")
    async with await Database.open(f"sqlite:///{tmp_path}/books.db") as opened:
        yield opened


def with_source(database: Database, domains: Domains | None = None, **source: Any) -> Dav:
    directory = Directory([FixedSource(**source)], domains)
    return Dav(DavFace(services_on(database, directory=directory), DavSettings()))


def query(inner: str) -> str:
    return (
        f'<CR:addressbook-query xmlns:CR="{CR[1:-1]}" xmlns:D="DAV:"><D:prop><D:getetag/><CR:address-data/></D:prop>'
        f"<CR:filter>{inner}</CR:filter></CR:addressbook-query>"
    )


def containing(text: str) -> str:
    return f'<CR:prop-filter name="FN"><CR:text-match match-type="contains">{text}</CR:text-match></CR:prop-filter>'


async def test_the_book_stands_in_ones_own_home_and_says_what_it_is(database: Database) -> None:
    dav = with_source(database)
    names = (f"{D}displayname", f"{D}resourcetype", f"{D}sync-token", f"{D}supported-report-set", f"{D}owner")
    listed = await dav.propfind("/anna/Contacts/", *names, depth="1")
    href = f"/SOGo/dav{BOOK}"
    assert listed.text(f"{D}displayname", href) == "All staff"
    types = {child.tag for child in listed.found(href)[f"{D}resourcetype"]}
    assert types >= {f"{D}collection", f"{CR}addressbook", f"{CR}directory"}
    assert listed.status(f"{D}sync-token", href) == 404
    assert listed.status(f"{D}owner", href) == 404
    reports = {element.tag for element in listed.found(href)[f"{D}supported-report-set"].iter()}
    assert f"{CR}addressbook-query" in reports
    assert f"{D}sync-collection" not in reports
    privileges = await dav.propfind(BOOK, f"{D}current-user-privilege-set")
    tags = {element.tag for element in privileges.found()[f"{D}current-user-privilege-set"].iter()}
    assert f"{D}read" in tags
    assert not any("write" in tag or "bind" in tag for tag in tags)
    gateway = await dav.propfind("/anna/", f"{CR}directory-gateway")
    assert gateway.text(f"{CR}directory-gateway") == href


async def test_it_is_not_shown_in_others_homes_nor_to_contacts_on_a_mac(database: Database) -> None:
    dav = with_source(database)
    hrefs = (await dav.propfind("/ben/Contacts/", f"{D}owner", depth="1")).hrefs
    assert "/SOGo/dav/ben/Contacts/staff/" not in hrefs
    mac = replace(dav, headers={"User-Agent": "Mac_OS_X/10.15.7 (19H2) AddressBookCore/2143.6"})
    assert f"/SOGo/dav{BOOK}" not in (await mac.propfind("/anna/Contacts/", f"{D}owner", depth="1")).hrefs
    assert (await dav.request("PROPFIND", BOOK, as_="nobody")).status == 404


@pytest.mark.parametrize(
    ("source", "shown"), [({}, 5), ({"list_requires_dot": True}, 0), ({"first_entries_count": 2}, 2)]
)
async def test_the_administrator_says_how_many_are_listed(
    database: Database, source: dict[str, Any], shown: int
) -> None:
    dav = with_source(database, **source)
    listed = await dav.propfind(BOOK, f"{D}getetag", f"{D}getcontenttype", depth="1")
    assert len(listed.hrefs) == 1 + shown
    assert all(href.startswith(f"/SOGo/dav{BOOK}") for href in listed.hrefs)


async def test_a_search_finds_people_even_where_none_are_listed(database: Database) -> None:
    dav = with_source(database, list_requires_dot=True)
    found = Answers((await dav.request("REPORT", BOOK, query(containing("berg")))).body)
    assert found.hrefs == [f"/SOGo/dav{BOOK}anna"]
    text = found.text(f"{CR}address-data")
    assert parse(text).text("FN") == "Anna Berg"
    assert Answers((await dav.request("REPORT", BOOK, query(containing("nobody")))).body).hrefs == []
    assert Answers((await dav.request("REPORT", BOOK, query(""))).body).hrefs == []
    assert Answers((await dav.request("REPORT", BOOK, query(containing("e")), depth="0")).body).hrefs == []


async def test_a_limit_ends_the_answer_with_507_for_the_book(database: Database) -> None:
    limited = query(containing("e")).replace("</CR:addr", "<CR:limit><CR:nresults>1</CR:nresults></CR:limit></CR:addr")
    found = Answers((await with_source(database).request("REPORT", BOOK, limited)).body)
    assert len(found.hrefs) == 2
    assert found.hrefs[-1] == f"/SOGo/dav{BOOK}"


async def test_cards_are_read_one_by_one_and_by_multiget(database: Database) -> None:
    dav = with_source(database)
    response = await dav.request("GET", f"{BOOK}anna")
    assert response.status == 200
    read = parse(response.body)
    assert read.text("N") is not None
    assert {line.value for line in read.all("TEL")} == {"+47 1", "+47 2"}
    assert b"N:Berg;Anna\\; the first;;;\r\n" in response.body
    assert b"ORG:Acme\\, Inc.;Sales\r\n" in response.body
    assert (await dav.request("GET", f"{BOOK}anna", if_none_match=header(response, "ETag") or "")).status == 304
    assert (await dav.request("GET", f"{BOOK}nobody")).status == 404
    hrefs = "".join(f"<D:href>/SOGo/dav{BOOK}{name}</D:href>" for name in ("anna", "carl%40example.org", "nobody"))
    body = (
        f'<CR:addressbook-multiget xmlns:CR="{CR[1:-1]}" xmlns:D="DAV:"><D:prop><D:getetag/><CR:address-data/></D:prop>'
        f"{hrefs}</CR:addressbook-multiget>"
    )
    answers = Answers((await dav.request("REPORT", BOOK, body)).body)
    assert len(answers.hrefs) == 3
    assert answers.text(f"{D}getetag", f"/SOGo/dav{BOOK}anna") == header(response, "ETag")
    names = (f"{D}getetag", f"{D}displayname")
    assert (await dav.propfind(f"{BOOK}anna", *names)).text(f"{D}getetag") == header(response, "ETag")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", f"{BOOK}new.vcf", 403),
        ("PUT", f"{BOOK}anna", 403),
        ("DELETE", f"{BOOK}anna", 404),
        ("DELETE", BOOK, 403),
        ("MKCOL", BOOK, 403),
        ("PROPPATCH", BOOK, 403),
        ("LOCK", BOOK, 403),
        ("ACL", BOOK, 405),
    ],
)
async def test_nothing_of_it_can_be_changed(database: Database, method: str, path: str, status: int) -> None:
    dav = with_source(database)
    bodies = {
        "PUT": card("new"),
        "PROPPATCH": b'<propertyupdate xmlns="DAV:"><set><prop><a xmlns="b">x</a></prop></set></propertyupdate>',
        "LOCK": b'<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>',
        "ACL": b'<acl xmlns="DAV:"/>',
    }
    assert (await dav.request(method, path, bodies.get(method, b""))).status == status


async def test_it_cannot_be_synchronised(database: Database) -> None:
    body = (
        '<sync-collection xmlns="DAV:"><sync-token/><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>'
    )
    assert (await with_source(database).request("REPORT", BOOK, body)).status == 403


async def test_people_of_other_domains_do_not_see_it(database: Database) -> None:
    dav = with_source(database, domain="example.net", people_domain="example.org")
    assert (await dav.request("PROPFIND", BOOK, depth="0")).status == 404
    assert f"/SOGo/dav{BOOK}" not in (await dav.propfind("/anna/Contacts/", f"{D}owner", depth="1")).hrefs
    domains = Domains(visible={"example.org": frozenset(["example.net"])})
    dav = with_source(database, domains, domain="example.net", people_domain="example.org")
    assert (await dav.request("PROPFIND", BOOK, depth="0")).status == 207
