"""Octets of mail to text: by the label the sender gave, by the user's choice, or by guessing.

Labels are those of the WHATWG Encoding standard, as browsers read them (``iso-8859-1`` is windows-1252), and those that
only mail has.  Decoding never fails.  The text is not yet safe to show: HTML in UTF-7 is HTML.
"""

import codecs
import re
from functools import lru_cache
from typing import Final

import webencodings

from folkmoot.mime import iso2022jp

LABEL_MAX: Final = 60  # characters; the longest registered name has 45
SAMPLE_OCTETS: Final = 4096  # looked at when guessing; more changes the guess rarely and costs milliseconds
SHORT_OCTETS: Final = 24  # too little for statistics
FALLBACK: Final = "windows-1252"  # most of what names nothing and is not UTF-8
JAPANESE: Final = "iso-2022-jp"

# What mail names and the standard does not, or reads differently (RFC 1922, RFC 1557, RFC 1345, vendors).
_OF_MAIL: Final = {
    "ansi_x3.4-1968": "ascii",
    "ascii": "ascii",
    "us-ascii": "ascii",
    "646": "ascii",
    "iso646-us": "ascii",
    "iso-10646-ucs-2": "utf-16-be",
    "ucs-2": "utf-16-be",
    "utf-16": "utf-16",
    "utf-16be": "utf-16-be",
    "utf-16le": "utf-16-le",
    "utf-32": "utf-32",
    "utf-32be": "utf-32-be",
    "utf-32le": "utf-32-le",
    "utf-7": "utf-7",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "unicode-2-0-utf-8": "utf-8",
    "x-unicode-2-0-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "cp65001": "utf-8",
    "iso-2022-jp-ms": JAPANESE,
    "iso-2022-jp-1": JAPANESE,
    "iso-2022-jp-2": "iso2022_jp_2",
    "iso-2022-jp-3": "iso2022_jp_3",
    "iso-2022-jp-2004": "iso2022_jp_2004",
    "cp50220": JAPANESE,
    "cp50221": JAPANESE,
    "cp50222": JAPANESE,
    "iso-2022-kr": "iso2022_kr",
    "csiso2022kr": "iso2022_kr",
    "hz-gb-2312": "hz",
    "hz": "hz",
    "cp932": "cp932",
    "shift-jis": "cp932",
    "cp936": "gb18030",
    "gb2312-80": "gb18030",
    "cp949": "cp949",
    "uhc": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "ksc_5601-1987": "cp949",
    "ks_c_5601-1992": "cp949",
    "johab": "johab",
    "cp950": "cp950",
    "iso-8859-8-e": "iso8859_8",
    "iso-8859-6-e": "iso8859_6",
    "iso-8859-6-i": "iso8859_6",
    "latin-1": "windows-1252",
    "latin9": "iso8859_15",
    "latin-9": "iso8859_15",
    "tis620": "cp874",
    "x-mac-ce": "mac_latin2",
    "x-mac-centraleurroman": "mac_latin2",
    "x-mac-greek": "mac_greek",
    "x-mac-turkish": "mac_turkish",
}
# Better than the codec that has the standard's name.
_BETTER: Final = {
    "gb18030": "gb18030",
    "gbk": "gb18030",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "iso-2022-jp": JAPANESE,
    "iso-8859-8-i": "iso8859_8",
    "x-user-defined": "",
    "replacement": "",
}
_PYTHONS: Final = re.compile(
    r"(?:cp|ibm)-?0?(?:437|7[37][57]|85[0-8]|86[0-69]|100[67]|1125|1140|37|500|1026)|iso[-_]?8859[-_]?1?[0-9]|koi8[-_][rtu]|"
    r"hp[-_]roman8|kz[-_]?1048|ptcp154|mac[-_](?:roman|latin2|greek|turkish|iceland|cyrillic|croatian|romanian)"
)
_ASKS_FOR_A_GUESS: Final = frozenset(
    {"", "ascii", "unknown", "unknown-8bit", "x-unknown", "default", "default_charset", "_autodetect", "auto", "none"}
)
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ISO_2022_JP: Final = re.compile(rb"\x1b(?:\$[@B]|\$\(D|\([JI])")
_ISO_2022_KR: Final = b"\x1b$)C"
# Fewer sets are guessed better: short Chinese looks like Thai.
_GUESSED: Final = (
    *("cp1252", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
)
_SIGNS: Final = "«»„“”‚‘’–—…•€£§°©®\u00a0"  # noqa: RUF001 - which look like others
# What the languages of windows-1252 write beyond ASCII.  Statistics take short French for Slovak.
_WESTERN: Final = tuple(
    frozenset(letters + letters.upper() + _SIGNS)
    for letters in (
        "äöüß",
        "àâæçèéêëîïôœùûüÿ",
        "áéíñóúü¿¡ºª",
        "àèéìíîòóùú",
        "ãáâàçéêíõóôúüºª",
        "åäöæøéü",
        "áæðéíóöþúý",
        "áéèëïíóöúü",
        "àçèéíïóòúü·",
    )
)


@lru_cache(maxsize=512)
def codec_of(label: str) -> str:
    """Return the name of the codec for a label; empty if the label is unknown or asks for a guess."""
    name = label[: 2 * LABEL_MAX].strip(" \t\r\n\"'<>;").lower()
    name = name.removeprefix("charset=").strip("\"'")[:LABEL_MAX]
    if name.startswith("x-") and name[2:] in _OF_MAIL:
        name = name[2:]
    codec = _OF_MAIL.get(name) or _OF_MAIL.get(name.replace("_", "-"))
    if codec is not None:
        return codec
    found = webencodings.lookup(name) or webencodings.lookup(name.replace("_", "-"))
    if found is None and name.startswith("cp-"):
        found = webencodings.lookup("cp" + name[3:])
    if found is not None:
        return _BETTER.get(found.name, str(found.codec_info.name))
    return name if _PYTHONS.fullmatch(name) and _is_codec(name) else ""


def to_text(octets: bytes, label: str, override: str | None = None) -> str:
    """Return the text of octets that are labelled so; ``override`` is the user's choice, which beats label and marks.

    What cannot be decoded becomes U+FFFD; a byte order mark is taken away.
    """
    chosen = codec_of(override) if override else ""
    if chosen:
        return _decode(octets, chosen).removeprefix("\ufeff")
    for mark, codec in _BOMS:
        if octets.startswith(mark):
            return octets[len(mark) :].decode(codec, "replace")
    if label.strip().lower() in _ASKS_FOR_A_GUESS:
        return _decode(octets, detect(octets))
    codec = codec_of(label)
    if codec in {"", "ascii"}:
        return _decode(octets, detect(octets))
    if codec == "utf-8":
        return _utf8(octets)
    return _decode(octets, codec)


def detect(octets: bytes) -> str:
    """Guess a codec from the octets alone."""
    if octets.isascii():
        if b"\x1b" in octets:
            if _ISO_2022_JP.search(octets):
                return JAPANESE
            if _ISO_2022_KR in octets:
                return "iso2022_kr"
        return _wide(octets) or "ascii"
    if _is_utf8(octets):
        return "utf-8"
    return _wide(octets) or _statistics(_sample(octets))


def _decode(octets: bytes, codec: str) -> str:
    if codec == JAPANESE:
        return iso2022jp.decode(octets)
    if codec == "utf-16" and not octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codec = _wide(octets) or "utf-16-be"  # RFC 2781 section 4.3
    try:
        text = octets.decode(codec, "replace")
    except (UnicodeError, ValueError):  # some codecs fail whatever they are told
        text = octets.decode("latin-1")
    # Surrogates come out of UTF-7 and UTF-16, and cannot be written again.
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _utf8(octets: bytes) -> str:
    """Decode what calls itself UTF-8: believe it, unless there is more that is not than that is."""
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text[:SAMPLE_OCTETS] if character > "\x7f" and character != "\ufffd")
    if wrong > right:
        guess = detect(octets)
        return _decode(octets, guess) if guess != "utf-8" else text
    return text


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError as error:
        # The end may be cut in the middle of a character, if there are whole ones before.
        return error.reason == "unexpected end of data" and not octets[: error.start].isascii()
    return True


