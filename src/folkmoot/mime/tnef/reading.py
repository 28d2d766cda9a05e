"""A TNEF stream as values."""

from typing import Final

from msgspec import Struct

from folkmoot.core.errors import FolkmootError, TooLarge
from folkmoot.mime.charsets import to_text
from folkmoot.mime.tnef import stream
from folkmoot.mime.tnef.cursor import Cursor
from folkmoot.mime.tnef.meeting import Calendar, meeting_of
from folkmoot.mime.tnef.properties import NOTHING, Properties, read_properties, read_rows
from folkmoot.mime.tnef.rtf import decompress
from folkmoot.mime.tnef.rtf_text import read_rtf
from folkmoot.mime.tnef.stream import Attribute, read_attributes

OCTETS_MAX: Final = 100_000_000  # of a stream; mail servers take a third of it
FILES_MAX: Final = 500
NESTING_MAX: Final = 4  # messages within each other; deeper ones are left out
_OBJECT_ID: Final = 16  # octets that say what an object is, before it
_DEFAULT_CHARSET: Final = "windows-1252"

_SUBJECT: Final = 0x0037
_CLASS: Final = 0x001A
_BODY: Final = 0x1000
_RTF: Final = 0x1009
_HTML: Final = 0x1013
_CODE_PAGE: Final = 0x3FDE
_LONG_NAME: Final = 0x3707
_SHORT_NAME: Final = 0x3704
_DISPLAY_NAME: Final = 0x3001
_TYPE: Final = 0x370E
_CID: Final = 0x3712
_OBJECT: Final = 0x3701


class TnefFile(Struct, frozen=True):
    """A file."""

    name: str  # as the sender wrote it: not safe to use
    content_type: str  # "" if not told
    content: bytes
    cid: str = ""  # without angle brackets; "" if the text does not show it


class Tnef(Struct, frozen=True):
    """A message of Outlook's."""

    message_class: str
    subject: str
    text: str
    html: str
    files: tuple[TnefFile, ...] = ()
    messages: tuple["Tnef", ...] = ()
    calendar: Calendar | None = None


class _Attachment:
    def __init__(self) -> None:
        self.title = ""
        self.content = b""
        self.properties = NOTHING


def is_tnef(octets: bytes) -> bool:
    """Return whether octets begin as a TNEF stream does."""
    return octets.startswith(stream.SIGNATURE)


def read_tnef(octets: bytes) -> Tnef:
    """Take a stream apart; what is damaged or too deep is left out.

    Raises:
        MalformedInput: this is no TNEF.
        TooLarge: the stream has more than ``OCTETS_MAX`` octets.
    """
    if len(octets) > OCTETS_MAX:
        raise TooLarge(f"a winmail.dat of more than {OCTETS_MAX} octets")
    return _read(octets, NESTING_MAX)


def _read(octets: bytes, depth: int) -> Tnef:
    reader = _Reader()
    for attribute in read_attributes(octets):
        reader.take(attribute)
    return reader.finish(depth)


class _Reader:
    def __init__(self) -> None:
        self._charset = _DEFAULT_CHARSET
        self._class = self._subject = self._text = ""
        self._properties = NOTHING
        self._recipients: list[Properties] = []
        self._attachments: list[_Attachment] = []

    def take(self, attribute: Attribute) -> None:
        try:
            self._take(attribute)
        except FolkmootError:
            return  # a damaged attribute is as none

    def _take(self, attribute: Attribute) -> None:
        content = attribute.content
        match attribute.level, attribute.id:
            case stream.MESSAGE, stream.CODE_PAGE:
                self._charset = _code_page(int.from_bytes(content[:4], "little"))
            case stream.MESSAGE, stream.MESSAGE_CLASS:
                self._class = _line(content, self._charset)
            case stream.MESSAGE, stream.SUBJECT:
                self._subject = _line(content, self._charset)
            case stream.MESSAGE, stream.BODY:
                self._text = to_text(content.rstrip(b"\0"), self._charset)
            case stream.MESSAGE, stream.MESSAGE_PROPERTIES:
                self._properties = _list(content, self._charset)
            case stream.MESSAGE, stream.RECIPIENTS:
                self._recipients = read_rows(content, self._charset)
            case stream.ATTACHMENT, stream.ATTACHMENT_BEGINS:
                if len(self._attachments) == FILES_MAX:
                    raise TooLarge("tnef: too many files")
                self._attachments.append(_Attachment())
            case stream.ATTACHMENT, number if self._attachments:
                self._take_file(self._attachments[-1], number, content)
            case _:
                pass

    def _take_file(self, attachment: _Attachment, number: int, content: bytes) -> None:
        match number:
            case stream.ATTACHMENT_TITLE:
                attachment.title = _line(content, self._charset)
            case stream.ATTACHMENT_CONTENT:
                attachment.content = content
            case stream.ATTACHMENT_PROPERTIES:
                attachment.properties = _list(content, self._charset)
            case _:
                pass

    def finish(self, depth: int) -> Tnef:
        files, messages = [], []
        for attachment in self._attachments:
            held = attachment.properties.octets(_OBJECT)[_OBJECT_ID:]
            if is_tnef(held):
                if depth > 1:
                    messages.append(_read(held, depth - 1))
                continue
            if attachment.content or attachment.title or attachment.properties.text(_LONG_NAME):
                files.append(_file(attachment))
        text, html = self._body()
        subject = self._subject or self._properties.text(_SUBJECT)
        message_class = self._class or self._properties.text(_CLASS)
        calendar = meeting_of(message_class, self._properties, self._recipients, subject=subject, text=text)
        return Tnef(message_class, subject, text, html, tuple(files), tuple(messages), calendar)

    def _body(self) -> tuple[str, str]:
        properties = self._properties
        charset = _code_page(properties.number(_CODE_PAGE) or 0) if properties.number(_CODE_PAGE) else self._charset
        html = properties.text(_HTML) or to_text(properties.octets(_HTML), charset)
        text = self._text or properties.text(_BODY)
        rtf = properties.octets(_RTF)
        if rtf and not html:
            try:
                read = read_rtf(decompress(rtf))
            except FolkmootError:
                return text, html
            return text or read.text, read.html
        return text, html


def _file(attachment: _Attachment) -> TnefFile:
    properties = attachment.properties
    name = properties.text(_LONG_NAME) or attachment.title or properties.text(_DISPLAY_NAME, _SHORT_NAME)
    return TnefFile(
        name=name,
        content_type=properties.text(_TYPE).strip().lower(),
        content=attachment.content or properties.octets(_OBJECT),
        cid=properties.text(_CID).strip().strip("<>"),
    )


def _list(content: bytes, charset: str) -> Properties:
    return read_properties(Cursor(content), charset)


def _line(content: bytes, charset: str) -> str:
    return to_text(content.partition(b"\0")[0], charset).strip()


def _code_page(number: int) -> str:
    known = {
        65001: "utf-8",
        20127: "us-ascii",
        932: "shift_jis",
        936: "gbk",
        949: "euc-kr",
        950: "big5",
        28591: "iso-8859-1",
    }
    if number in known:
        return known[number]
    return f"windows-{number}" if 1250 <= number <= 1258 or number == 874 else _DEFAULT_CHARSET  # noqa: PLR2004
