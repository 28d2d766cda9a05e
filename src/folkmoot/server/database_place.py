"""Where Folkmoot's own database is."""

from pathlib import Path
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.config.url import Dialect
from folkmoot.core.errors import ConfigurationError
from folkmoot.database.address import address

DATABASE_FILE: Final = "folkmoot.sqlite"


def database_address(settings: Settings) -> str:
    """Return the address of Folkmoot's own database.

    Raises:
        ConfigurationError: the state directory of the embedded database cannot be made.
    """
    url = settings.database.folkmoot_url or settings.database.folder_info_url
    if url is not None and not (url.dialect is Dialect.SQLITE and not url.database):
        return address(url.without_table())
    directory = Path(settings.server.state_directory)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"FolkmootStateDirectory {directory}: {error.strerror}") from error
    return f"sqlite:///{directory.resolve() / DATABASE_FILE}"
