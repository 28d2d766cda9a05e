"""What the face hands on: requests for the event source, and open WebSockets."""

from dataclasses import dataclass

from folkmoot.jmap.http import Response, Socket
from folkmoot.jmap.push.conversation import Conversation
from folkmoot.jmap.push.event_source import open_stream, parse_wish
from folkmoot.jmap.push.pushes import Pushes
from folkmoot.jmap.visiting import Visit


@dataclass(frozen=True, slots=True)
class Serving:
    """Answers for the waits of one worker."""

    pushes: Pushes

    async def stream(self, visit: Visit) -> Response:
        """Answer a request for the event source; the answer ends when the wait does.

        Raises:
            MalformedInput: the URL makes no sense.
            TooLarge, Unavailable: no more can wait.
        """
        wish = parse_wish(visit.request.fields(), visit.request.header("last-event-id"))
        return await open_stream(self.pushes, visit.caller, wish, visit.again)

    async def talk(self, visit: Visit, socket: Socket) -> None:
        """Speak over a WebSocket until it is closed."""
        await Conversation(visit, socket, self.pushes).run()
