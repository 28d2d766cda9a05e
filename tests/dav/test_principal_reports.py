"""Reports on principals, expansion of properties, and Inverse's reports."""

from xml.etree import ElementTree as ET

import pytest

from tests.support.dav import Dav, condition
from tests.support.reports import BOOK, CALENDAR, HOME, document, report, status_of

pytestmark = pytest.mark.anyio

NAME = "<D:prop><D:displayname/></D:prop>"


def search(name: str, text: str, match_type: str = "") -> str:
    kind = f' match-type="{match_type}"' if match_type else ""
    return f"<D:property-search><D:prop><{name}/></D:prop><D:match{kind}>{text}</D:match></D:property-search>"


@pytest.mark.parametrize(
    ("condition_", "found"),
    [
        (search("D:displayname", "berg"), ["anna"]),
        (search("D:displayname", "BE", "starts-with"), ["ben"]),
        (search("D:displayname", "Ben Lund", "equals"), ["ben"]),
        (search("CS:email-address-set", "example.org"), ["anna", "ben", "carl@example.org", "room", "staff"]),
        (search("C:calendar-user-address-set", "mailto:ben@example.org"), ["ben"]),
        (search("C:calendar-home-set", "/SOGo/dav/ben/Calendar/"), ["ben"]),
        (search("C:calendar-user-type", "ROOM"), ["room"]),
        (search("D:displayname", "nobody of that name"), []),
        (search("D:getetag", "berg"), []),
        (search("D:displayname", ""), []),
    ],
)
async def test_people_are_found_by_their_properties(dav: Dav, condition_: str, found: list[str]) -> None:
    answers = await report(dav, "/", "D:principal-property-search", condition_ + NAME)
    assert sorted(href.removeprefix("/SOGo/dav/").rstrip("/") for href in answers.hrefs) == found


async def test_conditions_combine_as_the_test_says(dav: Dav) -> None:
    both = search("D:displayname", "Anna") + search("D:displayname", "Ben")
    assert not (await report(dav, "/", "D:principal-property-search", both + NAME)).hrefs
    either = await report(dav, "/", "D:principal-property-search", both + NAME, 'test="anyof"')
    assert either.hrefs == ["/SOGo/dav/anna/", "/SOGo/dav/ben/"]


async def test_elsewhere_a_search_must_say_that_it_means_all_people(dav: Dav) -> None:
    content = search("D:displayname", "Ben") + NAME
    assert not (await report(dav, "/anna/", "D:principal-property-search", content)).hrefs
    everywhere = content + "<D:apply-to-principal-collection-set/>"
    assert (await report(dav, "/anna/", "D:principal-property-search", everywhere)).hrefs == ["/SOGo/dav/ben/"]


async def test_a_limit_of_people_ends_with_507(dav: Dav) -> None:
    content = search("CS:email-address-set", "example") + NAME + "<D:limit><D:nresults>1</D:nresults></D:limit>"
    answers = await report(dav, "/", "D:principal-property-search", content)
    assert len(answers.hrefs) == 2
    assert "507" in status_of(answers, answers.hrefs[-1])


async def test_words_find_people_of_the_kind_in_question(dav: Dav) -> None:
    words = "<CS:search-token>e</CS:search-token><CS:search-token>room</CS:search-token>" + NAME
    root = "CS:calendarserver-principal-search"
    assert (await report(dav, "/", root, words, 'context="location"')).hrefs == ["/SOGo/dav/room/"]
    assert not (await report(dav, "/", root, words, 'context="user"')).hrefs


async def test_searchable_properties_are_announced(dav: Dav) -> None:
    response = await dav.request("REPORT", "/", document("D:principal-search-property-set", ""))
    assert response.status == 200
    root = ET.fromstring(response.body)  # noqa: S314  # our own answer
    found = {one[0].tag for one in root.iter("{DAV:}prop")}
    assert {"{DAV:}displayname", "{http://calendarserver.org/ns/}email-address-set"} <= found


async def test_the_caller_finds_itself(dav: Dav) -> None:
    answers = await report(dav, "/", "D:principal-match", f"<D:self/>{NAME}")
    assert answers.hrefs == ["/SOGo/dav/anna/", "/SOGo/dav/staff/"]
    owned = "<D:principal-property><D:owner/></D:principal-property>" + NAME
    assert f"{HOME}personal/" in (await report(dav, "/anna/Calendar/", "D:principal-match", owned)).hrefs
    assert not (await report(dav, "/anna/Calendar/", "D:principal-match", owned, as_="ben")).hrefs


async def test_the_people_of_an_acl_come_with_their_properties(dav: Dav) -> None:
    ace = (
        "<D:ace><D:principal><D:href>/SOGo/dav/ben/</D:href></D:principal>"
        "<D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>"
    )
    assert (await dav.request("ACL", CALENDAR, document("D:acl", ace))).status == 200
    answers = await report(dav, CALENDAR, "D:acl-principal-prop-set", NAME)
    assert [answers.text("{DAV:}displayname", href) for href in answers.hrefs] == ["Anna Berg", "Ben Lund"]
    response = await dav.request("REPORT", CALENDAR, document("D:acl-principal-prop-set", NAME), "ben")
    assert condition(response) == "{DAV:}need-privileges"


