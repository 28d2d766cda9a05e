"""Apple's delegates: the proxy groups, and who they are seen to act for."""

import pytest

from tests.support.dav import Answers, Dav, event
from tests.support.reports import CALENDAR, document, put

pytestmark = pytest.mark.anyio

INVERSE = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'
MEMBERS = "{DAV:}group-member-set"
MEMBERSHIP = "{DAV:}group-membership"
READ_FOR = "{http://calendarserver.org/ns/}calendar-proxy-read-for"
WRITE_FOR = "{http://calendarserver.org/ns/}calendar-proxy-write-for"


async def set_members(dav: Dav, group: str, *members: str, as_: str = "anna", owner: str = "anna") -> Answers:
    hrefs = "".join(f"<D:href>{member}</D:href>" for member in members)
    body = document(
        "D:propertyupdate", f"<D:set><D:prop><D:group-member-set>{hrefs}</D:group-member-set></D:prop></D:set>"
    )
    response = await dav.request("PROPPATCH", f"/{owner}/calendar-proxy-{group}", body, as_)
    assert response.status == 207, response
    return Answers(response.body)


async def hrefs(dav: Dav, path: str, name: str, as_: str = "anna") -> list[str]:
    found = (await dav.propfind(path, name, as_=as_)).found()[name]
    return [href.text or "" for href in found]


async def post(dav: Dav, body: str, path: str, as_: str = "root") -> int:
    return (await dav.request("POST", path, body, as_, content_type="application/xml")).status


async def test_naming_a_delegate_grants_and_subscribes(dav: Dav) -> None:
    assert (await set_members(dav, "write", "/SOGo/dav/ben/")).status(MEMBERS) == 200
    assert await hrefs(dav, "/anna/calendar-proxy-write/", MEMBERS) == ["/SOGo/dav/ben/"]
    assert await hrefs(dav, "/anna/calendar-proxy-read/", MEMBERS) == []
    await put(dav, f"{CALENDAR}a.ics", event("a"), "ben")
    listed = await dav.propfind("/ben/Calendar/", "{DAV:}displayname", depth="1", as_="ben")
    assert "/SOGo/dav/ben/Calendar/anna_personal/" in listed.hrefs
    assert await hrefs(dav, "/ben/", MEMBERSHIP, "ben") == ["/SOGo/dav/anna/calendar-proxy-write/"]
    assert await hrefs(dav, "/ben/", WRITE_FOR, "ben") == ["/SOGo/dav/anna/"]
    assert await hrefs(dav, "/ben/", READ_FOR, "ben") == []


@pytest.mark.parametrize("group", ["read", "write"])
async def test_taking_a_delegate_out_takes_both_away(dav: Dav, group: str) -> None:
    await put(dav, f"{CALENDAR}a.ics", event("a"))
    await set_members(dav, group, "/SOGo/dav/ben", "http://dav.test/SOGo/dav/room/", "/SOGo/dav/anna/")
    assert await hrefs(dav, f"/anna/calendar-proxy-{group}/", MEMBERS) == ["/SOGo/dav/ben/", "/SOGo/dav/room/"]
    assert (await dav.request("GET", f"{CALENDAR}a.ics", as_="ben")).status == 200
    await set_members(dav, group, "/SOGo/dav/room/")
    assert await hrefs(dav, f"/anna/calendar-proxy-{group}/", MEMBERS) == ["/SOGo/dav/room/"]
    assert (await dav.request("GET", f"{CALENDAR}a.ics", as_="ben")).status == 404
    assert await hrefs(dav, "/ben/", MEMBERSHIP, "ben") == []
    await set_members(dav, group)
    assert await hrefs(dav, f"/anna/calendar-proxy-{group}/", MEMBERS) == []


async def test_the_other_group_takes_a_member_over(dav: Dav) -> None:
    await set_members(dav, "read", "/SOGo/dav/ben/")
    assert await hrefs(dav, "/ben/", READ_FOR, "ben") == ["/SOGo/dav/anna/"]
    assert (await dav.request("PUT", f"{CALENDAR}a.ics", event("a"), "ben", content_type="text/calendar")).status == 403
    await set_members(dav, "write", "/SOGo/dav/ben/")
    assert await hrefs(dav, "/anna/calendar-proxy-read/", MEMBERS) == []
    assert await hrefs(dav, "/ben/", READ_FOR, "ben") == []
    assert await hrefs(dav, "/ben/", WRITE_FOR, "ben") == ["/SOGo/dav/anna/"]


