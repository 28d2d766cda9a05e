"""The words of mails, a catalogue a language; what a language lacks is English."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from importlib.resources import files
from typing import Final

from babel import Locale

FALLBACK: Final = "en"
# SOGo's names of languages, old ones included, that have a catalogue: code of it, and of dates and times.
LANGUAGES: Final[Mapping[str, tuple[str, str]]] = {
    "English": ("en", "en_GB"),
    "German": ("de", "de"),
    "French": ("fr", "fr"),
    "Spanish": ("es", "es"),
    "SpanishSpain": ("es", "es_ES"),
    "SpanishArgentina": ("es", "es_AR"),
}
_AMERICAN: Final = ("America/", "US/", "Pacific/Honolulu")


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language, and how it writes dates and times."""

    language: str  # code of the catalogue
    locale: Locale
    _texts: Mapping[str, str]

    def text(self, key: str, /, **values: object) -> str:
        """Return the words for ``section.name`` with the values filled in."""
        return self._texts[key].format(**values)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a mail is written for."""

    words: Words
    zone: tzinfo | None = None  # None: not known, so times are told in the zone of what they are about


def words_for(language: str, zone: str = "") -> Words:
    """Return the words for SOGo's name of a language; ``zone`` tells American from other English."""
    code, locale = LANGUAGES.get(language, LANGUAGES["English"])
    if code == FALLBACK and zone.startswith(_AMERICAN):
        locale = "en_US"
    return Words(code, Locale.parse(locale), _catalogue(code))


@cache
def _catalogue(code: str) -> Mapping[str, str]:
    text = files("folkmoot.mail").joinpath("catalogues", f"{code}.toml").read_text(encoding="utf-8")
    own = {
        f"{section}.{name}": value for section, names in tomllib.loads(text).items() for name, value in names.items()
    }
    return own if code == FALLBACK else {**_catalogue(FALLBACK), **own}
