"""Where Folkmoot's own database is."""

from pathlib import Path
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.config.url import Dialect
from folkmoot.core.errors import ConfigurationError
from folkmoot.database import Database
from folkmoot.database.address import address, pool_size
from folkmoot.database.database import POOL_DEFAULT

DATABASE_FILE: Final = "folkmoot.sqlite"


async def open_own_database(settings: Settings) -> Database:
    """Open the database that the settings name, or the embedded one.

    Raises:
        ConfigurationError: it cannot be used like this.
        Unavailable: it does not answer.
    """
    url = settings.database.folkmoot_url or settings.database.folder_info_url
    if url is None or (url.dialect is Dialect.SQLITE and not url.database):
        return await Database.open(_embedded(settings))
    wanted = pool_size(url, settings.database) or POOL_DEFAULT
    return await Database.open(address(url.without_table(), settings.database), pool_size=wanted)


def _embedded(settings: Settings) -> str:
    directory = Path(settings.server.state_directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"FolkmootStateDirectory {directory}: {error.strerror}") from error
    return f"sqlite:///{directory.resolve() / DATABASE_FILE}"
