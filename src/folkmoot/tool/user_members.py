"""``folkmoot user members``: who is in the groups of the built-in user source."""

import click

from folkmoot.core.errors import MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.local import LocalUserSource
from folkmoot.directory.local_groups import fold
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.tool.built_in import with_built_in
from folkmoot.tool.environment import load_settings


@click.group("members")
def members() -> None:
    """Say who is in a group; groups may be in groups."""


@members.command("add")
@click.argument("group")
@click.argument("names", nargs=-1, required=True, metavar="MEMBER...")
@click.pass_context
def add(ctx: click.Context, *, group: str, names: tuple[str, ...]) -> None:
    """Put every MEMBER into GROUP: logins, or mail addresses of anybody."""

    async def work(source: LocalUserSource) -> int:
        found = await _group(source, group)
        return await source.groups.add(found.id, [await _member(source, found, name) for name in names])

    added = with_built_in(load_settings(ctx), lambda source, _: work(source))
    click.echo(f"Added {added} to {fold(group)}.")


@members.command("remove")
@click.argument("group")
@click.argument("names", nargs=-1, required=True, metavar="MEMBER...")
@click.pass_context
def remove(ctx: click.Context, *, group: str, names: tuple[str, ...]) -> None:
    """Take every MEMBER out of GROUP."""

    async def work(source: LocalUserSource) -> int:
        found = await _group(source, group)
        known = [person.id for name in names if (person := await _principal(source, name)) is not None]
        return await source.groups.remove(found.id, [*names, *known])

    removed = with_built_in(load_settings(ctx), lambda source, _: work(source))
    click.echo(f"Removed {removed} from {fold(group)}.")


@members.command("list")
@click.argument("group")
@click.pass_context
def list_(ctx: click.Context, *, group: str) -> None:
    """List whom GROUP names, one a line."""

    async def work(source: LocalUserSource) -> list[str]:
        found = await _group(source, group)
        return list((await source.groups.members_of([found.id]))[found.id])

    for name in with_built_in(load_settings(ctx), lambda source, _: work(source)):
        click.echo(name)


async def _group(source: LocalUserSource, name: str) -> Principal:
    found = await source.find(name)
    if found is None:
        raise NotFound(f"there is no group {name}")
    if found.kind is not PrincipalKind.GROUP:
        raise MalformedInput(f"{name} is no group; make one with `folkmoot user add {name} --kind group`")
    return found


async def _member(source: LocalUserSource, group: Principal, name: str) -> str:
    """Return how a member is kept: somebody known by login, so that another address changes nothing."""
    person = await _principal(source, name)
    if person is not None and person.id == group.id:
        raise MalformedInput("a group is no member of itself")
    if person is None and "@" not in name:
        raise NotFound(f"there is no user {name}")
    return name if person is None else PrincipalId(person.id)


async def _principal(source: LocalUserSource, name: str) -> Principal | None:
    return await source.find(name) or (await source.find_by_mail(name) if "@" in name else None)
