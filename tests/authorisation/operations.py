"""Every operation of the DAV face on somebody's collection, with what it needs.

The tests compare this table with the face's own: an operation that is added there must be added here.
In texts ``{calendar}`` is the collection, ``{object}`` a name in it, ``{home}`` its owner's home, ``{own}`` a
collection of the caller, ``{own_home}`` the caller's home and ``{new}`` a name that is free.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.reports import document

GET_DATA: Final = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
CARD_DATA: Final = "<D:prop><D:getetag/><CR:address-data/></D:prop>"
HREF: Final = "<D:href>/SOGo/dav{calendar}{object}</D:href>"
NAME: Final = "<D:prop><D:displayname/></D:prop>"
ALL_EVENTS: Final = (
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"/></C:comp-filter></C:filter>'
)
ALL_CARDS: Final = '<CR:filter><CR:prop-filter name="FN"/></CR:filter>'
SECRETS: Final = (
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="SUMMARY">'
    "<C:text-match>SECRET</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter>"
)
LOCK: Final = document("D:lockinfo", "<D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype>")
SET: Final = document("D:propertyupdate", "<D:set><D:prop><I:mark>1</I:mark></D:prop></D:set>")
RENAME: Final = document("D:propertyupdate", "<D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set>")
MADE: Final = "<D:set><D:prop><D:resourcetype><D:collection/><KIND/></D:resourcetype></D:prop></D:set>"
SEARCH: Final = (
    "<D:property-search><D:prop><D:displayname/></D:prop><D:match>zoe</D:match></D:property-search>"
    "<D:apply-to-principal-collection-set/>"
)
FREE_BUSY: Final = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:f\r\nDTSTAMP:20260101T000000Z\r\n"
    "ORGANIZER:mailto:anna@example.org\r\nATTENDEE:mailto:ben@example.org\r\nDTSTART:20260301T000000Z\r\n"
    "DTEND:20260302T000000Z\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One request and what it takes."""

    key: str
    method: str
    path: str
    needs: tuple[str, ...]  # abilities of the oracle
    done: int  # status where it is allowed
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    refused: int = 403  # to who knows of the collection
    stranger: int = 404  # to who does not
    changes: tuple[str, ...] | None = None  # abilities for it to change anything; None: it never does
    on_object: bool = False  # tried on an object of each class
    alone: bool = False  # on a collection of its own, for it is another afterwards
    lists: bool = False  # names the objects that the caller may see dates of


def _object(key: str, method: str, *needs: str, done: int, **more: Any) -> Operation:
    return Operation(key, method, "{calendar}{object}", needs, done, on_object=True, **more)


def _report(
    key: str,
    root: str,
    content: str,
    *needs: str,
    path: str = "{calendar}",
    depth: str = "1",
    done: int = 207,
    **more: Any,
) -> Operation:
    return Operation(key, "REPORT", path, needs, done, document(root, content), {"depth": depth}, **more)


def _post(
    key: str, root: str, content: str, *needs: str, done: int, path: str = "{calendar}", **more: Any
) -> Operation:
    headers = {"content_type": "text/xml"}
    return Operation(key, "POST", path, needs, done, document(root, content), headers, **more)


