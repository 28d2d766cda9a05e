"""The ACL method and the properties about rights."""

import pytest

from tests.support.dav import Dav, condition, event
from tests.support.reports import BOOK, CALENDAR, HOME, document, put

pytestmark = pytest.mark.anyio

ACL = "{DAV:}acl"
OWN = "{DAV:}current-user-privilege-set"


def ace(principal: str, *privileges: str, extra: str = "") -> str:
    granted = "".join(f"<D:privilege><{name}/></D:privilege>" for name in privileges)
    return f"<D:ace><D:principal>{principal}</D:principal><D:grant>{granted}</D:grant>{extra}</D:ace>"


BEN = "<D:href>/SOGo/dav/ben/</D:href>"


async def grant(dav: Dav, *aces: str, path: str = CALENDAR, as_: str = "anna") -> int:
    return (await dav.request("ACL", path, document("D:acl", "".join(aces)), as_)).status


async def privileges(dav: Dav, path: str, as_: str) -> set[str]:
    found = (await dav.propfind(path, OWN, as_=as_)).found()[OWN]
    return {privilege[0].tag for privilege in found}


async def test_a_grant_opens_a_calendar_and_its_removal_closes_it(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    assert (await dav.request("GET", f"{CALENDAR}a.ics", as_="ben")).status == 404
    assert await grant(dav, ace(BEN, "D:read")) == 200
    assert (await dav.request("GET", f"{CALENDAR}a.ics", as_="ben")).status == 200
    assert (await dav.request("DELETE", f"{CALENDAR}a.ics", as_="ben")).status == 403
    assert await privileges(dav, CALENDAR, "ben") >= {"{DAV:}read", "{DAV:}read-current-user-privilege-set"}
    assert await grant(dav) == 200
    assert (await dav.request("GET", f"{CALENDAR}a.ics", as_="ben")).status == 404


async def test_write_lets_create_change_and_delete(dav: Dav) -> None:
    assert await grant(dav, ace(BEN, "D:read", "D:write"), path=BOOK) == 200
    assert "{DAV:}write" in await privileges(dav, BOOK, "ben")
    assert await grant(dav, ace(BEN, "D:read", "D:bind")) == 200
    await put(dav, f"{CALENDAR}b.ics", event("b"), as_="ben")
    assert (await dav.request("DELETE", f"{CALENDAR}b.ics", as_="ben")).status == 403


async def test_everybody_groups_and_the_owner_can_be_named(dav: Dav) -> None:
    assert (
        await grant(
            dav,
            ace("<D:all/>", "D:read"),
            ace("<D:href>http://dav.test/SOGo/dav/staff</D:href>", "D:read", "D:write-content"),
            ace("<D:property><D:owner/></D:property>", "D:all", extra="<D:protected/>"),
            ace("<D:href>/SOGo/dav/anna/</D:href>", "D:read"),
        )
        == 200
    )
    content = (await dav.propfind(CALENDAR, ACL)).found()[ACL]
    principals = [one.find("{DAV:}principal") for one in content]
    kinds = [principal[0].tag.partition("}")[2] for principal in principals if principal is not None]
    assert kinds == ["property", "authenticated", "href", "unauthenticated"]
    assert [element.text for element in content.iter("{DAV:}href")] == ["/SOGo/dav/staff/"]


async def test_an_acl_read_and_sent_back_changes_nothing(dav: Dav) -> None:
    wanted = ace(BEN, "I:modify-public-records", "I:viewdant-private-records", "D:unbind")
    assert await grant(dav, wanted, ace("<D:authenticated/>", "C:read-free-busy")) == 200
    first = await dav.request("PROPFIND", CALENDAR, document("D:propfind", "<D:prop><D:acl/></D:prop>"), depth="0")
    text = first.body.decode()
    inner = text[text.index("<D:acl>") + 7 : text.index("</D:acl>")]
    assert await grant(dav, inner) == 200
    second = await dav.request("PROPFIND", CALENDAR, document("D:propfind", "<D:prop><D:acl/></D:prop>"), depth="0")
    assert second.body == first.body


async def test_only_the_owner_changes_rights_and_reads_them(dav: Dav) -> None:
    assert await grant(dav, ace(BEN, "D:read", "D:write")) == 200
    response = await dav.request("ACL", CALENDAR, document("D:acl", ace(BEN, "D:all")), "ben")
    assert response.status == 403
    assert condition(response) == "{DAV:}need-privileges"
    assert (await dav.propfind(CALENDAR, ACL, as_="ben")).status(ACL) == 404
    assert await grant(dav, ace(BEN, "D:read"), as_="root") == 200


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            f"<D:ace><D:principal>{BEN}</D:principal><D:deny><D:privilege><D:read/></D:privilege></D:deny></D:ace>",
            "grant-only",
        ),
        (
            (
                f"<D:ace><D:invert><D:principal>{BEN}</D:principal></D:invert>"
                "<D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>"
            ),
            "no-invert",
        ),
        (ace("<D:href>/SOGo/dav/zoe/</D:href>", "D:read"), "recognized-principal"),
        (ace("<D:href>/SOGo/dav/ben/Calendar/</D:href>", "D:read"), "recognized-principal"),
        (ace("<D:href>mailto:ben@example.org</D:href>", "D:read"), "recognized-principal"),
        (ace("<D:self/>", "D:read"), "allowed-principal"),
        (ace("<D:property><D:group/></D:property>", "D:read"), "allowed-principal"),
        (ace(BEN, "D:write-acl"), "not-supported-privilege"),
        (ace(BEN, "CS:fly"), "not-supported-privilege"),
    ],
)
async def test_what_cannot_be_granted_names_its_precondition(dav: Dav, body: str, name: str) -> None:
    response = await dav.request("ACL", CALENDAR, document("D:acl", body))
    assert response.status == 403
    assert condition(response) == f"{{DAV:}}{name}"


