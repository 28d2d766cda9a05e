"""The tree below ``/public/`` for who does not sign in: what owners grant to ``anonymous``, for reading only.

Inside, paths are those of the other tree, so that nothing else needs to know of it.
"""

from dataclasses import replace
from typing import Final

from folkmoot.core.caller import ANONYMOUS
from folkmoot.dav.http import Request

PUBLIC: Final = "/public"
PUBLIC_METHODS: Final = frozenset(["OPTIONS", "GET", "HEAD", "PROPFIND", "REPORT"])


def is_public(path: str) -> bool:
    """Whether a path below the DAV root is in the public tree."""
    return path == PUBLIC or path.startswith(f"{PUBLIC}/")


def public(request: Request) -> Request:
    """Return the request as one of the tree inside, of nobody: credentials that came along give no rights here."""
    path = request.path[len(PUBLIC) :]
    return replace(request, path=path, prefix=request.prefix + PUBLIC, caller=ANONYMOUS)