ON_ALL: Final = (
    Operation("options", "OPTIONS", "{calendar}", (), 200, stranger=200),
    _object("get", "GET", "dates", done=200),
    _object("head", "HEAD", "dates", done=200),
    _object("find object", "PROPFIND", "dates", done=207, headers={"depth": "0"}),
    _object("set on object", "PROPPATCH", "modify", done=207, body=SET, changes=("modify",)),
    _object("delete", "DELETE", "erase", done=204, changes=("erase",)),
    _object("copy", "COPY", "dates", done=201, headers={"destination": "/SOGo/dav{own}{new}"}, changes=("dates",)),
    _object(
        "move", "MOVE", "view", "erase", done=201, headers={"destination": "/SOGo/dav{own}{new}"},
        changes=("view", "erase"),
    ),
    _object("lock object", "LOCK", "modify", done=200, body=LOCK, changes=("modify",)),
    _object(
        "unlock", "UNLOCK", "never", done=409, headers={"lock_token": "<urn:uuid:none>"}, refused=409, stranger=409
    ),
    Operation("find", "PROPFIND", "{calendar}", ("know",), 207, headers={"depth": "0"}),
    Operation("list", "PROPFIND", "{calendar}", ("know",), 207, headers={"depth": "1"}, lists=True),
    Operation(
        "rename", "PROPPATCH", "{calendar}", ("modify everything",), 207, RENAME, changes=("modify everything",)
    ),
    Operation("delete all", "DELETE", "{calendar}", ("own",), 204, alone=True, changes=("own",)),
    Operation(
        "copy all", "COPY", "{calendar}", ("view everything",), 201,
        headers={"destination": "/SOGo/dav{own_home}{new}/"}, changes=("view everything",),
    ),
    Operation(
        "move all", "MOVE", "{calendar}", ("own",), 201, headers={"destination": "/SOGo/dav{own_home}{new}/"},
        alone=True, changes=("own",),
    ),
    Operation(
        "lock all", "LOCK", "{calendar}", ("modify everything",), 200, LOCK, {"depth": "0"}, alone=True,
        stranger=405,
        changes=("modify everything",),
    ),
    Operation(
        "grant", "ACL", "{calendar}", ("own",), 200,
        document("D:acl", "<D:ace><D:principal><D:href>/SOGo/dav/room/</D:href></D:principal><D:grant><D:privilege>"
                 "<D:read/></D:privilege></D:grant></D:ace>"),
        alone=True, changes=("own",),
    ),
    _post(
        "grant as SOGo", "I:acl-query", '<I:set-roles user="room"><I:ObjectCreator/></I:set-roles>', "own", done=204,
        alone=True, changes=("own",),
    ),
    _post("list grants", "I:acl-query", "<I:user-list/>", "own", done=207),
    _post("subscribe", "I:subscribe", "", "know of another's", done=200, alone=True, changes=("know of another's",)),
    _post("unsubscribe", "I:unsubscribe", "", "know of another's", done=200, alone=True),
    _report(
        "sync", "D:sync-collection", "<D:sync-token/><D:sync-level>1</D:sync-level>" + GET_DATA, "know", depth="0",
        lists=True,
    ),
    _report(
        "expand", "D:expand-property", '<D:property name="owner"><D:property name="displayname"/></D:property>', "know"
    ),
    _report("list grants' principals", "D:acl-principal-prop-set", NAME, "own", depth="0"),
)  # fmt: skip
ON_CALENDARS: Final = (
    Operation("make calendar", "MKCALENDAR", "{home}{new}/", ("own",), 201, stranger=403, changes=("own",)),
    Operation(
        "make collection", "MKCOL", "{home}{new}/", ("own",), 201,
        document("D:mkcol", MADE.replace("KIND", "C:calendar")),
        stranger=403, changes=("own",),
    ),
    # Who may respond is told 204, and only the own answer is taken over: here there is none.
    _object("replace", "PUT", "respond", done=204, body="{event}", changes=("respond",)),
    Operation("create", "PUT", "{calendar}{new}", ("create",), 201, "{event}", changes=("create",)),
    Operation("export", "GET", "{bare}.ics", ("know",), 200),
    Operation("export xml", "GET", "{bare}.xml", ("know",), 200),
    Operation(
        "outbox", "POST", "/anna/Calendar/personal/", ("own",), 200, FREE_BUSY, {"content_type": "text/calendar"},
        refused=404,
    ),
    _post(
        "share", "CS:share", "<CS:set><D:href>mailto:room@example.org</D:href><CS:read/></CS:set>", "own", done=200,
        alone=True, changes=("own",),
    ),
    _post(
        "answer sharing", "CS:invite-reply",
        "<CS:invite-accepted/><CS:in-reply-to>none</CS:in-reply-to><CS:hosturl><D:href>/SOGo/dav{calendar}</D:href>"
        "</CS:hosturl>",
        "never", done=403, stranger=403, path="{own_home}",
    ),
    _post("publish", "CS:publish-calendar", "", "own", done=202, alone=True, changes=("own",)),
    _post("unpublish", "CS:unpublish-calendar", "", "own", done=200, alone=True),
    _report("query", "C:calendar-query", GET_DATA + ALL_EVENTS, "know", lists=True),
    _report("query secrets", "C:calendar-query", GET_DATA + SECRETS, "know"),
    _report("query data", "C:calendar-query", "<D:allprop/>" + ALL_EVENTS, "know", lists=True),
    _report("multiget", "C:calendar-multiget", GET_DATA + HREF, "know", on_object=True),
    _report(
        "busy", "C:free-busy-query", '<C:time-range start="20260301T000000Z" end="20260401T000000Z"/>',
        "dates something", done=200,
    ),
)  # fmt: skip
ON_BOOKS: Final = (
    Operation(
        "make collection", "MKCOL", "{home}{new}/", ("own",), 201,
        document("D:mkcol", MADE.replace("KIND", "CR:addressbook")),
        stranger=403, changes=("own",),
    ),
    _object("replace", "PUT", "modify", done=204, body="{card}", changes=("modify",)),
    Operation("create", "PUT", "{calendar}{new}", ("create",), 201, "{card}", changes=("create",)),
    _report("query", "CR:addressbook-query", CARD_DATA + ALL_CARDS, "know", lists=True),
    _report("multiget", "CR:addressbook-multiget", CARD_DATA + HREF, "know", on_object=True),
)  # fmt: skip
# About principals, whom everybody who signs in may look up; not about a collection.
ELSEWHERE: Final = (
    _report("match", "D:principal-match", f"<D:self/>{NAME}", path="/", depth="0"),
    _report("search", "D:principal-property-search", SEARCH + NAME, path="/", depth="0"),
    _report("searchable", "D:principal-search-property-set", "", path="/", depth="0", done=200),
    _report(
        "search as Apple", "CS:calendarserver-principal-search", f"<CS:search-token>zoe</CS:search-token>{NAME}",
        path="/", depth="0",
    ),
    _report("collections", "I:collection-query", "", path="/ben/", depth="0"),
    _report("people", "I:user-query", '<I:users match-name="zoe"/>', path="/ben/", depth="0", done=207),
)  # fmt: skip
