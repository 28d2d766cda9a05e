"""``folkmoot update-autoreply``: vacation answers begin and end on their days, as SOGo's hourly cron job sees to."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

import click

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import ConfigurationError, FolkmootError
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.mail import header_text
from folkmoot.mail.credentials import Master
from folkmoot.tool.environment import load_settings, open_database

CREDENTIALS_MAX: Final = 4096  # octets of the file


@click.command("update-autoreply")
@click.option(
    "-p",
    "credentials",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with one line, user:password, of an account that the Sieve server lets act for everybody.",
)
@click.option("-v", "verbose", is_flag=True, help="Name everybody whose vacation is looked at.")
@click.pass_context
def update_autoreply(ctx: click.Context, *, credentials: Path | None, verbose: bool) -> int:
    """Let vacation answers begin and end where the mail server does not know the date.

    Without -p, FolkmootMailCredentials must be master or token.
    """
    master = None if credentials is None else read_credentials(credentials)
    looked_at, failed = asyncio.run(_run(load_settings(ctx), master, verbose=verbose))
    click.echo(f"{looked_at} vacations looked at, {failed} failed")
    return 1 if failed else 0


def read_credentials(path: Path) -> tuple[str, str]:
    """Return the name and the password that stand in a file.

    Raises:
        ConfigurationError: they do not.
    """
    try:
        with path.open("rb") as file:
            line = file.read(CREDENTIALS_MAX).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    name, colon, password = line.partition(":")
    if not colon or not name or not password or "\n" in line:
        raise ConfigurationError(f"{path}: expected one line, user:password")
    return name, password


async def _run(settings: Settings, master: tuple[str, str] | None, *, verbose: bool) -> tuple[int, int]:
    from folkmoot.server.background import filters_of
    from folkmoot.server.rooms import open_rooms

    async with open_database(settings):  # brings its tables up to date
        pass
    looked_at = failed = 0
    async with open_rooms(settings) as rooms:
        filters = filters_of(rooms)
        async for principal in _with_vacation(rooms.database):
            looked_at += 1
            if verbose:
                click.echo(header_text(principal))
            try:
                credentials = None
                if master is not None:
                    person = await rooms.mail.person(principal)
                    credentials = Master(rooms.mail.login_name(person), *master)
                await filters.refresh(Caller(principal), credentials)
            except FolkmootError as error:
                failed += 1
                click.echo(f"{header_text(principal)}: {header_text(str(error))}", err=True)
    return looked_at, failed


async def _with_vacation(database: Database) -> AsyncIterator[PrincipalId]:
    from folkmoot.mailboxes.filters import has_dated_vacation
    from folkmoot.store import profiles

    last = PrincipalId("")
    while found := await database.read(partial(profiles.list_after, principal=last)):
        for profile in found:
            if has_dated_vacation(profile):
                yield profile.principal
        last = found[-1].principal
