"""Links: attachments, pictures, web pages (RFC 8984 section 4.2.7; RFC 7986 section 5.10, RFC 8607, RFC 9253)."""

import re
from collections.abc import Sequence
from typing import Any, Final

from folkmoot.ical import Line, Parameter
from folkmoot.jmap.jscalendar.identity import CHOSEN, digest, identified, kept
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place, swap, with_params

CARRIERS: Final = ("ATTACH", "URL", "IMAGE", "LINK")
_RELS: Final = {"ATTACH": "enclosure", "URL": "describedby", "IMAGE": "icon"}
_TITLES: Final = {  # the first is written, the others are read too
    "ATTACH": ("FILENAME", "LABEL", "X-FILENAME", "X-APPLE-FILENAME", "X-ORACLE-FILENAME"),
    "IMAGE": ("LABEL",),
    "LINK": ("LABEL",),
    "URL": ("LABEL",),
}
_INLINE: Final = re.compile(r"data:([A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+)?;base64,([A-Za-z0-9+/=]*)")


def _derive(line: Line, _: int) -> str:
    return digest(f"{line.name}:{line.value}")


def _choose(line: Line, chosen: str) -> Line:
    return line.with_param(CHOSEN, chosen)


def _identified(lines: Sequence[Line]) -> list[tuple[str, Line]]:
    return identified([line for line in lines if line.value.strip()], _derive)


def _read_one(line: Line) -> dict[str, Any]:
    href = line.value.strip()
    link: dict[str, Any] = {"@type": "Link", "href": href, "rel": _RELS.get(line.name, "related")}
    if not line.has_params:
        return link
    kind = line.param("FMTTYPE")
    if (line.param("ENCODING") or "").upper() == "BASE64" or (line.param("VALUE") or "").upper() == "BINARY":
        link["href"] = f"data:{kind or ''};base64,{href}"
    if kind:
        link["contentType"] = kind
    size = line.param("SIZE")
    if size is not None and size.isascii() and size.isdecimal() and len(size) < 10:  # noqa: PLR2004
        link["size"] = int(size)
    for name in _TITLES[line.name]:
        title = line.param(name)
        if title:
            link["title"] = title
            break
    if line.name == "LINK" and line.param("LINKREL"):
        link["rel"] = line.param("LINKREL")
    shown = line.param("DISPLAY") if line.name == "IMAGE" else None
    if shown:
        link["display"] = shown.lower()
    return link


def _read(source: Source, found: dict[str, Any]) -> None:
    lines = [line for carrier in CARRIERS for line in source.lines.get(carrier, ())]
    links = {key: _read_one(line) for key, line in _identified(lines)}
    if links:
        found["links"] = links


def settled_link(link: dict[str, Any]) -> dict[str, Any]:
    """Return a checked link with what follows from the rest said too."""
    link = {**link, "rel": link.get("rel", "icon" if "display" in link else "enclosure")}
    inline = _INLINE.fullmatch(link["href"])
    if inline:
        link.pop("contentType", None)
        if inline[1]:
            link["contentType"] = inline[1]
    return link


def _carrier(link: dict[str, Any], *, url_free: bool) -> str:
    if link["rel"] == "enclosure":
        return "ATTACH"
    if link["rel"] == "icon":
        return "IMAGE"
    return "URL" if link["rel"] == "describedby" and url_free and link.keys() <= {"@type", "href", "rel"} else "LINK"


def _write(target: Target) -> None:
    component = target.component
    wanted: dict[str, dict[str, Any]] = target.wanted.get("links") or {}
    old = dict(_identified([line for carrier in CARRIERS for line in component.all(carrier)]))
    urls = {key for key, line in old.items() if line.name == "URL" and key in wanted}
    pairs: list[tuple[str, Line]] = []
    for key, link in wanted.items():
        line = old.get(key)
        carrier = _carrier(link, url_free=not urls or key in urls)
        if line is None or line.name != carrier:
            line = _new(carrier, link)
            if carrier == "URL":
                urls.add(key)
        pairs.append((key, _changed(line, link)))
    pairs.sort(key=lambda pair: CARRIERS.index(pair[1].name))
    new = dict(kept(pairs, _derive, _choose))
    for key, line in old.items():
        replacement = new.get(key)
        if replacement is None or replacement.name == line.name:
            new.pop(key, None)
            if replacement is not line:
                swap(component, line, replacement)
        else:
            swap(component, line, None)
    for line in new.values():
        place(component, line)


def _new(carrier: str, link: dict[str, Any]) -> Line:
    inline = _INLINE.fullmatch(link["href"]) if carrier in {"ATTACH", "IMAGE"} else None
    if inline:
        params = [Parameter("VALUE", ("BINARY",)), Parameter("ENCODING", ("BASE64",))]
        if inline[1]:
            params.append(Parameter("FMTTYPE", (inline[1],)))
        return Line(carrier, inline[2], params)
    if carrier == "LINK":
        return Line(carrier, link["href"], [Parameter("VALUE", ("URI",)), Parameter("LINKREL", (link["rel"],))])
    return Line(carrier, link["href"], [Parameter("VALUE", ("URI",))] if carrier == "IMAGE" else [])


def _changed(line: Line, link: dict[str, Any]) -> Line:
    """Return the line for a link; it is the same one if nothing of it is wanted different."""
    present = _read_one(line)
    if present["href"] != link["href"]:
        fresh = _new(line.name, link)
        kept_params = [
            param for param in line.params if param.name not in {"VALUE", "ENCODING", "MANAGED-ID", "LINKREL"}
        ]
        line = fresh.replace(params=[*fresh.params, *(param for param in kept_params if not fresh.param(param.name))])
        present = _read_one(line)
    changes: dict[str, list[str] | None] = {}
    if present.get("contentType") != link.get("contentType"):
        changes["FMTTYPE"] = [link["contentType"]] if "contentType" in link else None
    if present.get("size") != link.get("size"):
        changes["SIZE"] = [str(link["size"])] if "size" in link else None
    if present.get("title") != link.get("title"):
        names = _TITLES[line.name]
        changes.update(dict.fromkeys((name for name in names if line.param(name) is not None), None))
        if link.get("title"):
            changes[names[0]] = [link["title"]]
    if line.name == "LINK" and present["rel"] != link["rel"]:
        changes["LINKREL"] = [link["rel"]]
    if line.name == "IMAGE" and present.get("display") != link.get("display"):
        changes["DISPLAY"] = [link["display"].upper()] if "display" in link else None
    return with_params(line, changes) if changes else line


LINKS: Final = Mapped(("links",), CARRIERS, _read, _write)
