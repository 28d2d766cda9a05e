"""Ids: of address books, of stored cards, of what user sources show, and of pictures in cards.

``c`` and the number of a collection, ``o`` and the number of an object; ``d-`` with a source and ``e-`` with a source
and a principal in base64url; ``B`` with the number of an object and a digest of the picture's line.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import Final

from folkmoot.contentline import Line
from folkmoot.core.ids import CollectionId, ObjectId

ID_MAX: Final = 255  # RFC 8620 section 1.2
_BOOK: Final = re.compile(r"c([1-9][0-9]{0,17})\Z", re.ASCII)
_CARD: Final = re.compile(r"o([1-9][0-9]{0,15})\Z", re.ASCII)
_PHOTO: Final = re.compile(r"B([1-9][0-9]{0,15})-([0-9a-f]{24})\Z", re.ASCII)
_SOURCE, _PERSON = "d-", "e-"


def book_id(number: CollectionId) -> str:
    """Return the id of a stored address book."""
    return f"c{number}"


def book_of_id(text: str) -> CollectionId | None:
    """Return which stored address book an id names, None if it is no such id."""
    found = _BOOK.match(text)
    return CollectionId(int(found[1])) if found else None


def card_id(oid: ObjectId) -> str:
    """Return the id of a stored card."""
    return f"o{oid}"


def card_of_id(text: str) -> ObjectId | None:
    """Return which stored card an id names, None if it is no such id."""
    found = _CARD.match(text)
    return ObjectId(int(found[1])) if found else None


def source_id(source: str) -> str:
    """Return the id of a user source as an address book."""
    return _SOURCE + _encoded(source)


def source_of_id(text: str) -> str | None:
    """Return which user source an id names, None if it is no such id."""
    return _decoded(text[len(_SOURCE) :]) if text.startswith(_SOURCE) else None


def person_id(source: str, name: str) -> str | None:
    """Return the id of a user source's card; None if its name is too long for one."""
    text = _PERSON + _encoded(f"{source}\0{name}")
    return text if len(text) <= ID_MAX else None


def person_of_id(text: str) -> tuple[str, str] | None:
    """Return source and name of the card that an id names, None if it is no such id."""
    decoded = _decoded(text[len(_PERSON) :]) if text.startswith(_PERSON) else None
    source, separator, name = (decoded or "").partition("\0")
    return (source, name) if separator and source and name else None


def photo_id(oid: ObjectId, line: Line) -> str:
    """Return the blob id of the content that stands in a line of a card."""
    return f"B{oid}-{photo_digest(line)}"


def photo_of_id(text: str) -> tuple[ObjectId, str] | None:
    """Return the card and the digest that a blob id names, None if it is no such id."""
    found = _PHOTO.match(text)
    return (ObjectId(int(found[1])), found[2]) if found else None


def photo_digest(line: Line) -> str:
    """Return what tells the content of a line from any other."""
    return blake2b(line.value.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decoded(text: str) -> str | None:
    try:
        decoded = urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except ValueError:
        return None
    return decoded if decoded and _encoded(decoded) == text else None
