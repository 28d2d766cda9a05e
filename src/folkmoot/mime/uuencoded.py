"""Files that stand uuencoded within text, from before there was MIME."""

import re
from typing import Final

from msgspec import Struct

from folkmoot.mime.content import uu_lines
from folkmoot.mime.encoded_words import decode
from folkmoot.mime.filenames import safe_name

FILES_MAX: Final = 50  # in one text
_BEGIN: Final = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?\n(?=[!-`]{2,90}\r?\n|`?\r?\nend)", re.MULTILINE)
_END: Final = re.compile(rb"^end[ \t]*\r?(?:\n|\Z)", re.MULTILINE)


class UuFile(Struct, frozen=True):
    """A file within text."""

    name: str
    content: bytes


def split_uuencoded(octets: bytes) -> tuple[bytes, tuple[UuFile, ...]]:
    """Return the text without the files in it, and the files; one that does not end stays text."""
    if b"begin " not in octets:
        return octets, ()
    rest: list[bytes] = []
    files: list[UuFile] = []
    position = 0
    while len(files) < FILES_MAX:
        begin = _BEGIN.search(octets, position)
        end = _END.search(octets, begin.end()) if begin else None
        if begin is None or end is None:
            break
        rest.append(octets[position : begin.start()])
        name = safe_name(decode(begin[1]))
        files.append(UuFile(name, uu_lines(octets[begin.end() : end.end()])))
        position = end.end()
    rest.append(octets[position:])
    return b"".join(rest), tuple(files)
