"""The types of calendars that are ours."""

from typing import Annotated, Final

from folkmoot.jmap.protocol.describing import (
    DataType,
    Described,
    Feed,
    Id,
    Reference,
    UTCDate,
    immutable,
    server_set,
    told,
)


class Link(Described):
    """An address by which whoever knows it reads a calendar."""

    id: Annotated[Id, server_set]
    calendar_id: Annotated[Reference, immutable]
    label: Annotated[str, immutable, told("what it is for")] = ""
    dates_only: Annotated[bool, immutable, told("when, and not what")] = False
    with_private: Annotated[bool, immutable, told("private and confidential events, too")] = False
    created: Annotated[UTCDate, server_set] = ""
    expires: Annotated[UTCDate | None, immutable, told("null: it is good until it is destroyed")] = None
    url: Annotated[str | None, server_set, told("null where it was made with a key that is lost")] = None


class WebCalendar(Described):
    """A calendar that is a copy of a document elsewhere; its id is that of the calendar."""

    id: Annotated[Id, server_set]
    url: Annotated[str, immutable, told("http:, https: or webcal:")]
    name: Annotated[str, immutable, told("by default the document's; later the calendar's is changed")] = ""
    reload_on_login: bool = False
    has_credentials: Annotated[bool, server_set] = False
    user_name: Annotated[str | None, told("never told; null and no password: none are sent")] = None
    password: Annotated[str | None, told("never told; goes with the user name")] = None
    fetched: Annotated[UTCDate | None, server_set, told("the copy that is shown")] = None
    checked: Annotated[UTCDate | None, server_set, told("the last attempt")] = None
    error: Annotated[str, server_set, told("of the last attempt; empty: none")] = ""


LINK: Final = DataType("Link", Link, feed=Feed.CALENDARS)
WEB_CALENDAR: Final = DataType("WebCalendar", WebCalendar, feed=Feed.CALENDARS)
