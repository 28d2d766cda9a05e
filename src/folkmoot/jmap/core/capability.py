"""The capability that every client uses (RFC 8620 sections 2 and 4)."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.core.blobs import COPY
from folkmoot.jmap.protocol import limits
from folkmoot.jmap.protocol.calling import Answer, Call, Capability, Context, Method
from folkmoot.jmap.protocol.dispatch import CORE as URN
from folkmoot.jmap.uploading import LETTER, largest, open_upload


async def echo(call: Call[dict[str, Any]]) -> Answer:
    """Answer with the arguments."""
    return call.arguments


def session(context: Context) -> Mapping[str, Any]:
    """Return the limits of the server."""
    return {
        "maxSizeUpload": largest(context.services),
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
    methods=(Method("Core/echo", dict[str, Any], echo, "Answer with the arguments."), COPY),
    session=session,
    account=lambda _context, _account: {},
    blobs={LETTER: open_upload},
    primary=False,  # it is not of an account
)
