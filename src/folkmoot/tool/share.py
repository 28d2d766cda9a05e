"""``folkmoot share``: who may do what with a collection, who is subscribed to it, and its secret links."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final, TypeVar

import click

from folkmoot.collections.content import Place
from folkmoot.collections.links import Link
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import PrincipalKind
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.server.routes import LINKS
from folkmoot.sharing.rights import ANONYMOUS, EVERYBODY, group_subject
from folkmoot.store import collections as stored_collections
from folkmoot.store.records import Kind
from folkmoot.tool.columns import echo_rows
from folkmoot.tool.environment import load_settings

T = TypeVar("T")

_HOMES: Final = {"calendar": Kind.CALENDAR, "contacts": Kind.ADDRESSBOOK}
_DAY_MS: Final = 86_400_000
DAYS_MAX: Final = 36_500  # of a link; whoever wants a longer one wants none


class _Collection(click.ParamType[Place]):
    name = "COLLECTION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        owner, _, rest = str(value).partition("/")
        home, _, name = rest.partition("/")
        kind = _HOMES.get(home.lower())
        if not owner or kind is None or not name:
            self.fail("say owner/Calendar/personal or owner/Contacts/personal", param, ctx)
        return Place(PrincipalId(owner), kind, name)


_collection = click.argument("collection", type=_Collection())


@click.group()
def share() -> None:
    """See and change with whom calendars and address books are shared.

    COLLECTION is owner/Calendar/name or owner/Contacts/name.
    """


@share.command("list")
@_collection
@click.pass_context
def list_(ctx: click.Context, *, collection: Place) -> None:
    """List who has which roles on COLLECTION, and who is subscribed."""

    async def work(rooms: Rooms, caller: Caller) -> list[tuple[str, str]]:
        _, rows = await rooms.services.grants.of(caller, collection)
        subscribers = sorted(await rooms.services.subscriptions.subscribers(caller, collection))
        given = [(subject, " ".join(sorted(roles))) for subject, roles in sorted(rows.items())]
        return [*given, *((subscriber, "subscribed") for subscriber in subscribers)]

    echo_rows(_run(load_settings(ctx), collection, work))


@share.command("grant")
@_collection
@click.argument("subject")
@click.argument("roles", nargs=-1, required=True)
@click.pass_context
def grant(ctx: click.Context, *, collection: Place, subject: str, roles: tuple[str, ...]) -> None:
    """Give SUBJECT just these ROLES on COLLECTION: a user, a group, <default> or anonymous.

    The role None gives nothing, whatever is given to everybody.
    """

    async def work(rooms: Rooms, caller: Caller) -> None:
        named = await _subject(rooms, subject)
        await rooms.services.grants.change(caller, collection, {named: frozenset(roles)})

    _run(load_settings(ctx), collection, work)


@share.command("revoke")
@_collection
@click.argument("subjects", nargs=-1, required=True)
@click.pass_context
def revoke(ctx: click.Context, *, collection: Place, subjects: tuple[str, ...]) -> None:
    """Take the roles of SUBJECTS on COLLECTION away; also of people who are gone."""

    async def work(rooms: Rooms, caller: Caller) -> None:
        _, rows = await rooms.services.grants.of(caller, collection)
        named = [row for subject in subjects for row in (subject, f"@{subject}") if row in rows]
        if not named:
            raise NotFound("nobody of these has roles there")
        await rooms.services.grants.change(caller, collection, dict.fromkeys(named, frozenset()))

    _run(load_settings(ctx), collection, work)


@share.command("subscribe")
@_collection
@click.argument("users", nargs=-1, required=True)
@click.pass_context
def subscribe(ctx: click.Context, *, collection: Place, users: tuple[str, ...]) -> None:
    """Show COLLECTION in the homes of USERS; they see what they have roles for."""

    async def work(rooms: Rooms, caller: Caller) -> None:
        people = [await _person(rooms, user) for user in users]
        await rooms.services.subscriptions.subscribe(caller, collection, people)

    _run(load_settings(ctx), collection, work)


@share.command("unsubscribe")
@_collection
@click.argument("users", nargs=-1, required=True)
@click.pass_context
def unsubscribe(ctx: click.Context, *, collection: Place, users: tuple[str, ...]) -> None:
    """Show COLLECTION in the homes of USERS no longer; their roles stay."""

    async def work(rooms: Rooms, caller: Caller) -> None:
        people = [PrincipalId(user) for user in users]
        if not await rooms.services.subscriptions.unsubscribe(caller, collection, people):
            raise NotFound("nobody of these is subscribed there")

    _run(load_settings(ctx), collection, work)


@share.group("link")
def link() -> None:
    """Addresses that read a calendar without signing in."""


@link.command("create")
@_collection
@click.option("--label", default="", help="What it is for.")
@click.option("--dates-only", is_flag=True, help="Tell when something is, and not what.")
@click.option("--with-private", is_flag=True, help="Private and confidential events too.")
@click.option("--days", type=click.IntRange(1, DAYS_MAX), help="It ends after so many days.")
@click.pass_context
def create(
    ctx: click.Context, *, collection: Place, label: str, dates_only: bool, with_private: bool, days: int | None
) -> None:
    """Make a secret link to the calendar COLLECTION and print its address."""
    settings = load_settings(ctx)

    async def work(rooms: Rooms, caller: Caller) -> Link:
        end = None if days is None else rooms.clock.milliseconds() + days * _DAY_MS
        return await rooms.services.links.create(
            caller, collection, label=label, dates_only=dates_only, with_private=with_private, expires_at=end
        )

    click.echo(_address(settings, _run(settings, collection, work)))


@link.command("list")
@_collection
@click.pass_context
def list_links(ctx: click.Context, *, collection: Place) -> None:
    """List the secret links to COLLECTION: id, what they show, until when, what for, address."""
    settings = load_settings(ctx)
    rows = []
    for one in _run(settings, collection, lambda rooms, caller: rooms.services.links.of(caller, collection)):
        kept = one.kept
        shown = ("dates" if kept.dates_only else "whole") + ("+private" if kept.with_private else "")
        end = "-" if kept.expires_at is None else f"{datetime.fromtimestamp(kept.expires_at / 1000, UTC):%Y-%m-%d}"
        rows.append((one.id, shown, end, kept.label, _address(settings, one)))
    echo_rows(rows)


@link.command("revoke")
@_collection
@click.argument("link_id", metavar="ID")
@click.pass_context
def revoke_link(ctx: click.Context, *, collection: Place, link_id: str) -> None:
    """Make the link ID of `folkmoot share link list` lead nowhere."""
    _run(load_settings(ctx), collection, lambda rooms, caller: rooms.services.links.revoke(caller, collection, link_id))


def _address(settings: Settings, one: Link) -> str:
    return (
        f"{settings.server.public_url.rstrip('/')}{LINKS}{one.token}.ics" if one.token else "(sealed with another key)"
    )


def _run(settings: Settings, collection: Place, work: Callable[[Rooms, Caller], Awaitable[T]]) -> T:
    """Run in the owner's name, and with a superuser's rights: whoever runs the program may do everything."""

    async def run() -> T:
        async with open_rooms(settings) as rooms:
            known = await rooms.people_directory.directory.find(collection.owner)
            if known is None and not await _exists(rooms, collection):
                raise NotFound(f"no such person: {collection.owner}")
            return await work(rooms, Caller(collection.owner, superuser=True))

    return asyncio.run(run())


async def _exists(rooms: Rooms, place: Place) -> bool:
    """Return whether there is such a collection, without making it: its owner may be gone."""
    find = partial(stored_collections.find, owner=place.owner, kind=place.kind, name=place.name)
    return await rooms.database.read(find) is not None


async def _person(rooms: Rooms, user: str) -> PrincipalId:
    found = await rooms.people_directory.directory.find(PrincipalId(user))
    if found is None:
        raise NotFound(f"no such person: {user}")
    return found.id


async def _subject(rooms: Rooms, name: str) -> str:
    if name in {EVERYBODY, ANONYMOUS}:
        return name
    found = await rooms.people_directory.directory.find(PrincipalId(name.removeprefix("@")))
    if found is None:
        raise NotFound(f"no such person or group: {name}")
    return group_subject(found.id) if found.kind is PrincipalKind.GROUP else str(found.id)
