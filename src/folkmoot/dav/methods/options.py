"""OPTIONS (RFC 9110 section 9.3.7, RFC 4918 section 10.1)."""

from folkmoot.dav.hrefs import locate
from folkmoot.dav.http import Response
from folkmoot.dav.options import ALLOW, dav_header
from folkmoot.dav.properties.lookups import Lookups


async def options(lookups: Lookups) -> Response:
    """Say what is served, whether or not anything is there."""
    home = locate(lookups.request.path).home
    return Response(200, [("Allow", ALLOW), ("DAV", dav_header(home)), ("MS-Author-Via", "DAV")])
