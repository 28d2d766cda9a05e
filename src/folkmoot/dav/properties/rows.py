"""Printing the same properties of many objects: a template for the plain ones, one by one for the others."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from folkmoot.dav.properties.live import BodyText, Constant, Row, Wanted
from folkmoot.dav.wire.multistatus import STATUS_LINES
from folkmoot.dav.wire.names import element, empty_element
from folkmoot.store.records import ObjectMeta, StoredObject

_FOUND_END: Final = f"</D:prop><D:status>{STATUS_LINES[200]}</D:status></D:propstat>"
_MISSING_END: Final = f"</D:prop><D:status>{STATUS_LINES[404]}</D:status></D:propstat>"


class Column(NamedTuple):
    """One live property and the function that prints its content for a row."""

    name: str
    row: Row


class RowPrinter:
    """Prints DAV:response elements for the objects of one collection."""

    def __init__(
        self, columns: Sequence[Column], bodies: Sequence[BodyText], dead: Sequence[str], wanted: Wanted
    ) -> None:
        """``dead`` are Clark names that only a dead property can answer."""
        self._columns = columns
        self._bodies = bodies
        self._dead = dead
        self._wanted = wanted
        self._wants_dead = bool(dead) or wanted.everything or wanted.names_only
        self._rows = [column.row for column in columns if not isinstance(column.row, Constant)]
        self._template = self._compile()

    def needs_stored(self, meta: ObjectMeta) -> bool:
        """Whether the row alone does not do."""
        return bool(self._bodies) or (self._wants_dead and meta.has_dead_properties)

    def response(self, href: str, meta: ObjectMeta, stored: StoredObject | None) -> str:
        """Return the DAV:response of one object; without ``stored`` it has neither body nor dead properties."""
        plain = self._template is not None and not (self._wants_dead and meta.has_dead_properties)
        if plain and (stored is not None or not self._bodies):
            contents = [row(meta) for row in self._rows]
            if None not in contents:
                bodies = [body(stored) for body in self._bodies] if stored is not None else ()
                return (self._template or "") % (href, *contents, *bodies)
        return self._one_by_one(href, meta, stored)

    def _compile(self) -> str | None:
        if not (self._columns or self._bodies):
            return None
        parts = ["<D:response><D:href>%s</D:href><D:propstat><D:prop>"]
        for name, row in self._columns:
            if isinstance(row, Constant):
                parts.append(element(name, row.text).replace("%", "%%"))
            else:
                parts.append(element(name, "\0").replace("%", "%%").replace("\0", "%s"))
        parts += ["%s"] * len(self._bodies)
        parts.append(_FOUND_END)
        if self._dead and not self._wanted.minimal:
            missing = "".join(map(empty_element, self._dead)).replace("%", "%%")
            parts += ["<D:propstat><D:prop>", missing, _MISSING_END]
        parts.append("</D:response>")
        return "".join(parts)

    def _one_by_one(self, href: str, meta: ObjectMeta, stored: StoredObject | None) -> str:
        found: list[str] = []
        missing: list[str] = []
        for name, row in self._columns:
            content = row(meta)
            if content is not None:
                found.append(element(name, content))
            elif name in self._wanted.names:
                missing.append(empty_element(name))
        if stored is not None:
            found += [body(stored) for body in self._bodies]
        add_dead(found, missing, self._dead, stored.dead_properties if stored else {}, self._wanted)
        return response_text(href, found, missing, self._wanted)


def add_dead(
    found: list[str], missing: list[str], names: Sequence[str], dead: Mapping[str, str], wanted: Wanted
) -> None:
    """Add those of the dead properties that are wanted, and the names that nothing answers."""
    if wanted.names_only:
        found += [empty_element(name) for name in dead]
        return
    if wanted.everything:
        found += dead.values()
    for name in names:
        if name not in dead:
            missing.append(empty_element(name))
        elif not wanted.everything:
            found.append(dead[name])


def response_text(href: str, found: Sequence[str], missing: Sequence[str], wanted: Wanted) -> str:
    """Return a DAV:response with what was found and, unless the client wants it brief, what was not."""
    parts = [f"<D:response><D:href>{href}</D:href>"]
    if found or wanted.minimal or not missing:
        parts += ["<D:propstat><D:prop>", *found, _FOUND_END]
    if missing and not wanted.minimal:
        parts += ["<D:propstat><D:prop>", *missing, _MISSING_END]
    parts.append("</D:response>")
    return "".join(parts)
