"""Doing something with the built-in user source, for the commands that manage it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from folkmoot.config.settings import Settings
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import ConfigurationError
from folkmoot.database import Database
from folkmoot.directory.local import LocalUserSource
from folkmoot.directory.opening import open_directory
from folkmoot.tool.environment import open_database

T = TypeVar("T")


def with_built_in(settings: Settings, work: Callable[[LocalUserSource, Database], Awaitable[T]]) -> T:
    """Do something with the built-in source.

    Raises:
        ConfigurationError: it is not in use.
    """

    async def run() -> T:
        async with open_database(settings) as database:
            opened = open_directory(settings, database, SystemClock())
            try:
                if opened.local is None:
                    raise ConfigurationError("people come from SOGoUserSources; manage them there")
                return await work(opened.local, database)
            finally:
                await opened.close()

    return asyncio.run(run())
