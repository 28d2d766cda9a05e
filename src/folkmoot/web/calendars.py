"""Calendars, for a browser's scripts: web calendars, and removing one."""

from typing import Final

from folkmoot.collections.content import Place
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound
from folkmoot.core.identifiers import escaped, unescaped
from folkmoot.store.records import Kind
from folkmoot.web.http import Asked, Response, answer
from folkmoot.web.services import WebServices

URL_MAX: Final = 4096  # characters


async def add_web_calendar(services: WebServices, asked: Asked) -> Response:
    """Make a calendar of ``{url}``, and answer with its ``id`` and ``name``; it is filled by ``reload``.

    Raises:
        MalformedInput: no URL, or one that leads to no document.
        Forbidden: in somebody else's home.
        TooLarge: too many such calendars.
    """
    if asked.user != asked.caller.principal:
        raise Forbidden("web calendars are made in one's own home")
    fields = asked.request.json()
    url, name = fields.get("url"), fields.get("name")
    if not isinstance(url, str) or not 0 < len(url) <= URL_MAX or not isinstance(name, str | None):
        raise MalformedInput("url is a text, and so is name")
    made = await services.web_calendars.add(asked.caller, url, name)
    return answer(200, {"id": escaped(made.name), "name": made.properties.get("displayname", made.name)})


async def reload(services: WebServices, asked: Asked) -> Response:
    """Look at a web calendar's document now: ``{status, imported}``, or 500 with ``{status, error}``.

    The errors are SOGo's: ``invalid-url``, ``bad-url``, ``http-error``, ``invalid-calendar-content``.

    Raises:
        NotFound: no such web calendar.
        Forbidden: it is somebody else's.
    """
    report = await services.web_calendars.reload(asked.caller, _place(asked))
    if report.error:
        return answer(500, {"status": report.status, "error": report.error})
    return answer(200, {"status": report.status, "imported": report.imported})


async def delete(services: WebServices, asked: Asked) -> Response:
    """Remove a calendar, web calendar or not, and answer 204.

    Raises:
        NotFound: no such calendar for this caller.
        Forbidden: it is not the caller's to remove.
    """
    place = _place(asked)
    try:
        await services.web_calendars.remove(asked.caller, place)
    except NotFound:
        await services.collections.delete(asked.caller, place)
    return Response(204)


def _place(asked: Asked) -> Place:
    return Place(asked.user, Kind.CALENDAR, unescaped(asked.rest[0]))
