"""XML bodies of requests, parsed with hostile peers in mind; text made fit for XML answers."""

import re
from itertools import islice
from typing import Final

from lxml import etree
from lxml.etree import _Element as Element

from folkmoot.core.errors import MalformedInput, TooLarge

BODY_MAX: Final = 8 * 1024 * 1024  # octets; a multiget of 50,000 hrefs is half of it
ELEMENTS_MAX: Final = 200_000  # of one body, for the same multiget
DEPTH_MAX: Final = 100  # open elements; the deepest real filter has about ten

__all__ = ["Element", "children", "escape", "inner_text", "own_text", "parse_body", "xml_text"]

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML 1.0 section 2.2
_MARKUP: Final = re.compile('[&<>"\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]')


def parse_body(body: bytes) -> Element | None:
    """Return the root element, or None for an empty body.

    Comments and processing instructions are dropped.

    Raises:
        MalformedInput: not well-formed, or with a DOCTYPE (entities are never needed in DAV).
        TooLarge: over the limits above.
    """
    if not body.strip():
        return None
    if len(body) > BODY_MAX:
        raise TooLarge(f"an XML body holds at most {BODY_MAX} octets")
    if b"<!DOCTYPE" in body:
        raise MalformedInput("xml: a DOCTYPE is not allowed")
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise MalformedInput(f"xml: {error}"[:200]) from None
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise MalformedInput("xml: a DOCTYPE is not allowed")
    _check_shape(root)
    return root


def _check_shape(root: Element) -> None:
    if sum(1 for _ in islice(root.iter(), DEPTH_MAX)) < DEPTH_MAX:  # the usual body: too few elements to be deep
        return
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        count += 1
        if depth > DEPTH_MAX or count > ELEMENTS_MAX:
            raise TooLarge(f"xml: at most {DEPTH_MAX} open elements, {ELEMENTS_MAX} in all")


def children(element: Element, name: str) -> list[Element]:
    """Return the child elements of this Clark name."""
    return [child for child in element if child.tag == name]


def own_text(element: Element) -> str:
    """Return the text directly inside an element, without its children's, blanks around it removed."""
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


def inner_text(element: Element) -> str:
    """Return all text below an element, as it stands."""
    return "".join(str(text) for text in element.itertext())


def xml_text(element: Element) -> str:
    """Return an element as XML text that can stand anywhere: namespaces and xml:lang of its surroundings included."""
    lang_name = "{http://www.w3.org/XML/1998/namespace}lang"
    alone = etree.fromstring(etree.tostring(element, encoding="utf-8", with_tail=False))
    if lang_name not in alone.attrib:
        for ancestor in element.iterancestors():
            if lang_name in ancestor.attrib:
                alone.set(lang_name, ancestor.attrib[lang_name])
                break
    etree.cleanup_namespaces(alone)
    return etree.tostring(alone, encoding="unicode")


def _escaped(found: re.Match[str]) -> str:
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;"}.get(found[0], "\ufffd")


def escape(text: str) -> str:
    """Return text for use in elements and double-quoted attributes; what XML cannot carry becomes U+FFFD."""
    return _MARKUP.sub(_escaped, text)
