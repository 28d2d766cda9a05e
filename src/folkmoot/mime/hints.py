"""Hints that a message is not what it seems.  They are hints: shown, never acted upon."""

import re
import unicodedata
from html import unescape
from typing import Final

from msgspec import Struct

from folkmoot.mime import urls
from folkmoot.mime.headers import Headers

LINKS_MAX: Final = 2000  # looked at in one message
SHOWN_MAX: Final = 500  # characters of a link's text
_HREF: Final = re.compile(r'\shref="([^"]*)"')
_TAG: Final = re.compile(r"<[^>]*>")
HINTS_MAX: Final = 20  # told of one message
OTHER_HOST, MIXED_SCRIPTS, NAME_IS_ADDRESS, OTHER_REPLY, FORM, USER_IN_URL, NUMERIC_HOST = (
    "link-shows-other-host",
    "host-mixes-scripts",
    "name-shows-other-address",
    "reply-goes-elsewhere",
    "form-removed",
    "link-hides-host",
    "link-to-number",
)
_SHOWN_HOST: Final = re.compile(
    r"(?:https?://)?(?:[^\s/?#@]{1,100}@)?((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})(?=[/:?#\s]|\Z)"
)
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@((?:[\w-]{1,63}\.){1,8}[a-z]{2,24})", re.IGNORECASE)
_IPV4: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|0x[0-9a-f]+|\d{8,10}", re.IGNORECASE)
_LOOK_ALIKE: Final = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"})
_SECOND_LEVEL: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org", "ne", "go", "gob", "nom"})


class Hint(Struct, frozen=True):
    """What is odd, and where: ``shown`` is what the reader sees, ``real`` what is behind it."""

    kind: str
    shown: str = ""
    real: str = ""


def hints_of(headers: Headers, html: str, *, had_form: bool = False) -> tuple[Hint, ...]:
    """Return what is odd about a message, by its header and its safe HTML; each thing once."""
    found = _of_sender(headers)
    if had_form:
        found.append(Hint(FORM))
    for href, text in _links(html):
        found += _of_link(href, text)
    return tuple(dict.fromkeys(found))[:HINTS_MAX]


def _of_sender(headers: Headers) -> list[Hint]:
    found: list[Hint] = []
    senders = headers.addresses("from")
    if not senders:
        return found
    sender = senders[0]
    shown = _ADDRESS.search(sender.name)
    if shown and shown[0].lower() != sender.address.lower():
        found.append(Hint(NAME_IS_ADDRESS, shown[0], sender.address))
    domain = _domain(sender.address)
    if domain and mixes_scripts(domain):
        found.append(Hint(MIXED_SCRIPTS, _unicode(domain), domain))
    if not headers.get("list-id"):  # lists answer to themselves
        for reply in headers.addresses("reply-to")[:1]:
            there = _domain(reply.address)
            if there and domain and registered(there) != registered(domain):
                found.append(Hint(OTHER_REPLY, sender.address, reply.address))
    return found


def _of_link(href: str, text: str) -> list[Hint]:
    host = urls.host_of(href)
    if not host:
        return []
    found: list[Hint] = []
    shown = _SHOWN_HOST.match(text.strip().lower())
    if (
        shown
        and registered(shown[1].removeprefix("www.")) != registered(host.removeprefix("www."))
        and not _is_file(shown[1])
    ):
        found.append(Hint(OTHER_HOST, shown[1], host))
    if "@" in href.split("/", 3)[2]:
        found.append(Hint(USER_IN_URL, href.split("/", 3)[2].rpartition("@")[0], host))
    if mixes_scripts(host):
        found.append(Hint(MIXED_SCRIPTS, _unicode(host), host))
    if _IPV4.fullmatch(host):
        found.append(Hint(NUMERIC_HOST, text.strip()[:100], host))
    return found


def mixes_scripts(host: str) -> bool:
    """Whether a label of a host mixes scripts that look alike, or holds twins of Latin letters alone."""
    labels = _unicode(host).split(".")
    for label in labels:
        scripts = {_script(letter) for letter in label if letter.isalpha()}
        if len(scripts & _LOOK_ALIKE) > 1:
            return True
        latin_end = labels[-1].isascii() and not labels[-1].startswith("xn--")
        if (
            latin_end
            and scripts
            and scripts <= _LOOK_ALIKE - {"LATIN"}
            and all(map(_is_twin, filter(str.isalpha, label)))
        ):
            return True
    return False


def registered(host: str) -> str:
    """Return about what somebody registered of a host: its last two labels, or three below "co.uk" and the like."""
    labels = host.lower().strip(".").split(".")
    count = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2  # noqa: PLR2004
    return ".".join(labels[-count:])


# Letters that are drawn like Latin ones.
_TWINS: Final = frozenset("асеорхуіјѕһԁԛԝкмнтвзбгпαονρτυικχγ")


def _is_twin(letter: str) -> bool:
    return letter.lower() in _TWINS


def _is_file(host: str) -> bool:
    """Names of files look like hosts."""
    return host.rpartition(".")[2] in {
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "txt",
        "jpg",
        "png",
        "html",
        "htm",
    }


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _unicode(host: str) -> str:
    labels = []
    for label in host.split("."):
        try:
            labels.append(label[4:].encode("ascii").decode("punycode") if label.startswith("xn--") else label)
        except (UnicodeError, ValueError):
            labels.append(label)
    return ".".join(labels)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower() if "@" in address else ""


def _links(html: str) -> list[tuple[str, str]]:
    """Return what links of safe HTML lead to, and what they show; its tags hold no angle brackets."""
    found: list[tuple[str, str]] = []
    for piece in html.split("</a>", LINKS_MAX)[:LINKS_MAX]:
        begin = piece.rfind("<a ")
        end = piece.find(">", begin)
        href = _HREF.search(piece, begin, end) if 0 <= begin < end else None
        if href:
            shown = _TAG.sub("", piece[end + 1 :][: 4 * SHOWN_MAX])
            found.append((unescape(href[1]), unescape(shown[:SHOWN_MAX])))
    return found
