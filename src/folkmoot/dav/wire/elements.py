"""What the bodies of reports have in common: the one child, counts, references, yes and no."""

from collections.abc import Sequence
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.wire.names import DAV, clark
from folkmoot.dav.wire.xml import Element, children, own_text

HREFS_MAX: Final = 50_000  # of one multiget; DAVx5 asks for 30 at a time, scripts for whole calendars
_NUMBER_DIGITS_MAX: Final = 9  # of a limit; more results than fit are never asked for in earnest
_HREF: Final = clark(DAV, "href")


def only_child(element: Element, name: str) -> Element | None:
    """Return the child of this Clark name, None if there is none.

    Raises:
        MalformedInput: there are several.
    """
    found = children(element, name)
    if len(found) > 1:
        raise MalformedInput(f"xml: more than one {name}")
    return found[0] if found else None


def hrefs(element: Element) -> list[str]:
    """Return the text of the DAV:href children, as written.

    Raises:
        TooLarge: more than any report may name.
    """
    found = [own_text(child) for child in children(element, _HREF)]
    if len(found) > HREFS_MAX:
        raise TooLarge(f"a report names at most {HREFS_MAX} hrefs")
    return found


def limit(element: Element, namespace: str) -> int | None:
    """Return the nresults of a limit child in this namespace, None if there is none (RFC 5323 section 5.17).

    Raises:
        MalformedInput: it is no positive number.
    """
    found = only_child(element, clark(namespace, "limit"))
    if found is None:
        return None
    count = only_child(found, clark(namespace, "nresults"))
    text = own_text(count) if count is not None else ""
    if not (text.isascii() and text.isdecimal()) or not text.strip("0"):
        raise MalformedInput("limit: nresults is a positive number")
    return int(text) if len(text) <= _NUMBER_DIGITS_MAX else None


def yes_or_no(element: Element, attribute: str) -> bool:
    """Return whether an attribute says "yes"; "no" and absence do not.

    Raises:
        MalformedInput: it says something else.
    """
    return one_of(element, attribute, ("no", "yes")) == "yes"


def one_of(element: Element, attribute: str, allowed: Sequence[str]) -> str:
    """Return an attribute's value, the first of ``allowed`` if it is absent.

    Raises:
        MalformedInput: it is not among them.
    """
    value = element.get(attribute, allowed[0])
    if value not in allowed:
        raise MalformedInput(f"xml: {attribute} is one of {', '.join(allowed)}")
    return value


def required(element: Element, attribute: str) -> str:
    """Return an attribute that must be there and not be empty.

    Raises:
        MalformedInput: it is not.
    """
    value = element.get(attribute)
    if not value:
        raise MalformedInput(f"xml: {element.tag} needs the attribute {attribute}")
    return value