def _wide(octets: bytes) -> str:
    """Return which UTF-16 it is, told by the zeros of Latin text; empty if none."""
    sample = octets[:SAMPLE_OCTETS]
    zeros = sample.count(0)
    if zeros * 3 < len(sample) or len(sample) < 4:  # noqa: PLR2004
        return ""
    even = sample[0::2].count(0)
    return "utf-16-be" if even * 2 > zeros else "utf-16-le"


def _sample(octets: bytes) -> bytes:
    """Return a piece that begins shortly before the first octet beyond ASCII."""
    for position, octet in enumerate(octets):
        if octet > 0x7F:  # noqa: PLR2004
            start = max(0, position - 64)
            return octets[start : start + SAMPLE_OCTETS]
    return octets[:SAMPLE_OCTETS]


@lru_cache(maxsize=256)
def _statistics(sample: bytes) -> str:
    if len(sample) < SHORT_OCTETS or _is_western(sample):
        return FALLBACK
    from charset_normalizer import from_bytes  # loaded when first needed: 20 ms

    best = from_bytes(sample, steps=2, chunk_size=256, cp_isolation=list(_GUESSED), preemptive_behaviour=False).best()
    return best.encoding if best is not None and _is_codec(best.encoding) else FALLBACK


def _is_western(sample: bytes) -> bool:
    """Return whether this makes sense in windows-1252: all letters beyond ASCII belong to one language."""
    written = {character for character in sample.decode(FALLBACK, "replace") if character > "\x7f"}
    return any(written <= letters for letters in _WESTERN)


def _is_codec(name: str) -> bool:
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True
