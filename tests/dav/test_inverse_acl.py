"""Rights and subscriptions as SOGo's own clients and tests ask for them: POST of Inverse's XML."""

import pytest

from folkmoot.database import Database
from folkmoot.dav.face import DavFace
from folkmoot.dav.settings import DavSettings
from folkmoot.sharing.policy import SharingPolicy
from tests.support.dav import Dav, header, services_on
from tests.support.reports import BOOK, CALENDAR, document

pytestmark = pytest.mark.anyio

INVERSE = 'xmlns="urn:inverse:params:xml:ns:inverse-dav"'
BEN = "/ben/Calendar/"
BEN_SHARED = "/ben/Calendar/personal/"
DEFAULTS = SharingPolicy(calendar_roles=("PublicDAndTViewer", "ConfidentialDAndTViewer"))


def with_default_roles(database: Database) -> Dav:
    return Dav(DavFace(services_on(database, policy=DEFAULTS), DavSettings()))


async def acl(dav: Dav, content: str, path: str = CALENDAR, as_: str = "anna", kind: str = "application/xml") -> str:
    """Send an acl-query; return status and body."""
    body = f'<?xml version="1.0" encoding="utf-8"?><acl-query {INVERSE}>{content}</acl-query>'
    response = await dav.request("POST", path, body, as_, content_type=f'{kind}; charset="utf-8"')
    return f"{response.status} {response.body.decode().partition('?>')[2].strip()}".strip()


async def subscription(dav: Dav, action: str, path: str = CALENDAR, users: str = "", as_: str = "ben") -> int:
    named = f'users="{users}"' if users else ""
    body = f"<{action} {INVERSE} {named}/>"
    return (await dav.request("POST", path, body, as_, content_type="application/xml")).status


async def test_roles_are_set_and_told_again(dav: Dav) -> None:
    assert await acl(dav, '<set-roles user="ben"><PublicViewer/><ObjectCreator/></set-roles>') == "204"
    assert await acl(dav, '<roles user="ben"/>') == "207 <roles><ObjectCreator/><PublicViewer/></roles>"
    assert (await dav.request("PROPFIND", CALENDAR, as_="ben", depth="0")).status == 207
    assert await acl(dav, '<set-roles user="ben"><PrivateModifier/></set-roles>', kind="text/xml") == "204"
    assert await acl(dav, '<roles user="ben"/>') == "207 <roles><PrivateModifier/></roles>"


async def test_setting_no_role_at_all_stops_the_look_up(dav: Dav) -> None:
    assert await acl(dav, '<set-roles user="&lt;default&gt;"><PublicViewer/></set-roles>') == "204"
    assert (await dav.request("PROPFIND", CALENDAR, as_="ben", depth="0")).status == 207
    assert await acl(dav, '<set-roles user="ben"/>') == "204"
    assert (await dav.request("PROPFIND", CALENDAR, as_="ben", depth="0")).status == 404
    assert await acl(dav, '<roles user="ben"/>') == "207 <roles><None/></roles>"
    assert await acl(dav, '<remove-user user="ben"/>') == "204"
    assert await acl(dav, '<roles user="ben"/>') == "207 <roles><PublicViewer/></roles>"
    assert (await dav.request("PROPFIND", CALENDAR, as_="ben", depth="0")).status == 207


async def test_many_users_are_set_added_and_removed_at_once(dav: Dav) -> None:
    assert await acl(dav, '<set-roles users="ben, staff"><ObjectViewer/></set-roles>', BOOK) == "204"
    assert await acl(dav, '<add-users users="ben,room"/>', BOOK) == "204"
    assert await acl(dav, '<roles user="ben"/>', BOOK) == "207 <roles><ObjectViewer/></roles>"
    assert await acl(dav, '<user-list params="nocn,noemail"/>', BOOK) == (
        "207 <user-list><default-user><id>&lt;default&gt;</id></default-user>"
        "<user><id>@staff</id></user><user><id>ben</id></user><user><id>room</id></user></user-list>"
    )
    assert await acl(dav, '<remove-users users="staff,room,zoe"/>', BOOK) == "204"
    assert await acl(dav, '<add-user user="carl@example.org"/>', BOOK) == "204"
    assert await acl(dav, '<user-list params="noemail"/>', BOOK) == (
        "207 <user-list><default-user><id>&lt;default&gt;</id></default-user>"
        "<user><id>ben</id><displayName>Ben Lund</displayName></user>"
        "<user><id>carl@example.org</id><displayName>Carl Öst &amp; Söhne</displayName></user></user-list>"
    )


