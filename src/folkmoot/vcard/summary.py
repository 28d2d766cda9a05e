"""What the store's index keeps of an address object."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import TooLarge
from folkmoot.vcard.birthday import date_of
from folkmoot.vcard.card import Card
from folkmoot.vcard.casemap import unicode_casemap
from folkmoot.vcard.dates import PartialDate
from folkmoot.vcard.names import display_name, kind
from folkmoot.vcard.values import structured_value, text_value

# Properties whose values stand in the search text; every instance has its line there.
INDEXED: Final = frozenset({"FN", "N", "NICKNAME", "EMAIL", "TEL", "ORG", "CATEGORIES"})
# Names and addresses of one card: twenty times one with a hundred of each.  Also what folding them may cost.
SEARCH_CHARS_MAX: Final = 200_000
TITLE_CHARS_MAX: Final = 255  # width of the column; longer names are cut in lists only

# A value is one line of the search text; PostgreSQL takes no NUL.  XML cannot carry what stands in their place, so
# no client's search text contains it.
_IN_ONE_LINE: Final = str.maketrans({"\n": "\x1f", "\r": "\x1f", "\x00": "\x1f"})


@dataclass(frozen=True, slots=True)
class Summary:
    """The facts of one card that lists and searches need.

    ``search`` has one line for each instance of an ``INDEXED`` property: its name, a colon, its value folded by
    i;unicode-casemap, such as ``FN:jane doe``.
    """

    uid: str
    component: str  # VCARD or VLIST
    title: str
    names: tuple[str, ...]  # FN, the parts of N, nicknames
    mails: tuple[str, ...]
    phones: tuple[str, ...]
    kind: str
    has_photo: bool
    birthday: PartialDate | None
    search: str


def summarize(card: Card) -> Summary:
    """Return the summary of a card.

    Raises:
        TooLarge: more than ``SEARCH_CHARS_MAX`` characters of names, addresses, phones, organizations and categories.
    """
    uid = ""
    names: list[str] = []
    mails: list[str] = []
    phones: list[str] = []
    birthday: PartialDate | None = None
    has_photo = False
    search: list[str] = []
    written = 0
    for line in card.properties:
        name = line.name
        if name in INDEXED:
            written += len(line.value)
            if written > SEARCH_CHARS_MAX:
                raise _too_large()
            text = text_value(line)
            search.append(f"{name}:{search_fold(text)}")
            text = text.strip()
            match name:
                case "EMAIL" if text:
                    mails.append(text)
                case "TEL" if text:
                    phones.append(text.removeprefix("tel:"))
                case "FN" | "NICKNAME" if text:
                    names.append(text)
                case "N":
                    names += [part for part in structured_value(line) if part]
        elif name == "UID":
            uid = uid or text_value(line).strip()
        elif name == "PHOTO":
            has_photo = has_photo or bool(line.value)
        elif name == "BDAY" and birthday is None:
            birthday = date_of(line)
    text = "\n".join(search)
    if len(text) > SEARCH_CHARS_MAX:
        raise _too_large()
    return Summary(
        uid=uid,
        component=card.component,
        title=display_name(card)[:TITLE_CHARS_MAX],
        names=tuple(dict.fromkeys(names)),
        mails=tuple(mails),
        phones=tuple(phones),
        kind=kind(card),
        has_photo=has_photo,
        birthday=birthday,
        search=text,
    )


def _too_large() -> TooLarge:
    return TooLarge(f"vCard: more than {SEARCH_CHARS_MAX} characters of names and addresses")


def search_fold(text: str) -> str:
    """Return text as it stands in the search text; of two texts one of which contains the other, so do the folds."""
    folded = unicode_casemap(text)
    return folded if folded.isprintable() else folded.translate(_IN_ONE_LINE)
