"""The JMAP face, put together."""

from collections.abc import Callable
from functools import partial

from folkmoot.auth.content_tokens import ContentTokens
from folkmoot.auth.sign_in import SignIn
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.jmap.asking import Doorway
from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.contents import Contents
from folkmoot.jmap.face import JmapFace
from folkmoot.jmap.protocol.limits import REQUEST_SECONDS_MAX
from folkmoot.jmap.services import JmapServices
from folkmoot.jmap.session import SessionStates
from folkmoot.jmap.visiting import House, Stream, Talk
from folkmoot.server.rooms import Rooms
from folkmoot.web.cookies import SESSION, find_cookie

ANSWER_SECONDS = 10.0  # left of a request's time for its answer, after its calls


def jmap_face(
    settings: Settings,
    rooms: Rooms,
    services: JmapServices,
    sign_in: SignIn,
    admit: Callable[[Caller], int],
    *,
    request_seconds: float,
    stream: Stream | None = None,
    talk: Talk | None = None,
) -> JmapFace:
    """Put it together; ``stream`` answers for the event source, ``talk`` speaks over WebSockets."""
    doorway = Doorway(
        sign_in.authenticator,
        sign_in.sessions,
        partial(find_cookie, name=SESSION),
        settings.security.validate_request_origin,
    )
    house = House(
        REGISTRY,
        services,
        Contents(ContentTokens(rooms.database, rooms.clock), doorway, sign_in.authenticator.known),
        min(REQUEST_SECONDS_MAX, request_seconds - ANSWER_SECONDS),
        SessionStates(REGISTRY),
    )
    return JmapFace(house, doorway, admit, stream=stream, talk=talk)
