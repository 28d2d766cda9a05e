"""What a reader sees of a message, and how that compares with what the corpus expects."""

import re
from collections.abc import Callable, Mapping, Sequence

from lxml import html

from folkmoot.mime.content import decode_content
from folkmoot.mime.part import Part
from folkmoot.mime.rendering import Rendered, RenderOptions, needed, render
from tests.corpus.sample import Sample

_WHITE = re.compile(r"\s+")
_METHOD = re.compile(rb"^METHOD:([A-Z]+)", re.MULTILINE)
OPTIONS = RenderOptions(cid=lambda path: f"/picture/{path}", labels={"from": "Von", "subject": "Betreff"})
Sections = Callable[[Sequence[str]], Mapping[str, bytes]]


def look(part: Part, sections: Sections) -> Rendered:
    """Show a message whose sections can be asked for."""
    return render(part, sections(needed(part)), OPTIONS)


def seen(rendered: Rendered) -> str:
    """Return the words that a browser would show."""
    if not rendered.html.strip():
        return ""
    shown = html.fromstring(f"<div>{rendered.html}</div>")
    return _WHITE.sub(" ", "".join(map(str, shown.itertext())))


def faults(sample: Sample, part: Part, rendered: Rendered, sections: Sections) -> list[str]:
    """Return in which ways this is not what the corpus expects."""
    found = []
    words = seen(rendered)
    found += [f"not seen: {one}" for one in sample.text if _WHITE.sub(" ", one) not in words]
    found += [f"seen: {one}" for one in sample.hidden if one in words]
    by_path = every_part(part)
    if sample.attachments:
        listed: list[tuple[str, str, int | None]] = []
        for one in rendered.attachments:
            if one.inline or one.content_type == "text/calendar":
                continue
            octets = sections([one.path])[one.path]
            listed.append((one.name, one.content_type, len(decode_content(octets, by_path[one.path].encoding))))
        expected = [(one.name, one.content_type, one.size) for one in sample.attachments]
        listed = [
            (name, kind, size if number >= len(expected) or expected[number][2] is not None else None)
            for number, (name, kind, size) in enumerate(listed)
        ]
        if listed != expected:
            found.append(f"files {listed}")
    pictures = rendered.html.count('src="/picture/')
    if bool(pictures) != bool(sample.pictures) and "picture" not in sample.name and "photo" not in sample.name:
        found.append(f"{pictures} pictures")
    if rendered.remote_content != sample.remote:
        found.append(f"remote {rendered.remote_content}")
    if sample.method or rendered.calendars:
        method = b""
        for calendar in rendered.calendars[:1]:
            text = decode_content(sections([calendar.path])[calendar.path], by_path[calendar.path].encoding)
            met = _METHOD.search(text)
            method = met[1] if met else b""
        if method.decode() != sample.method:
            found.append(f"method {method.decode()}")
    return found


def every_part(part: Part) -> dict[str, Part]:
    """Return all parts by path, also those of messages within."""
    found: dict[str, Part] = {}
    pending = [part]
    while pending:
        one = pending.pop()
        found.setdefault(one.path, one)
        pending.extend(one.children)
    return found
