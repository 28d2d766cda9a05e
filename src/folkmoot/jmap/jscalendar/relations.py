"""How objects relate (RFC 8984 section 4.1.3, RFC 5545 section 3.8.4.5, RFC 9253)."""

from typing import Any, Final

from folkmoot.ical import Line, escape_text, unescape_text
from folkmoot.jmap.jscalendar.source import Mapped, Source, Target, place, swap


def _kind(line: Line) -> str:
    return (line.param("RELTYPE") or "PARENT").lower()


def _read(source: Source, found: dict[str, Any]) -> None:
    related: dict[str, dict[str, Any]] = {}
    for line in source.lines["RELATED-TO"]:
        uid = unescape_text(line.value).strip()
        if uid:
            related.setdefault(uid, {"@type": "Relation", "relation": {}})["relation"][_kind(line)] = True
    if related:
        found["relatedTo"] = related


def _write(target: Target) -> None:
    """Drop lines that are wanted no more, and add one for each relation that has none."""
    component = target.component
    wanted = {
        (uid, kind)
        for uid, relation in (target.wanted.get("relatedTo") or {}).items()
        for kind in relation.get("relation") or {"parent": True}
        if kind == kind.lower()
    }
    for line in component.all("RELATED-TO"):
        key = unescape_text(line.value).strip(), _kind(line)
        if key not in wanted:
            swap(component, line, None)
        wanted.discard(key)
    for uid, kind in sorted(wanted):
        line = Line("RELATED-TO", escape_text(uid))
        place(component, line if kind == "parent" else line.with_param("RELTYPE", kind.upper()))


RELATIONS: Final = Mapped(("relatedTo",), ("RELATED-TO",), _read, _write)
