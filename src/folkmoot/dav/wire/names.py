"""XML namespaces of the DAV family, and the prefixes every answer declares on its root element."""

from typing import Final
from xml.sax.saxutils import quoteattr

DAV: Final = "DAV:"
CALDAV: Final = "urn:ietf:params:xml:ns:caldav"
CARDDAV: Final = "urn:ietf:params:xml:ns:carddav"
CALENDARSERVER: Final = "http://calendarserver.org/ns/"
APPLE: Final = "http://apple.com/ns/ical/"
INVERSE: Final = "urn:inverse:params:xml:ns:inverse-dav"
GROUPDAV: Final = "http://groupdav.org/"

PREFIXES: Final = {
    DAV: "D",
    CALDAV: "C",
    CARDDAV: "CR",
    CALENDARSERVER: "CS",
    APPLE: "A",
    INVERSE: "I",
    GROUPDAV: "G",
}
DECLARATIONS: Final = " ".join(f'xmlns:{prefix}="{uri}"' for uri, prefix in PREFIXES.items())


def clark(namespace: str, local: str) -> str:
    """Return the Clark name, "{namespace}local"."""
    return f"{{{namespace}}}{local}"


def split_clark(name: str) -> tuple[str, str]:
    """Return (namespace, local name); the namespace is empty for a name without one."""
    if name.startswith("{"):
        namespace, _, local = name[1:].partition("}")
        return namespace, local
    return "", name


def empty_element(name: str) -> str:
    """Return the empty element of a Clark name, with our prefix or with its own declaration."""
    namespace, local = split_clark(name)
    prefix = PREFIXES.get(namespace)
    if prefix is not None:
        return f"<{prefix}:{local}/>"
    return f"<X:{local} xmlns:X={quoteattr(namespace)}/>" if namespace else f'<{local} xmlns=""/>'


def element(name: str, content: str) -> str:
    """Return the element of a Clark name in one of our namespaces around ready XML text."""
    namespace, local = split_clark(name)
    tag = f"{PREFIXES[namespace]}:{local}"
    return f"<{tag}>{content}</{tag}>" if content else f"<{tag}/>"
