"""One module a method; each function takes the request with the services and returns the answer."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from folkmoot.dav.http import Response
from folkmoot.dav.methods.acl import acl
from folkmoot.dav.methods.delete import delete
from folkmoot.dav.methods.get import get, head
from folkmoot.dav.methods.lock import lock, unlock
from folkmoot.dav.methods.mkcol import mkcalendar, mkcol
from folkmoot.dav.methods.options import options
from folkmoot.dav.methods.post import post
from folkmoot.dav.methods.propfind import propfind
from folkmoot.dav.methods.proppatch import proppatch
from folkmoot.dav.methods.put import put
from folkmoot.dav.methods.report import report
from folkmoot.dav.methods.transfer import copy, move
from folkmoot.dav.properties.lookups import Lookups

METHODS: Final[Mapping[str, Callable[[Lookups], Awaitable[Response]]]] = {
    "ACL": acl,
    "COPY": copy,
    "DELETE": delete,
    "GET": get,
    "HEAD": head,
    "LOCK": lock,
    "MKCALENDAR": mkcalendar,
    "MKCOL": mkcol,
    "MOVE": move,
    "OPTIONS": options,
    "POST": post,
    "PROPFIND": propfind,
    "PROPPATCH": proppatch,
    "PUT": put,
    "REPORT": report,
    "UNLOCK": unlock,
}