async def test_roles_that_count_without_a_row_of_ones_own_are_told(dav_database: Database) -> None:
    dav = with_default_roles(dav_database)
    await dav.propfind(CALENDAR, "{DAV:}getetag")
    defaults = "207 <roles><ConfidentialDAndTViewer/><PublicDAndTViewer/></roles>"
    for user in ("ben", "&lt;default&gt;"):
        assert await acl(dav, f'<roles user="{user}"/>') == defaults
    assert await acl(dav, '<roles user="anonymous"/>') == "204"
    assert await acl(dav, '<roles user="zoe"/>') == "204"
    assert await acl(dav, '<set-roles user="&lt;default&gt;"><PublicViewer/></set-roles>') == "204"
    assert await acl(dav, '<roles user="ben"/>') == "207 <roles><PublicViewer/></roles>"
    assert await acl(dav, '<roles user="ben"/>', BOOK) == "204"


async def test_who_is_added_keeps_what_was_allowed_before(dav_database: Database) -> None:
    dav = with_default_roles(dav_database)
    await dav.propfind(CALENDAR, "{DAV:}getetag")
    assert await acl(dav, '<add-user user="ben"/>') == "204"
    assert await acl(dav, '<set-roles user="&lt;default&gt;"><PrivateViewer/></set-roles>') == "204"
    assert await acl(dav, '<roles user="ben"/>') == (
        "207 <roles><ConfidentialDAndTViewer/><PublicDAndTViewer/></roles>"
    )
    assert await acl(dav, '<set-roles user="staff"><PublicViewer/></set-roles>', BEN_SHARED, "ben") == "204"
    assert await acl(dav, '<roles user="anna"/>', BEN_SHARED, "ben") == "207 <roles><PublicViewer/></roles>"
    assert await acl(dav, '<add-user user="anna"/>', BEN_SHARED, "ben") == "204"
    assert await acl(dav, '<remove-user user="staff"/>', BEN_SHARED, "ben") == "204"
    assert await acl(dav, '<roles user="anna"/>', BEN_SHARED, "ben") == "207 <roles><PublicViewer/></roles>"


async def test_the_user_list_tells_names_and_addresses(dav: Dav) -> None:
    assert await acl(dav, '<set-roles user="anonymous"><PublicViewer/></set-roles>') == "204"
    assert await acl(dav, '<set-roles user="ben"><PublicViewer/></set-roles>') == "204"
    assert await acl(dav, "<user-list/>") == (
        "207 <user-list><default-user><id>&lt;default&gt;</id></default-user>"
        "<user><id>anonymous</id><displayName>anonymous</displayName></user>"
        "<user><id>ben</id><displayName>Ben Lund</displayName><email>ben@example.org</email></user></user-list>"
    )


async def test_the_acl_method_shows_what_was_set_here(dav: Dav) -> None:
    await acl(dav, '<set-roles user="ben"><PublicViewer/><PrivateViewer/><ConfidentialViewer/></set-roles>')
    found = (await dav.propfind(CALENDAR, "{DAV:}acl")).found()["{DAV:}acl"]
    (ace,) = [one for one in found if one.find("{DAV:}principal/{DAV:}href") is not None]
    assert ace.findtext("{DAV:}principal/{DAV:}href") == "/SOGo/dav/ben/"
    assert ace.find("{DAV:}grant/{DAV:}privilege/{DAV:}read") is not None


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<fly/>",
        "<roles/>",
        '<roles user=""/>',
        '<set-roles users=" , "/>',
        '<set-roles user="zoe"><PublicViewer/></set-roles>',
        '<set-roles user="ben"><ObjectViewer/></set-roles>',
        '<add-user user="zoe"/>',
        '<add-users user="ben"/>',
    ],
)
async def test_what_cannot_be_done_is_400(dav: Dav, content: str) -> None:
    assert (await acl(dav, content)).startswith("400")
    assert await acl(dav, "<user-list/>") == (
        "207 <user-list><default-user><id>&lt;default&gt;</id></default-user></user-list>"
    )