async def test_hrefs_in_properties_are_expanded_as_deep_as_asked(dav: Dav) -> None:
    inner = (
        '<D:property name="owner"><D:property name="displayname"/>'
        '<D:property name="calendar-home-set" namespace="urn:ietf:params:xml:ns:caldav">'
        '<D:property name="owner"><D:property name="displayname"/></D:property></D:property></D:property>'
        '<D:property name="no-such-thing" namespace="urn:x"><D:property name="displayname"/></D:property>'
    )
    answers = await report(dav, CALENDAR, "D:expand-property", inner)
    owner = answers.found()["{DAV:}owner"]
    assert owner.findtext("{DAV:}response/{DAV:}href") == "/SOGo/dav/anna/"
    names = [element.text for element in owner.iter("{DAV:}displayname")]
    assert names == ["Anna Berg", "Anna Berg"]
    assert answers.status("{urn:x}no-such-thing") == 404


async def test_expansion_has_an_end(dav: Dav) -> None:
    deep = "".join('<D:property name="owner">' for _ in range(9)) + "</D:property>" * 9
    assert (await dav.request("REPORT", CALENDAR, document("D:expand-property", deep))).status == 413
    wide = '<D:property name="owner"><D:property name="displayname"/></D:property>' * 101
    assert (await dav.request("REPORT", CALENDAR, document("D:expand-property", wide))).status == 413


async def test_collections_of_others_are_found_in_sogos_form(dav: Dav) -> None:
    ace = (
        "<D:ace><D:principal><D:authenticated/></D:principal>"
        "<D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>"
    )
    assert (await dav.request("ACL", CALENDAR, document("D:acl", ace))).status == 200
    content = (
        '<I:prop-match name="owner">/SOGo/dav/users/anna</I:prop-match>'
        '<I:prop-match name="resource-type">calendar</I:prop-match>'
    )
    response = await dav.request("REPORT", "/ben/", document("I:collection-query", content), "ben")
    assert response.status == 207
    root = ET.fromstring(response.body)  # noqa: S314  # our own answer
    (one,) = root
    inverse = "{urn:inverse:params:xml:ns:inverse-dav}"
    assert one.findtext("{DAV:}href") == f"{HOME}personal/"
    assert one.findtext("{DAV:}owner") == "/SOGo/dav/anna"
    assert one.findtext(f"{inverse}ownerdisplayname") == "Anna Berg"
    assert one.findtext("{DAV:}propstat/{DAV:}prop/{DAV:}displayname") == one.findtext("{DAV:}displayname")


async def test_users_are_found_in_sogos_form_without_the_caller(dav: Dav) -> None:
    response = await dav.request("REPORT", "/anna/", document("I:user-query", '<I:users match-name="Berg"/>'))
    assert response.body.endswith(b"<users></users>")
    response = await dav.request("REPORT", "/anna/", document("I:user-query", '<I:users match-name="söhne"/>'))
    assert response.status == 207
    text = "<user><id>carl@example.org</id><displayName>Carl Öst &amp; Söhne</displayName>"
    assert text in response.body.decode()
    assert (await dav.request("REPORT", "/anna/", document("I:user-query", "<I:users/>"))).status == 400


@pytest.mark.parametrize(
    ("path", "root"),
    [
        (BOOK, "I:user-query"),
        (BOOK, "I:collection-query"),
        (BOOK, "D:principal-search-property-set"),
        ("/anna/Files/", "D:sync-collection"),
        ("/", "D:no-such-report"),
    ],
)
async def test_a_report_elsewhere_is_not_supported(dav: Dav, path: str, root: str) -> None:
    response = await dav.request("REPORT", path, document(root, ""))
    assert response.status == 403
    assert condition(response) == "{DAV:}supported-report"


async def test_python_caldav_finds_the_properties_it_names_beside_prop(dav: Dav) -> None:
    content = f"{search('D:displayname', 'Ben')}<D:prop/><C:calendar-home-set/><D:displayname/>"
    answers = await report(dav, "/", "D:principal-property-search", content)
    assert answers.text("{DAV:}displayname") == "Ben Lund"
    assert answers.text("{urn:ietf:params:xml:ns:caldav}calendar-home-set") == "/SOGo/dav/ben/Calendar/"


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/anna/", "/anna/calendar-proxy-read/", "/anna/Calendar/", "/anna/Contacts/", "/anna/Files/"),
        *(CALENDAR, BOOK),
    ],
)
async def test_every_report_that_is_announced_is_answered(dav: Dav, path: str) -> None:
    name = "{DAV:}supported-report-set"
    found = (await dav.propfind(path, name)).found()[name]
    reports = [report_[0].tag for report_ in found.iter("{DAV:}report")]
    assert reports
    for report_ in reports:
        namespace, _, local = report_[1:].partition("}")
        response = await dav.request("REPORT", path, f'<x:{local} xmlns:x="{namespace}"/>')
        assert b"supported-report" not in response.body, report_


async def test_apples_clients_can_expand_whom_they_stand_in_for(dav: Dav) -> None:
    inner = (
        '<D:property name="calendar-proxy-write-for" namespace="http://calendarserver.org/ns/">'
        '<D:property name="displayname"/></D:property>'
    )
    answers = await report(dav, "/anna/", "D:expand-property", inner)
    assert len(answers.found()["{http://calendarserver.org/ns/}calendar-proxy-write-for"]) == 0
