"""RTF to HTML or to text.

Outlook hides the HTML of a message in RTF ([MS-OXRTFEX]): it comes out as it was.  Of other RTF the text is kept.
"""

import re
from typing import Final

from msgspec import Struct

from folkmoot.mime.charsets import to_text

TOKENS_MAX: Final = 5_000_000  # words, groups and pieces of text of one document
DEPTH_MAX: Final = 500  # groups within each other; Word nests some 30
_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,9})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\",
    re.DOTALL,
)
_LINES: Final = {b"par": "\n", b"line": "\n", b"row": "\n", b"sect": "\n", b"page": "\n", b"tab": "\t", b"cell": "\t"}
_SIGNS: Final = {
    b"lquote": "\u2018", b"rquote": "\u2019", b"ldblquote": "\u201c", b"rdblquote": "\u201d", b"bullet": "\u2022",
    b"endash": "\u2013", b"emdash": "\u2014", b"emspace": "\u2003", b"enspace": "\u2002",
}  # fmt: skip
_SYMBOLS: Final = {
    b"~": "\u00a0",
    b"_": "\u2011",
    b"-": "",
    b"\\": "\\",
    b"{": "{",
    b"}": "}",
    b"\n": "\n",
    b"\r": "\n",
}
_SILENT: Final = frozenset(
    (b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"object", b"header", b"footer", b"listtable",
     b"listoverridetable", b"rsidtbl", b"generator", b"themedata", b"datastore", b"latentstyles", b"fldinst",
     b"mhtmltag", b"pntext", b"xmlnstbl", b"nonshppict")
)  # fmt: skip
_FONT_CHARSETS: Final = {
    0: "windows-1252", 77: "macintosh", 128: "shift_jis", 129: "euc-kr", 134: "gbk", 136: "big5", 161: "windows-1253",
    162: "windows-1254", 163: "windows-1258", 177: "windows-1255", 178: "windows-1256", 186: "windows-1257",
    204: "windows-1251", 222: "windows-874", 238: "windows-1250",
}  # fmt: skip


class RtfText(Struct, frozen=True):
    """What an RTF document says: HTML if it hides some, else text."""

    html: str = ""
    text: str = ""


class _Group(Struct):
    silent: bool = False
    tag: bool = False  # within an htmltag group
    rtf_only: bool = False  # htmlrtf: for those who read RTF, not for the HTML
    skip: int = 1  # characters that stand for a Unicode one
    charset: str = ""


def read_rtf(octets: bytes) -> RtfText:
    """Return what a document says; what is damaged is left out."""
    reader = _Reader(hidden_html=b"\\fromhtml" in octets[:4096])
    for count, token in enumerate(_TOKEN.finditer(octets)):
        if count == TOKENS_MAX:
            break
        reader.take(token)
    text = reader.finish()
    return RtfText(html=text) if reader.hidden_html else RtfText(text=text.strip())


class _Reader:
    def __init__(self, *, hidden_html: bool) -> None:
        self.hidden_html = hidden_html
        self._charset = "windows-1252"
        self._fonts: dict[int, str] = {}
        self._font = 0
        self._groups: list[_Group] = []
        self._group = _Group()
        self._too_deep = 0
        self._starred = False
        self._in_fonts = False
        self._to_skip = 0
        self._out: list[str] = []
        self._octets = bytearray()  # of one character set, not yet text: characters may be several escapes

    def finish(self) -> str:
        self._flush()
        return "".join(self._out).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def take(self, token: re.Match[bytes]) -> None:
        word, argument, escaped, symbol, brace, text = token.groups()
        if brace:
            self._brace(opens=brace == b"{")
        elif word:
            self._word(word, None if argument is None else int(argument))
        elif escaped:
            self._put_octets(bytes((int(escaped, 16),)))
        elif symbol:
            if symbol == b"*":
                self._starred = True
            else:
                self._put(_SYMBOLS.get(symbol, ""))
        elif text:
            self._put_octets(text)

    def _brace(self, *, opens: bool) -> None:
        self._flush()
        self._starred = False
        self._to_skip = 0
        if opens:
            if len(self._groups) >= DEPTH_MAX:
                self._too_deep += 1
                return
            self._groups.append(self._group)
            group = self._group
            self._group = _Group(group.silent, group.tag, group.rtf_only, group.skip, group.charset)
        elif self._too_deep:
            self._too_deep -= 1
        elif self._groups:
            self._group = self._groups.pop()
            self._in_fonts = self._in_fonts and self._group.silent

    def _word(self, word: bytes, argument: int | None) -> None:
        group = self._group
        starred, self._starred = self._starred, False
        match word:
            case b"u" if argument is not None:
                self._put(chr(argument % 0x10000))
                self._to_skip = group.skip
            case b"uc":
                group.skip = min(max(argument or 0, 0), 8)
            case b"ansicpg":
                self._charset = _code_page(argument or 0)
            case b"f" | b"deff":
                self._font = argument or 0
                self._flush()
                group.charset = "" if self._in_fonts else self._fonts.get(self._font, "")
            case b"fcharset":
                self._fonts[self._font] = _FONT_CHARSETS.get(argument or 0, "") if argument else ""
            case b"htmltag":
                group.tag = True
                group.silent = False
            case b"htmlrtf":
                self._flush()
                group.rtf_only = argument != 0
            case _ if word in _SILENT:
                self._in_fonts = word == b"fonttbl"
                group.silent = True
            case _ if word in _LINES:
                self._put("\r\n" if self.hidden_html and word in {b"par", b"line"} else _LINES[word])
            case _ if word in _SIGNS:
                self._put(_SIGNS[word])
            case _:
                group.silent = group.silent or starred

    @property
    def _shown(self) -> bool:
        return not (self._group.silent or self._too_deep or (self.hidden_html and self._group.rtf_only))

    def _put(self, text: str) -> None:
        self._flush()
        if self._to_skip and text:
            self._to_skip -= 1
        elif self._shown:
            self._out.append(text)

    def _put_octets(self, octets: bytes) -> None:
        if self._to_skip:
            skipped, self._to_skip = min(self._to_skip, len(octets)), max(0, self._to_skip - len(octets))
            octets = octets[skipped:]
        if self._shown:
            self._octets += octets

    def _flush(self) -> None:
        if self._octets:
            charset = self._group.charset if not self._group.tag else ""
            self._out.append(to_text(bytes(self._octets), charset or self._charset))
            self._octets.clear()


def _code_page(number: int) -> str:
    known = {65001: "utf-8", 932: "shift_jis", 936: "gbk", 949: "euc-kr", 950: "big5", 10000: "macintosh"}
    return known.get(number, f"windows-{number}")