@pytest.mark.parametrize(
    "body",
    ["", document("D:acl", "<D:ace/>"), document("D:propfind", ""), document("D:acl", ace("<D:witch/>", "D:read"))],
)
async def test_malformed_lists_are_400(dav: Dav, body: str) -> None:
    assert (await dav.request("ACL", CALENDAR, body)).status == 400


@pytest.mark.parametrize("path", ["/anna/", "/anna/Calendar/", "/anna/Files/"])
async def test_rights_are_kept_for_calendars_and_address_books_only(dav: Dav, path: str) -> None:
    assert await grant(dav, path=path) == 405


async def test_objects_show_their_own_privileges(dav: Dav) -> None:
    await put(dav, f"{CALENDAR}open.ics", event("open"))
    await put(dav, f"{CALENDAR}secret.ics", event("secret", extra="CLASS:CONFIDENTIAL\r\n"))
    assert await grant(dav, ace(BEN, "I:modify-public-records", "I:viewwhole-confidential-records")) == 200
    assert "{DAV:}write" in await privileges(dav, f"{CALENDAR}open.ics", "ben")
    assert "{DAV:}write" not in await privileges(dav, f"{CALENDAR}secret.ics", "ben")
    listed = await dav.propfind(CALENDAR, OWN, depth="1", as_="ben")
    found = {href: {p[0].tag for p in listed.found(href)[OWN]} for href in listed.hrefs}
    assert "{DAV:}write" in found[f"{HOME}personal/open.ics"]
    assert "{DAV:}write" not in found[f"{HOME}personal/secret.ics"]


async def test_the_other_properties_are_those_of_the_standard(dav: Dav) -> None:
    names = [
        f"{{DAV:}}{n}"
        for n in ("supported-privilege-set", "acl-restrictions", "inherited-acl-set", "principal-collection-set")
    ]
    found = (await dav.propfind(CALENDAR, *names)).found()
    assert [child.tag for child in found["{DAV:}acl-restrictions"]] == ["{DAV:}grant-only", "{DAV:}no-invert"]
    assert found["{DAV:}principal-collection-set"][0].text == "/SOGo/dav/"
    assert len(found["{DAV:}inherited-acl-set"]) == 0
    whole = found["{DAV:}supported-privilege-set"][0]
    assert (
        whole.findtext("{DAV:}privilege/{DAV:}all") is not None or whole.find("{DAV:}privilege/{DAV:}all") is not None
    )
    read = next(
        part
        for part in whole.findall("{DAV:}supported-privilege")
        if part.find("{DAV:}privilege/{DAV:}read") is not None
    )
    inner = [part.find("{DAV:}privilege") for part in read.findall("{DAV:}supported-privilege")]
    assert "{urn:ietf:params:xml:ns:caldav}read-free-busy" in [p[0].tag for p in inner if p is not None]


async def test_proxy_groups_list_who_was_granted_what(dav: Dav) -> None:
    assert await grant(dav, ace(BEN, "D:read"), ace("<D:href>/SOGo/dav/room/</D:href>", "D:write")) == 200
    members = "{DAV:}group-member-set"
    read = (await dav.propfind("/anna/calendar-proxy-read/", members)).found()[members]
    write = (await dav.propfind("/anna/calendar-proxy-write/", members)).found()[members]
    assert [href.text for href in read] == ["/SOGo/dav/ben/"]
    assert [href.text for href in write] == ["/SOGo/dav/room/"]
    hidden = (await dav.propfind("/anna/calendar-proxy-read/", members, as_="ben")).found()[members]
    assert len(hidden) == 0


async def test_a_principal_knows_its_groups(dav: Dav) -> None:
    membership = "{DAV:}group-membership"
    found = (await dav.propfind("/anna/", membership)).found()[membership]
    assert [href.text for href in found] == ["/SOGo/dav/staff/"]
    assert len((await dav.propfind("/ben/", membership)).found()[membership]) == 0


async def test_a_group_lists_its_members(dav: Dav) -> None:
    members = "{DAV:}group-member-set"
    found = (await dav.propfind("/staff/", members, as_="ben")).found()[members]
    assert [href.text for href in found] == ["/SOGo/dav/anna/"]
    assert len((await dav.propfind("/anna/", members)).found()[members]) == 0


async def test_a_group_is_granted_what_its_members_then_may(dav: Dav) -> None:
    path = "/ben/Calendar/personal/"
    await put(dav, f"{path}a.ics", event("a"), as_="ben")
    assert await grant(dav, ace("<D:href>/SOGo/dav/staff/</D:href>", "D:read"), path=path, as_="ben") == 200
    assert (await dav.request("GET", f"{path}a.ics")).status == 200
    assert (await dav.request("GET", f"{path}a.ics", as_="carl")).status == 404
