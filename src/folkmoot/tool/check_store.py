"""``folkmoot check-store``: whether the database keeps the store's promises."""

import asyncio
import sys

import click

from folkmoot.config.settings import Settings
from folkmoot.store.check import Fault
from folkmoot.store.check import check_store as check
from folkmoot.tool.environment import load_settings, open_database


@click.command("check-store")
@click.pass_context
def check_store(ctx: click.Context) -> None:
    """Check the consistency of what is stored; run it while nobody writes.

    Prints one line for each fault and leaves with status 1 if there are any.
    """
    faults = asyncio.run(_check(load_settings(ctx)))
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"{len(faults)} faults", err=True)
        sys.exit(1)
    click.echo("no faults")


async def _check(settings: Settings) -> list[Fault]:
    async with open_database(settings) as database:
        return await check(database)
