"""Printing the wanted properties of resources: live ones by the registry, dead ones as they were set."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from folkmoot.dav.properties.live import BodyText, Row, Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.registry import ALLPROP_NAMES, LIVE
from folkmoot.dav.resource import CollectionResource, HomeSet, ObjectResource, PrincipalResource, Resource
from folkmoot.dav.wire.multistatus import STATUS_LINES
from folkmoot.dav.wire.names import element, empty_element
from folkmoot.store.records import ObjectMeta, StoredObject

_FOUND_END = f"</D:prop><D:status>{STATUS_LINES[200]}</D:status></D:propstat>"
_MISSING_END = f"</D:prop><D:status>{STATUS_LINES[404]}</D:status></D:propstat>"


async def answers(lookups: Lookups, resources: Sequence[Resource], wanted: Wanted) -> list[str]:
    """Return a DAV:response for each resource, in order."""
    found: list[str] = []
    for resource in resources:
        if isinstance(resource, ObjectResource):
            found += await object_answers(lookups, resource.parent, [resource.stored], wanted, hrefs=[resource.href])
        else:
            found.append(await _answer(lookups, resource, wanted))
    return found


async def object_answers(
    lookups: Lookups,
    collection: CollectionResource,
    objects: Sequence[ObjectMeta] | Sequence[StoredObject],
    wanted: Wanted,
    *,
    hrefs: Sequence[str] | None = None,
) -> list[str]:
    """Return a DAV:response for each object of one collection, in order; nothing is looked up for each alone.

    ``hrefs`` are printed instead of the members' own, one for each object.
    """
    printer = await _object_printer(lookups, collection, wanted)
    metas = [row.meta if isinstance(row, StoredObject) else row for row in objects]
    stored: dict[str, StoredObject] = {row.meta.name: row for row in objects if isinstance(row, StoredObject)}
    lacking = [meta.name for meta in metas if meta.name not in stored and printer.needs_stored(meta)]
    if lacking:
        _, more = await lookups.services.objects.read_many(lookups.caller, collection.place, lacking)
        stored.update(more)
    shown = hrefs if hrefs is not None else [collection.member_href(meta.name) for meta in metas]
    return [printer.response(href, meta, stored.get(meta.name)) for href, meta in zip(shown, metas, strict=True)]


class _Column(NamedTuple):
    """One wanted live property, ready to print for many rows."""

    opening: str
    closing: str
    empty: str
    row: Row


class _ObjectPrinter(NamedTuple):
    columns: Sequence[_Column]
    bodies: Sequence[BodyText]
    dead: Sequence[str]  # Clark names that only a dead property can answer
    wanted: Wanted

    def needs_stored(self, meta: ObjectMeta) -> bool:
        """Whether the row alone does not do."""
        if self.bodies:
            return True
        return meta.has_dead_properties and bool(self.dead or self.wanted.everything or self.wanted.names_only)

    def response(self, href: str, meta: ObjectMeta, stored: StoredObject | None) -> str:
        """Return the DAV:response of one object."""
        found: list[str] = []
        missing: list[str] = []
        for opening, closing, empty, row in self.columns:
            content = row(meta)
            if content is None:
                missing.append(empty)
            elif content:
                found.append(f"{opening}{content}{closing}")
            else:
                found.append(empty)
        if stored is not None:
            found += [body(stored) for body in self.bodies]
        _add_dead(found, missing, self.dead, stored.dead_properties if stored else {}, self.wanted)
        return _response(href, found, missing, self.wanted)


async def _object_printer(lookups: Lookups, collection: CollectionResource, wanted: Wanted) -> _ObjectPrinter:
    bodies = wanted.bodies or {}
    names = _live_names(wanted)
    columns = []
    for name in names:
        live = LIVE.get(name)
        if name in bodies or live is None or live.objects is None:
            continue
        row: Row = _nothing if wanted.names_only else await live.objects(lookups, collection)
        empty = empty_element(name)
        full = element(name, "\0")
        opening, _, closing = full.partition("\0")
        columns.append(_Column(opening, closing, empty, row))
    known = {name for name in names if (live := LIVE.get(name)) is not None and live.objects is not None}
    dead = [name for name in wanted.names if name not in known and name not in bodies]
    return _ObjectPrinter(columns, [body for name, body in bodies.items() if name in wanted.names], dead, wanted)


def _nothing(_: ObjectMeta) -> str:
    return ""


async def _answer(lookups: Lookups, resource: Resource, wanted: Wanted) -> str:
    found: list[str] = []
    missing: list[str] = []
    unknown: list[str] = []
    for name in _live_names(wanted):
        live = LIVE.get(name)
        if live is None or live.render is None:
            unknown.append(name)
            continue
        content = await live.render(lookups, resource)
        if content is None:
            if name in wanted.names:
                unknown.append(name)
        else:
            found.append(element(name, "" if wanted.names_only else content))
    dead = await _dead_properties(lookups, resource)
    _add_dead(found, missing, [name for name in unknown if name in wanted.names], dead, wanted)
    return _response(resource.href, found, missing, wanted)


def _live_names(wanted: Wanted) -> Sequence[str]:
    if wanted.names_only:
        return list(LIVE)
    if wanted.everything:
        return list(dict.fromkeys((*ALLPROP_NAMES, *wanted.names)))
    return wanted.names


def _add_dead(
    found: list[str], missing: list[str], names: Sequence[str], dead: Mapping[str, str], wanted: Wanted
) -> None:
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


async def _dead_properties(lookups: Lookups, resource: Resource) -> Mapping[str, str]:
    if isinstance(resource, CollectionResource):
        return resource.seen.collection.dead_properties
    if not isinstance(resource, HomeSet | PrincipalResource):
        return {}
    owner = resource.principal.id
    if lookups.caller.principal != owner and not lookups.caller.superuser:
        return {}
    profile = await lookups.profile(owner)
    scope = dead_scope(resource)
    return {name[len(scope) :]: text for name, text in profile.dead_properties.items() if name.startswith(scope + "{")}


def dead_scope(resource: HomeSet | PrincipalResource) -> str:
    """Return what stands before the Clark names of a home's dead properties in its owner's profile."""
    return f"{resource.kind} " if isinstance(resource, HomeSet) else ""


def _response(href: str, found: list[str], missing: list[str], wanted: Wanted) -> str:
    parts = [f"<D:response><D:href>{href}</D:href>"]
    if found or wanted.minimal or not missing:
        parts += ["<D:propstat><D:prop>", *found, _FOUND_END]
    if missing and not wanted.minimal:
        parts += ["<D:propstat><D:prop>", *missing, _MISSING_END]
    parts.append("</D:response>")
    return "".join(parts)
