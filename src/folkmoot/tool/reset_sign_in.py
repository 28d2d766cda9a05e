"""``folkmoot reset-sign-in``: somebody has lost the second factor, or a device to somebody else."""

import asyncio
from functools import partial

import click

from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.opening import open_directory
from folkmoot.store import ways_in
from folkmoot.tool.environment import load_settings, open_database


@click.command("reset-sign-in")
@click.argument("login")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def reset_sign_in(ctx: click.Context, *, login: str, yes: bool) -> None:
    """End all sessions of LOGIN, and forget app passwords, second factors and passkeys.

    Make sure that it is really the owner who asks: afterwards the password alone signs in.
    """
    settings = load_settings(ctx)
    if not yes:
        click.confirm(f"Let the password alone sign {login} in?", abort=True)
    principal = asyncio.run(_reset(settings, login))
    click.echo(f"{principal} signs in with the password alone, everywhere anew.")


async def _reset(settings: Settings, login: str) -> PrincipalId:
    async with open_database(settings) as database:
        opened = open_directory(settings, database, SystemClock())
        try:
            person = await opened.directory.find_login(login)
        finally:
            await opened.close()
        if person is None:
            raise NotFound(f"there is nobody called {login}")
        await database.write(partial(ways_in.forget, principal=person.id, now=SystemClock().milliseconds()))
        return person.id
