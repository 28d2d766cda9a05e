"""The capabilities of pushes: subscriptions of devices, who we are to push services, and where the WebSocket is."""

from collections.abc import Mapping
from typing import Any, Final

from folkmoot.jmap.protocol.calling import Capability, Context
from folkmoot.jmap.protocol.dispatch import CORE
from folkmoot.jmap.push.subscribing import METHODS, PUSH_SUBSCRIPTION

SOCKET: Final = "/SOGo/jmap/ws"


def _key(context: Context) -> Mapping[str, Any]:
    return {"applicationServerKey": context.services.push_subscriptions.application_key}


def _socket(context: Context) -> Mapping[str, Any]:
    return {"url": context.origin.replace("http", "ws", 1) + SOCKET, "supportsPush": True}


# Its methods belong to the core, whose capability tells the limits.
PUSH_SUBSCRIPTIONS: Final = Capability(CORE, METHODS, (PUSH_SUBSCRIPTION,), in_session=False)
VAPID: Final = Capability("urn:ietf:params:jmap:webpush-vapid", session=_key, primary=False)
WEBSOCKET: Final = Capability("urn:ietf:params:jmap:websocket", session=_socket, primary=False)
