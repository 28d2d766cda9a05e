"""Printing the wanted properties of resources: live ones by the registry, dead ones as they were set."""

from collections.abc import Mapping, Sequence

from folkmoot.dav.properties.directory import directory_property
from folkmoot.dav.properties.live import Constant, Wanted
from folkmoot.dav.properties.lookups import Lookups
from folkmoot.dav.properties.registry import ALLPROP_NAMES, LIVE
from folkmoot.dav.properties.rows import Column, RowPrinter, add_dead, response_text
from folkmoot.dav.resource import (
    CollectionResource,
    DirectoryBook,
    HomeSet,
    ObjectResource,
    PrincipalResource,
    Resource,
)
from folkmoot.dav.wire.names import element
from folkmoot.store.records import ObjectMeta, StoredObject


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
    printer = await _row_printer(lookups, collection, wanted)
    metas = [row.meta if isinstance(row, StoredObject) else row for row in objects]
    stored: dict[str, StoredObject] = {row.meta.name: row for row in objects if isinstance(row, StoredObject)}
    lacking = [meta.name for meta in metas if meta.name not in stored and printer.needs_stored(meta)]
    if lacking:
        _, more = await lookups.services.objects.read_many(lookups.caller, collection.place, lacking)
        stored.update(more)
    shown = hrefs if hrefs is not None else collection.member_hrefs(meta.name for meta in metas)
    return [printer.response(href, meta, stored.get(meta.name)) for href, meta in zip(shown, metas, strict=True)]


async def _row_printer(lookups: Lookups, collection: CollectionResource, wanted: Wanted) -> RowPrinter:
    bodies = wanted.bodies or {}
    columns = []
    for name in _live_names(wanted):
        live = LIVE.get(name)
        if name not in bodies and live is not None and live.objects is not None:
            row = Constant("") if wanted.names_only else await live.objects(lookups, collection)
            columns.append(Column(name, row))
    known = {column.name for column in columns} | bodies.keys()
    dead = [name for name in wanted.names if name not in known]
    return RowPrinter(columns, [body for name, body in bodies.items() if name in wanted.names], dead, wanted)


async def _answer(lookups: Lookups, resource: Resource, wanted: Wanted) -> str:
    found: list[str] = []
    missing: list[str] = []
    unknown: list[str] = []
    for name in _live_names(wanted):
        live = LIVE.get(name)
        if live is None or live.render is None:
            unknown.append(name)
            continue
        if isinstance(resource, DirectoryBook):
            content = await directory_property(lookups, resource, name, live.render)
        else:
            content = await live.render(lookups, resource)
        if content is None:
            if name in wanted.names:
                unknown.append(name)
        else:
            found.append(element(name, "" if wanted.names_only else content))
    dead = await _dead_properties(lookups, resource)
    add_dead(found, missing, [name for name in unknown if name in wanted.names], dead, wanted)
    return response_text(resource.href, found, missing, wanted)


def _live_names(wanted: Wanted) -> Sequence[str]:
    if wanted.names_only:
        return list(LIVE)
    if wanted.everything:
        return list(dict.fromkeys((*ALLPROP_NAMES, *wanted.names)))
    return wanted.names


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
