"""OPTIONS (RFC 9110 section 9.3.7, RFC 4918 section 10.1)."""

from typing import TYPE_CHECKING

from folkmoot.dav.hrefs import locate
from folkmoot.dav.http import Request, Response
from folkmoot.dav.options import ALLOW, dav_header

if TYPE_CHECKING:
    from folkmoot.dav.face import DavFace


async def options(face: "DavFace", request: Request) -> Response:
    """Say what is served, whether or not anything is there."""
    home = locate(request.path).home
    return Response(200, [("Allow", ALLOW), ("DAV", dav_header(home)), ("MS-Author-Via", "DAV")])