async def test_groups_act_too_and_are_not_subscribed(dav: Dav) -> None:
    await set_members(dav, "read", "/SOGo/dav/staff/", owner="ben", as_="ben")
    assert await hrefs(dav, "/ben/calendar-proxy-read/", MEMBERS, "ben") == ["/SOGo/dav/staff/"]
    assert await hrefs(dav, "/anna/", READ_FOR) == []
    assert await post(dav, f"<subscribe {INVERSE}/>", "/ben/Calendar/personal/", "anna") == 200
    assert await hrefs(dav, "/anna/", READ_FOR) == ["/SOGo/dav/ben/"]
    assert await hrefs(dav, "/anna/", MEMBERSHIP) == ["/SOGo/dav/ben/calendar-proxy-read/", "/SOGo/dav/staff/"]


@pytest.mark.parametrize("member", ["/SOGo/dav/zoe/", "/SOGo/dav/ben/Calendar/", "mailto:ben@example.org", "/else/ben"])
async def test_who_is_no_principal_cannot_be_named(dav: Dav, member: str) -> None:
    body = document(
        "D:propertyupdate",
        f"<D:set><D:prop><D:group-member-set><D:href>{member}</D:href></D:group-member-set></D:prop></D:set>",
    )
    assert (await dav.request("PROPPATCH", "/anna/calendar-proxy-read/", body)).status == 403
    assert await hrefs(dav, "/anna/calendar-proxy-read/", MEMBERS) == []


async def test_only_the_owner_and_superusers_name_delegates(dav: Dav) -> None:
    body = document("D:propertyupdate", "<D:set><D:prop><D:group-member-set/></D:prop></D:set>")
    assert (await dav.request("PROPPATCH", "/anna/calendar-proxy-read/", body, "ben")).status == 403
    await set_members(dav, "read", "/SOGo/dav/room/", as_="root")
    assert await hrefs(dav, "/anna/calendar-proxy-read/", MEMBERS) == ["/SOGo/dav/room/"]
    assert await hrefs(dav, "/room/", MEMBERSHIP, "root") == ["/SOGo/dav/anna/calendar-proxy-read/"]
    assert await hrefs(dav, "/room/", MEMBERSHIP, "anna") == [], "nobody else is told"


async def test_the_group_is_found_by_expanding(dav: Dav) -> None:
    await set_members(dav, "write", "/SOGo/dav/ben/")
    body = document(
        "D:expand-property",
        '<D:property name="calendar-proxy-write-for" namespace="http://calendarserver.org/ns/">'
        '<D:property name="displayname"/><D:property name="principal-URL"/></D:property>'
        '<D:property name="group-membership"><D:property name="displayname"/></D:property>',
    )
    response = await dav.request("REPORT", "/ben/", body, "ben", depth="0")
    assert response.status == 207
    assert b"Anna Berg" in response.body
    assert b"<D:displayname>calendar-proxy-write</D:displayname>" in response.body


@pytest.mark.parametrize(
    ("roles", "group"),
    [
        ("<PublicViewer/><ObjectCreator/>", "write"),
        ("<PublicViewer/><ObjectEraser/>", "write"),
        ("<PublicModifier/>", "write"),
        ("<PublicResponder/>", "write"),
        ("<PublicDAndTViewer/>", "read"),
        ("<PublicViewer/>", "read"),
    ],
)
async def test_sogos_own_roles_make_delegates_of_subscribers(dav: Dav, roles: str, group: str) -> None:
    for path in (CALENDAR, "/anna/Calendar/other/"):
        await dav.request("MKCALENDAR", path)
        assert await post(dav, f'<subscribe {INVERSE} users="ben"/>', path) == 200
    assert await hrefs(dav, "/ben/", MEMBERSHIP, "ben") == []
    set_roles = f'<acl-query {INVERSE}><set-roles user="ben">{roles}</set-roles></acl-query>'
    assert await post(dav, set_roles, "/anna/Calendar/other/") == 204
    assert await hrefs(dav, "/ben/", MEMBERSHIP, "ben") == [f"/SOGo/dav/anna/calendar-proxy-{group}/"]
    name = READ_FOR if group == "read" else WRITE_FOR
    assert await hrefs(dav, "/ben/", name, "ben") == ["/SOGo/dav/anna/"]
    assert await post(dav, f'<unsubscribe {INVERSE} users="ben"/>', CALENDAR) == 200
    assert await hrefs(dav, "/ben/", name, "ben") == ["/SOGo/dav/anna/"]
    assert await post(dav, f'<unsubscribe {INVERSE} users="ben"/>', "/anna/Calendar/other/") == 200
    assert await hrefs(dav, "/ben/", MEMBERSHIP, "ben") == []
