"""The script that Dovecot runs: asks us who a recipient is, and tells us what happens to mailboxes."""

import re
from pathlib import Path
from typing import Final

from folkmoot.core.errors import ConfigurationError

_SAFE: Final = re.compile(r"[A-Za-z0-9_.:/\[\]-]+")
_SCRIPT: Final = Path(__file__).with_name("folkmoot.lua")


def script(url: str, secret: str) -> str:
    """Return the script with where we answer, and what it shows there.

    Raises:
        ConfigurationError: one of them has characters that we never give it.
    """
    for value in (url, secret):
        if not _SAFE.fullmatch(value):
            raise ConfigurationError("the address or the secret of the mail calls has odd characters")
    return f'local URL <const> = "{url}"\nlocal SECRET <const> = "{secret}"\n{_SCRIPT.read_text("utf-8")}'
