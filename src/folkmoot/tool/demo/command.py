"""``folkmoot demo``: makes the demo people and fills their calendars and address books."""

import asyncio
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from folkmoot.collections.content import Place
from folkmoot.collections.importing import Effect, Item
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import ConfigurationError
from folkmoot.core.ids import PrincipalId
from folkmoot.database import migrate
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.principal import PrincipalKind
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.store.records import Kind
from folkmoot.tool.demo.contacts import contacts
from folkmoot.tool.demo.events import Year, bookings
from folkmoot.tool.demo.people import BOOKABLE, PEOPLE
from folkmoot.tool.environment import load_settings

PASSWORDS_FILE: Final = "demo-passwords.json"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"  # none that are taken for one another


@click.command("demo")
@click.pass_context
def demo(ctx: click.Context) -> None:
    """Make demo people with random passwords, a year of events, tasks and contacts.

    What is there already stays as it is.  The passwords are printed, and kept readable only for you in
    demo-passwords.json in the state directory; the server itself stores hashes.
    """
    settings = load_settings(ctx)
    file = Path(settings.server.state_directory) / PASSWORDS_FILE
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = {person.login: known.get(person.login) or _password() for person in PEOPLE}
    added = asyncio.run(_make(settings, wanted))
    passwords = known | {login: wanted[login] for login in added}
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:  # noqa: PTH123 - for its mode
        json.dump(passwords, out, indent=1)
    click.echo("Demo people (user name, password):")
    for person in PEOPLE:
        click.echo(
            f"  {person.login:<8} {passwords.get(person.login, 'changed since'):<16} {person.name}, {person.job}"
        )


def _password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


async def _make(settings: Settings, passwords: dict[str, str]) -> list[str]:
    """Add who is missing, fill what is empty, and return who was added."""
    async with open_rooms(settings) as rooms:
        await migrate(rooms.database)
        local = rooms.people_directory.local
        if local is None:
            raise ConfigurationError("the demo needs the built-in user source, but SOGoUserSources is set")
        added = await _people(local, passwords)
        today = datetime.now(UTC).date()
        for person in PEOPLE:
            await _fill(rooms, person.login, Kind.CALENDAR, Year(person, today).objects())
            await _fill(rooms, person.login, Kind.ADDRESSBOOK, contacts(person))
        for resource in BOOKABLE:
            await _fill(rooms, resource.login, Kind.CALENDAR, bookings(resource, today))
    return added


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


async def _fill(rooms: Rooms, login: str, kind: Kind, texts: Iterable[str]) -> None:
    """Fill somebody's personal collection, unless there is something in it."""
    owner = PrincipalId(login)
    caller = Caller(owner)
    place = Place(owner, kind, "personal")
    _, present = await rooms.services.objects.list_(caller, place)
    if present:
        return
    async for outcome in rooms.imports.run(caller, place, _items(texts)):
        if outcome.effect is Effect.REJECTED:
            raise ConfigurationError(f"demo {login}, {outcome.where}: {outcome.text}")


def _items(texts: Iterable[str]) -> Iterator[Item]:
    for number, text in enumerate(texts, 1):
        yield Item(f"object {number}", text.encode())
