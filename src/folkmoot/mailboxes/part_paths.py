"""How parts of a message are named, also those that only stand in it when its layers have been taken off.

``2.1`` is IMAP's section.  ``~2.1`` is a part of what comes out when the message is opened (S/MIME, winmail.dat), and
``3~1`` one of what comes out of its part 3.  Faces may put these names into URLs as they are.
"""

import re
from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import NotFound
from folkmoot.mime.part import Part

OPENED: Final = "~"
_NUMBER: Final = r"[1-9][0-9]{0,8}"
_SECTION: Final = rf"(?:{_NUMBER}(?:\.{_NUMBER}){{0,120}})?"
_PATH: Final = re.compile(rf"({_SECTION})(?:({OPENED})({_SECTION}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartPath:
    """Where a part is: ``within`` what comes out of ``outer`` if ``opened``, else ``outer`` itself."""

    outer: str = ""
    opened: bool = False
    within: str = ""

    @property
    def last(self) -> str:
        return self.within if self.opened else self.outer

    @property
    def prefix(self) -> str:
        """What stands before the names of parts around this one."""
        return f"{self.outer}{OPENED}" if self.opened else ""


def parse_path(text: str) -> PartPath:
    """Parse a part's name.

    Raises:
        NotFound: nothing is called so.
    """
    match = _PATH.fullmatch(text)
    if match is None:
        raise NotFound("the message has no such part")
    return PartPath(match[1], match[2] is not None, match[3] or "")


def find_part(top: Part, path: str) -> Part:
    """Return the part of this section number, also within messages.

    Raises:
        NotFound: there is none.
    """
    pending = [top]
    while pending:
        part = pending.pop()
        if part.path == path:
            return part
        pending.extend(reversed(part.children))
    raise NotFound("the message has no such part")
