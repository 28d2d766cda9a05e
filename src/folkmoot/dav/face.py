"""The DAV face: from request to answer by a table of methods; one place turns failures into HTTP."""

from dataclasses import replace

from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, NotFound
from folkmoot.dav.clients import client_of
from folkmoot.dav.errors import MethodNotAllowed, error_response
from folkmoot.dav.http import Request, Response
from folkmoot.dav.mail.face import answer as answer_mail
from folkmoot.dav.mail.resources import HOME as MAIL
from folkmoot.dav.mail.resources import mail_path
from folkmoot.dav.mail.services import MailServices
from folkmoot.dav.methods import METHODS
from folkmoot.dav.options import ALLOW, dav_header
from folkmoot.dav.properties.lookups import Kept, Lookups
from folkmoot.dav.public import PUBLIC_METHODS, is_public, public
from folkmoot.dav.services import Services
from folkmoot.dav.settings import DavSettings


class DavFace:
    """WebDAV, CalDAV, CardDAV, GroupDAV and mail below one path."""

    def __init__(self, services: Services, settings: DavSettings, mail: MailServices | None = None) -> None:
        self.services = services
        self.settings = settings
        self._mail = mail
        self._kept = Kept()

    async def __call__(self, request: Request) -> Response:
        """Answer one request; what escapes is a bug of ours."""
        if not self.settings.relative_urls and request.origin:
            request = replace(request, prefix=request.origin + request.prefix)
        method = METHODS.get(request.method)
        if method is None:
            return Response(405, [("Allow", ALLOW)])
        if is_public(request.path):
            request = public(request)
            if not self.settings.public_access:
                return error_response(request, NotFound("no such resource"))
            if request.method not in PUBLIC_METHODS:
                return error_response(request, Forbidden("nobody writes here without signing in"))
        lookups = Lookups(self.services, self.settings, request, self._kept)
        try:
            mail = mail_path(request.path) if self._mail is not None and f"/{MAIL}" in request.path else None
            if mail is not None and self._mail is not None:
                return await answer_mail(lookups, self._mail, mail)
            response = await method(lookups)
        except FolkmootError as error:
            response = _refusal(lookups, error)
        if request.method == "PROPFIND" and client_of(request.header("user-agent")).dav_on_propfind:
            response.headers.append(("DAV", dav_header(None)))
        return response


def _refusal(lookups: Lookups, error: FolkmootError) -> Response:
    request = lookups.request
    try:
        location = lookups.located(request.path)
    except MalformedInput:
        return error_response(request, error)
    response = error_response(request, error, owner=location.owner, kind=location.home)
    if isinstance(error, MethodNotAllowed):
        response.headers.append(("Allow", ALLOW))
    return response


def alias(path: str) -> str | None:
    """Return the path below the DAV root that a path outside of it stands for, as old and Apple's clients ask.

    macOS tries "/", "/principals/" and "/calendar/dav/{user}/user/" when the well-known redirect is lost.
    """
    segments = [segment for segment in path.split("/") if segment]
    match segments:
        case [] | ["principals"] | ["principals", "users"] | [".well-known", "caldav" | "carddav"]:
            return "/"
        case ["principals", "users" | "__uids__", user, *rest]:
            return "/" + "/".join([user, *rest]) + "/"
        case ["principals", user]:
            return f"/{user}/"
        case ["calendar" | "addressbook", "dav", user, "user" | "home"]:
            return f"/{user}/"
        case _:
            return None
