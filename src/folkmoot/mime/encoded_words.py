"""Encoded words in header fields (RFC 2047), read as generously as they are written."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Final

from folkmoot.mime.charsets import codec_of, to_text
from folkmoot.mime.content import decode_base64, decode_quoted_printable

# A charset, maybe a language (RFC 2231 section 5), an encoding.
_BEGIN: Final = re.compile(rb"=\?([^\s?*=]{1,60})(?:\*[^\s?]{0,40})?\?([bBqQ])\?")
_END: Final = b"?="
_UNFOLD: Final = re.compile(rb"\r?\n(?=[ \t])")
# What must not reach a line of a page: controls, line separators; and what changes the order of all that follows.
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ORDER: Final = re.compile("[\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")

_Word = tuple[str, bytes]  # charset ("": plain text), octets


def decode(octets: bytes) -> str:
    """Return the text of an unstructured header field, on one line; never fails.

    Words of one character set that follow each other are decoded together, as some writers cut characters in the
    middle.  Raw octets are UTF-8, or guessed.
    """
    if b"\n" in octets:
        octets = _UNFOLD.sub(b"", octets)
    if b"=?" not in octets:
        if octets.isascii():
            return one_line(octets.decode("ascii")) if b"\x1b" not in octets else one_line(to_text(octets, ""))
        return one_line(_raw(octets))
    return one_line("".join(_texts(octets)))


def one_line(text: str) -> str:
    """Return a text without what would break a line or turn the order of others around."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _ORDER.sub("", _CONTROLS.sub(" ", text)).strip()


def _texts(octets: bytes) -> Iterator[str]:
    for charset, run in groupby(_joined(octets), key=itemgetter(0)):
        yield _text(charset, b"".join(piece for _, piece in run))


def _joined(octets: bytes) -> Iterator[_Word]:
    """Yield words and what is between them, without the blanks that only separate two words."""
    blanks = b""
    after_word = False
    for label, piece in _words(octets):
        if label:
            if blanks and not after_word:
                yield "", blanks
            blanks, after_word = b"", True
            yield label, piece
        elif piece.strip():
            yield "", blanks + piece
            blanks, after_word = b"", False
        else:
            blanks += piece
    if blanks:
        yield "", blanks


def _words(octets: bytes) -> Iterator[_Word]:
    position = 0
    while begin := _BEGIN.search(octets, position):
        end = octets.find(_END, begin.end())
        if end < 0:
            break
        charset = begin[1].decode("ascii", "replace").lower()
        if not codec_of(charset) and not charset.startswith(("x-", "unknown")):
            yield "", octets[position : end + 2]  # as written: the reader may know what it is
        else:
            yield "", octets[position : begin.start()]
            encoded = octets[begin.end() : end]
            if begin[2] in b"bB":
                yield charset, decode_base64(encoded)
            else:
                yield charset, decode_quoted_printable(encoded.replace(b"_", b"=20").replace(b" ", b"=20"))
        position = end + 2
    yield "", octets[position:]


def _text(charset: str, octets: bytes) -> str:
    return to_text(octets, charset) if charset else _raw(octets)


@lru_cache(maxsize=256)
def _raw(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return to_text(octets, "")
