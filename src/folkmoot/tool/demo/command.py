"""``folkmoot demo``: makes the demo people and fills their calendars and address books."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click

from folkmoot.collections.content import Place
from folkmoot.collections.importing import Effect, Item
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import ConfigurationError, Conflict
from folkmoot.core.ids import PrincipalId
from folkmoot.database import migrate
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.principal import PrincipalKind
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.sharing.choices import Choices
from folkmoot.store.records import Kind
from folkmoot.tool.demo.company import company_events
from folkmoot.tool.demo.contacts import contacts
from folkmoot.tool.demo.events import Year
from folkmoot.tool.demo.living import TEAM, meet, personal, prefer, share
from folkmoot.tool.demo.people import BOOKABLE, COMPANY, GROUPS, PEOPLE
from folkmoot.tool.demo.posting import post
from folkmoot.tool.demo.tour import tour
from folkmoot.tool.environment import Invocation, load_settings

PASSWORDS_FILE: Final = "demo-passwords.json"
_LAST: Final = Place(PrincipalId(PEOPLE[0].login), Kind.ADDRESSBOOK, "personal")  # filled after all that people share
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for one another


@click.command("demo")
@click.option("--mail", is_flag=True, help="Deliver their mail instead, once a server with embedded mail runs.")
@click.pass_context
def demo(ctx: click.Context, *, mail: bool) -> None:
    """Make demo people with random passwords, a year of events, tasks and contacts, who share and meet.

    What is there already stays as it is.  The passwords are printed, and kept readable only for you in
    demo-passwords.json in the state directory; the server itself stores hashes.
    """
    settings = load_settings(ctx)
    if mail:
        count = asyncio.run(post(settings))
        click.echo(f"Delivered {count} mails." if count else "The mails were delivered before.")
        return
    file = Path(settings.server.state_directory) / PASSWORDS_FILE
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = {person.login: known.get(person.login) or _password() for person in PEOPLE}
    added, lines = asyncio.run(_make(settings, wanted, _command(ctx)))
    passwords = known | {login: wanted[login] for login in added}
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123 - for its mode
        json.dump(passwords, out, indent=1)
    click.echo("Demo people (user name, password):")
    for person in PEOPLE:
        click.echo(
            f"  {person.login:<8} {passwords.get(person.login, 'changed since'):<16} {person.name}, {person.job}"
        )
    for line in lines:
        click.echo(line)


def _command(ctx: click.Context) -> str:
    """Return how to run another command on the same server, from the same directory."""
    invocation = ctx.find_object(Invocation) or Invocation()
    program = sys.argv[0] if Path(sys.argv[0]).name == "folkmoot" else "folkmoot"
    return " ".join([program, *(f"--config {file}" for file in invocation.files)])


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


async def _make(settings: Settings, passwords: dict[str, str], command: str) -> tuple[list[str], list[str]]:
    """Add who is missing, fill what is empty, and return who was added, and what there is to try."""
    async with open_rooms(settings) as rooms:
        await migrate(rooms.database)
        local = rooms.people_directory.local
        if local is None:
            raise ConfigurationError("the demo needs the built-in user source, but SOGoUserSources is set")
        added = await _people(local, passwords)
        today = datetime.now(UTC).date()
        if not await _filled(rooms, _LAST):
            await _groups(local)
            await _live(rooms, today)
        for person in PEOPLE:
            await _fill(rooms, Place(PrincipalId(person.login), Kind.ADDRESSBOOK, "personal"), contacts(person))
        return added, list(await tour(rooms.services.links, command))


async def _live(rooms: Rooms, today: date) -> None:
    """Fill the calendars, and have people share them and meet, unless that was done before."""
    services = rooms.services
    await prefer(services, Choices(rooms.database, rooms.clock))
    with suppress(Conflict):  # of a run that was interrupted
        await services.collections.create(Caller(TEAM.owner), TEAM, {"displayname": COMPANY, "color": "#2F6F8FFF"})
    await _fill(rooms, TEAM, company_events(today))
    for person in PEOPLE:
        await _fill(rooms, personal(person.login), Year(person, today).objects())
    await share(services)
    await meet(services, today)


async def _people(local: LocalUserSource, passwords: dict[str, str]) -> list[str]:
    present = {principal.login for principal in await local.list_all()}
    missing = [person for person in PEOPLE if person.login not in present]
    for person in missing:
        await local.add(NewUser(person.login, person.name, person.mail), passwords[person.login])
    for resource in BOOKABLE:
        if resource.login not in present:
            kind = PrincipalKind.LOCATION if resource.location else PrincipalKind.THING
            await local.add(
                NewUser(resource.login, resource.name, resource.mail, kind=kind, multiple_bookings=resource.bookings),
                None,
            )
    return [person.login for person in missing]


async def _groups(local: LocalUserSource) -> None:
    for group in GROUPS:
        with suppress(Conflict):
            await local.add(NewUser(group.login, group.name, group.mail, kind=PrincipalKind.GROUP), None)
        await local.groups.add(PrincipalId(group.login), group.members)


async def _filled(rooms: Rooms, place: Place) -> bool:
    _, present = await rooms.services.objects.list_(Caller(place.owner), place)
    return bool(present)


async def _fill(rooms: Rooms, place: Place, texts: Iterable[str]) -> None:
    """Fill somebody's collection, unless there is something in it."""
    if await _filled(rooms, place):
        return
    async for outcome in rooms.imports.run(Caller(place.owner), place, _items(texts)):
        if outcome.effect is Effect.REJECTED:
            raise ConfigurationError(f"demo {place.owner}, {outcome.where}: {outcome.text}")


def _items(texts: Iterable[str]) -> Iterator[Item]:
    for number, text in enumerate(texts, 1):
        yield Item(f"object {number}", text.encode())
