"""What every command needs first: the settings as this invocation finds them, and the database they name."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from folkmoot.config.load import load, standard_files
from folkmoot.config.settings import Settings
from folkmoot.stack.applying import as_served

if TYPE_CHECKING:
    from folkmoot.database import Database


@dataclass(frozen=True, slots=True)
class Invocation:
    """Where this run of the program takes its settings from."""

    files: Sequence[Path] = ()  # named with --config, strongest first; empty: SOGo's places
    overrides: Sequence[str] = ()  # -Key value pairs

    def settings(self) -> Settings:
        """Load the settings, anew at each call.

        Raises:
            ConfigurationError: the server cannot start with them.
        """
        home = os.environ.get("HOME")
        files = self.files or standard_files(Path(home) if home else None)
        return load(self.overrides, os.environ, files)


def load_settings(ctx: click.Context) -> Settings:
    """Return the settings of the running command; embedded mail is where the server has put it.

    Raises:
        ConfigurationError: the server could not start with them.
    """
    invocation = ctx.find_object(Invocation)
    return as_served((invocation or Invocation()).settings())


@asynccontextmanager
async def open_database(settings: Settings) -> "AsyncIterator[Database]":
    """Open Folkmoot's own database with its tables up to date, and close it at the end.

    Raises:
        ConfigurationError: the settings name no usable database.
        Unavailable: it does not answer.
    """
    from folkmoot.database import migrate
    from folkmoot.server.database_place import open_own_database

    async with await open_own_database(settings) as database:
        await migrate(database)
        yield database
