"""Text whose paragraphs are wrapped again by whoever reads it (format=flowed, RFC 3676)."""

import re
from collections.abc import Iterator
from typing import Final

WIDTH: Final = 72  # RFC 3676 section 4.2: below 79, with room for quote marks
SIGNATURE: Final = "-- "
_QUOTES: Final = re.compile(r">*")
_BLANK_ENDS: Final = re.compile(r" +\Z")
_PIECE: Final = re.compile(r"[^ ]* *")


def flow(text: str) -> str:
    """Return a text with its long lines wrapped softly; lines are ended by LF, before and after."""
    return "\n".join(flowed for line in text.split("\n") for flowed in _flow_line(line))


def unflow(text: str, *, delete_spaces: bool = False) -> str:
    """Return what ``flow`` was given; ``delete_spaces`` is DelSp=Yes."""
    lines: list[str] = []
    open_depth: int | None = None  # of a line that goes on
    for line in text.split("\n"):
        depth, content, spaced = _taken_apart(line)
        goes_on = content.endswith(" ") and content != SIGNATURE
        if goes_on and delete_spaces:
            content = content[:-1]
        if open_depth == depth and content != SIGNATURE:
            lines[-1] += content
        else:
            lines.append(_marked(depth, content, spaced=spaced))
        open_depth = depth if goes_on else None
    return "\n".join(lines)


def _flow_line(line: str) -> Iterator[str]:
    depth, content, spaced = _taken_apart(line) if line.startswith(">") else (0, line, False)
    # A blank at the end would join the next line to this one.
    content = content if content == SIGNATURE else _BLANK_ENDS.sub("", content)
    room = max(WIDTH - depth - 1, WIDTH // 2)
    present = ""
    for piece in _PIECE.findall(content):
        if present and len(present) + len(piece.rstrip(" ")) > room and present.endswith(" "):
            yield _stuffed(depth, present, spaced=spaced)
            present = ""
        present += piece
    yield _stuffed(depth, present, spaced=spaced)


def _stuffed(depth: int, content: str, *, spaced: bool) -> str:
    if depth:
        return _marked(depth, content, spaced=spaced or content.startswith((" ", ">")))
    return " " + content if content.startswith((" ", ">", "From ")) else content  # section 4.4


def _taken_apart(line: str) -> tuple[int, str, bool]:
    """Return the depth of quotation, the content, and whether a blank stands between marks and content."""
    depth = len(_QUOTES.match(line)[0])  # type: ignore[index]  # matches always
    content = line[depth:]
    return depth, content.removeprefix(" "), content.startswith(" ")


def _marked(depth: int, content: str, *, spaced: bool) -> str:
    if not depth:
        return content
    return ">" * depth + (" " + content if content and spaced else content)
