"""Bodies of PROPFIND, PROPPATCH and LOCK (RFC 4918 section 14)."""

from dataclasses import dataclass
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.dav.wire.xml import Element, children, xml_text

PROPERTIES_MAX: Final = 1_000  # named in one request; Apple's longest list has about 60

ALLPROP: Final = "{DAV:}allprop"
INCLUDE: Final = "{DAV:}include"
PROP: Final = "{DAV:}prop"
PROPNAME: Final = "{DAV:}propname"


@dataclass(frozen=True, slots=True)
class Propfind:
    """What a PROPFIND asks for; with ``everything`` the names are those of DAV:include."""

    names: tuple[str, ...] = ()
    everything: bool = False
    names_only: bool = False


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One step of a PROPPATCH; ``element`` is None where the property is to be removed."""

    name: str
    element: Element | None


@dataclass(frozen=True, slots=True)
class LockInfo:
    """What a LOCK asks for; ``owner_xml`` is DAV:owner as the client sent it, or empty."""

    exclusive: bool
    owner_xml: str


def property_names(container: Element) -> tuple[str, ...]:
    """Return the Clark names of a DAV:prop or DAV:include element's children, each once.

    Raises:
        TooLarge: more than anybody needs.
    """
    if len(container) > PROPERTIES_MAX:
        raise TooLarge(f"at most {PROPERTIES_MAX} properties in one request")
    return tuple(dict.fromkeys(str(child.tag) for child in container))


def parse_propfind(root: Element | None) -> Propfind:
    """Return what a PROPFIND body asks for; no body means allprop.

    Raises:
        MalformedInput: another document, or none of the three forms.
        TooLarge: too many names.
    """
    if root is None:
        return Propfind(everything=True)
    if root.tag != "{DAV:}propfind":
        raise MalformedInput("the body of a PROPFIND is a DAV:propfind")
    forms = [child for child in root if child.tag in {ALLPROP, PROP, PROPNAME}]
    if len(forms) != 1:
        raise MalformedInput("DAV:propfind holds one of DAV:prop, DAV:allprop and DAV:propname")
    if forms[0].tag == PROP:
        return Propfind(property_names(forms[0]))
    if forms[0].tag == PROPNAME:
        return Propfind(names_only=True)
    include = [name for child in children(root, INCLUDE) for name in property_names(child)]
    return Propfind(tuple(include), everything=True)


def parse_changes(root: Element, document: str) -> tuple[PropertyChange, ...]:
    """Return the DAV:set and DAV:remove steps of ``document`` (propertyupdate, mkcol, mkcalendar) in their order.

    Raises:
        MalformedInput: another document.
        TooLarge: too many steps.
    """
    if root.tag != document:
        raise MalformedInput(f"the body is no {document}")
    changes: list[PropertyChange] = []
    for step in root:
        if step.tag not in {"{DAV:}set", "{DAV:}remove"}:
            continue
        for prop in children(step, PROP):
            changes += [PropertyChange(str(child.tag), child if step.tag == "{DAV:}set" else None) for child in prop]
    if len(changes) > PROPERTIES_MAX:
        raise TooLarge(f"at most {PROPERTIES_MAX} properties in one request")
    return tuple(changes)


def parse_proppatch(root: Element | None) -> tuple[PropertyChange, ...]:
    """Return the steps of a PROPPATCH.

    Raises:
        MalformedInput: no body, another document, or no step at all.
        TooLarge: too many steps.
    """
    changes = () if root is None else parse_changes(root, "{DAV:}propertyupdate")
    if not changes:
        raise MalformedInput("a PROPPATCH names at least one property")
    return changes


def parse_lockinfo(root: Element | None) -> LockInfo | None:
    """Return what a LOCK asks for; None for an empty body, which refreshes.

    Raises:
        MalformedInput: another document, or no write lock of a known scope.
    """
    if root is None:
        return None
    if root.tag != "{DAV:}lockinfo":
        raise MalformedInput("the body of a LOCK is a DAV:lockinfo")
    scopes = {str(child.tag) for scope in children(root, "{DAV:}lockscope") for child in scope}
    types = {str(child.tag) for kind in children(root, "{DAV:}locktype") for child in kind}
    if types != {"{DAV:}write"} or scopes not in ({"{DAV:}exclusive"}, {"{DAV:}shared"}):
        raise MalformedInput("a lock is a write lock, exclusive or shared")
    owners = children(root, "{DAV:}owner")
    return LockInfo("{DAV:}exclusive" in scopes, xml_text(owners[0]) if owners else "")
