"""``folkmoot import`` and ``folkmoot export``: calendars and contacts from and to files."""

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from folkmoot.addressbooks import files as contact_files
from folkmoot.calendars import files as calendar_files
from folkmoot.collections.content import Place
from folkmoot.collections.importing import Effect, Imports, Item
from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.server.rooms import Rooms, open_rooms
from folkmoot.store.records import Kind
from folkmoot.tool.environment import load_settings

FORMATS: Final = ("ics", *contact_files.FORMATS)
_SUFFIXES: Final = {"vcard": "vcf", "ldi": "ldif", "ical": "ics", "icalendar": "ics"}
_HOMES: Final = {"calendar": Kind.CALENDAR, "contacts": Kind.ADDRESSBOOK}


class _Collection(click.ParamType[tuple[Kind, str]]):
    name = "COLLECTION"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[Kind, str]:
        home, slash, name = str(value).partition("/")
        kind = _HOMES.get(home.lower())
        if kind is None or not slash or not name:
            self.fail("say Calendar/personal or Contacts/personal", param, ctx)
        return kind, name


class _Form(click.Choice[str]):
    def __init__(self) -> None:
        super().__init__(FORMATS)


@click.command("import")
@click.argument("user")
@click.argument("collection", type=_Collection())
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=_Form(), help="Of the file; without it its name tells.")
@click.option("--dry-run", is_flag=True, help="Check and report everything, store nothing.")
@click.pass_context
def import_(
    ctx: click.Context, user: str, collection: tuple[Kind, str], file: Path, form: str | None, *, dry_run: bool
) -> int:
    """Import FILE (ics, vcf, ldif or csv) into COLLECTION of USER, such as Calendar/personal.

    What can be read goes in; each object that cannot is one line on standard output.  An object with a UID that
    the collection has already replaces that one.  The exit status is 1 if anything was rejected.
    """
    chosen = _chosen(form, file, collection[0])
    octets = file.read_bytes()
    items = calendar_files.items(octets) if chosen == "ics" else contact_files.items(octets, chosen)
    return asyncio.run(_import(load_settings(ctx), user, collection, list(items), dry_run=dry_run))


@click.command("export")
@click.argument("user")
@click.argument("collection", type=_Collection())
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--format", "form", type=_Form(), help="Of the file; without it its name tells.")
@click.pass_context
def export(ctx: click.Context, user: str, collection: tuple[Kind, str], file: Path, form: str | None) -> None:
    """Export COLLECTION of USER, such as Contacts/personal, to FILE (- for standard output)."""
    chosen = _chosen(form, file, collection[0])
    octets = asyncio.run(_export(load_settings(ctx), user, collection, chosen))
    if str(file) == "-":
        sys.stdout.buffer.write(octets)
    else:
        file.write_bytes(octets)


async def _import(
    settings: Settings, user: str, collection: tuple[Kind, str], items: list[Item], *, dry_run: bool
) -> int:
    counts: Counter[Effect] = Counter()
    console = Console(stderr=True)
    async with open_rooms(settings) as rooms:
        caller, place = await _place(rooms, user, collection)
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console, transient=True
        ) as progress:
            task = progress.add_task("checking" if dry_run else "importing", total=len(items))
            async for outcome in Imports(rooms.access).run(caller, place, items, dry_run=dry_run):
                counts[outcome.effect] += 1
                progress.advance(task)
                if outcome.effect is Effect.REJECTED:
                    click.echo(f"rejected: {outcome.where}: {outcome.text}")
    told = ", ".join(f"{counts[effect]} {effect}" for effect in Effect)
    click.echo(f"{'would be: ' if dry_run else ''}{told}", err=True)
    return 1 if counts[Effect.REJECTED] else 0


async def _export(settings: Settings, user: str, collection: tuple[Kind, str], form: str) -> bytes:
    async with open_rooms(settings) as rooms:
        caller, place = await _place(rooms, user, collection)
        if form == "ics":
            return (await rooms.services.calendars.export(caller, place)).encode()
        return contact_files.written(await rooms.services.addressbooks.bodies(caller, place), form)


async def _place(rooms: Rooms, user: str, collection: tuple[Kind, str]) -> tuple[Caller, Place]:
    """Return the person as the owner of a place.

    Raises:
        NotFound: there is no such person.
    """
    person = await rooms.people_directory.directory.find(PrincipalId(user))
    if person is None:
        raise NotFound(f"no such person: {user}")
    return Caller(person.id), Place(person.id, *collection)


def _chosen(form: str | None, file: Path, kind: Kind) -> str:
    suffix = file.suffix.removeprefix(".").lower()
    chosen = form or _SUFFIXES.get(suffix, suffix) or ("ics" if kind is Kind.CALENDAR else "vcf")
    if chosen not in FORMATS:
        raise click.UsageError(f"{file.name}: say --format {'|'.join(FORMATS)}")
    if (chosen == "ics") != (kind is Kind.CALENDAR):
        raise click.UsageError(f"a file of {chosen} does not go with {kind}")
    return chosen