async def test_only_the_owner_and_superusers_see_and_change_rights(dav: Dav) -> None:
    everything = "".join(f"<{name}Modifier/>" for name in ("Public", "Private", "Confidential"))
    assert (await acl(dav, "<user-list/>", as_="ben")).startswith("404")
    assert await acl(dav, f'<set-roles user="ben">{everything}<ObjectCreator/></set-roles>') == "204"
    for content in ("<user-list/>", '<roles user="ben"/>', '<set-roles user="ben"/>', '<remove-user user="ben"/>'):
        assert (await acl(dav, content, as_="ben")).startswith("403")
    assert await acl(dav, '<remove-user user="ben"/>', as_="root") == "204"
    assert await acl(dav, '<set-roles user="anna"/>') == "204"
    assert await acl(dav, "<user-list/>") == (
        "207 <user-list><default-user><id>&lt;default&gt;</id></default-user></user-list>"
    )


@pytest.mark.parametrize("path", ["/", "/anna/", "/anna/Calendar/", "/anna/Files/"])
async def test_there_is_nothing_to_share_elsewhere(dav: Dav, path: str) -> None:
    assert (await acl(dav, "<user-list/>", path)).startswith("405")
    assert await subscription(dav, "subscribe", path, as_="anna") == 405


async def test_other_documents_are_not_understood(dav: Dav) -> None:
    response = await dav.request("POST", CALENDAR, document("D:acl", ""), content_type="text/xml")
    assert response.status == 415
    assert (await dav.request("POST", CALENDAR, "", content_type="text/xml")).status == 400
    assert (await dav.request("POST", CALENDAR, "<acl-query", content_type="text/xml")).status == 400


async def test_answers_are_not_kept_by_anybody(dav: Dav) -> None:
    body = f"<acl-query {INVERSE}><user-list/></acl-query>"
    response = await dav.request("POST", CALENDAR, body, content_type="application/xml")
    assert header(response, "cache-control") == "no-cache"
    assert header(response, "content-type") == 'application/xml; charset="utf-8"'


async def test_subscribing_answers_200_and_one_may_repeat_it(dav: Dav) -> None:
    assert await subscription(dav, "subscribe") == 404
    await acl(dav, '<set-roles user="ben"><PublicViewer/></set-roles>')
    for action in ("subscribe", "subscribe", "unsubscribe", "unsubscribe"):
        assert await subscription(dav, action) == 200


async def test_a_subscription_is_answered_with_the_name_and_whose_it_is(dav: Dav) -> None:
    await acl(dav, '<set-roles user="ben"><PublicViewer/></set-roles>')
    for action in ("subscribe", "unsubscribe"):
        response = await dav.request("POST", CALENDAR, f"<{action} {INVERSE}/>", "ben", content_type="application/xml")
        assert response.body.decode() == "Personal Calendar (Anna Berg <anna@example.org>)"
        assert header(response, "content-type") == "text/plain; charset=utf-8"


async def test_ones_own_folder_and_others_are_403(dav: Dav) -> None:
    await acl(dav, '<set-roles user="ben"><PublicViewer/></set-roles>')
    assert await subscription(dav, "subscribe", as_="anna") == 403
    assert await subscription(dav, "unsubscribe", as_="anna") == 403
    assert await subscription(dav, "subscribe", users="carl@example.org") == 403
    assert await subscription(dav, "subscribe", users="ben", as_="anna") == 403
    assert await subscription(dav, "subscribe", users="anna", as_="root") == 403
    assert await subscription(dav, "subscribe", users="zoe", as_="root") == 403
    assert await subscription(dav, "subscribe", users="room,carl@example.org", as_="root") == 200
    assert await subscription(dav, "unsubscribe", users="room,carl@example.org", as_="root") == 200
