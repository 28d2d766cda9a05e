"""The capability that every client uses (RFC 8620 sections 2 and 4)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.protocol import limits
from folkmoot.jmap.protocol.calling import Answer, Call, Capability, Context, Method
from folkmoot.jmap.protocol.dispatch import CORE as URN


async def echo(call: Call[dict[str, Any]]) -> Answer:
    """Answer with the arguments."""
    return call.arguments


def session(context: Context) -> Mapping[str, Any]:
    """Return the limits of the server."""
    upload = context.services.settings(None).server.upload_max_kilobytes * 1024
    return {
        "maxSizeUpload": min(upload or limits.UPLOAD_OCTETS_MAX, limits.UPLOAD_OCTETS_MAX),
        "maxConcurrentUpload": limits.CONCURRENT_UPLOADS_MAX,
        "maxSizeRequest": limits.REQUEST_OCTETS_MAX,
        "maxConcurrentRequests": limits.CONCURRENT_REQUESTS_MAX,
        "maxCallsInRequest": limits.CALLS_MAX,
        "maxObjectsInGet": limits.OBJECTS_IN_GET_MAX,
        "maxObjectsInSet": limits.OBJECTS_IN_SET_MAX,
        "collationAlgorithms": ["i;ascii-casemap", "i;unicode-casemap"],
    }


CORE: Final = Capability(
    URN,
    methods=(Method("Core/echo", dict[str, Any], echo),),
    session=session,
    account=lambda _context, _account: {},
)
