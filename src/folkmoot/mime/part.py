"""The structure of a message: a tree of parts, numbered as IMAP numbers them."""

from collections.abc import Iterator

from msgspec import Struct


class Part(Struct, frozen=True):
    """A body part: as BODYSTRUCTURE tells it (RFC 9051 section 7.5.2), or as read from the octets.

    ``path`` is IMAP's section number: "1" for a message that is no multipart, "2.1" for the first part within the
    second, "" for a multipart at the top.  Texts are as written, except that ``type``, ``subtype``, parameter names,
    ``encoding`` and ``disposition`` are lower case.  A part of ``message/rfc822`` has one child, the message's own top,
    whose path is that of the part itself if it is a multipart, and ``path.1`` if not (RFC 9051 section 6.4.5.1).
    """

    path: str
    type: str = "text"
    subtype: str = "plain"
    parameters: tuple[tuple[str, str], ...] = ()
    id: str = ""  # Content-ID, with its angle brackets
    description: str = ""
    encoding: str = "7bit"
    size: int = 0  # octets, encoded
    lines: int = 0
    disposition: str = ""  # "": none
    disposition_parameters: tuple[tuple[str, str], ...] = ()
    language: tuple[str, ...] = ()
    location: str = ""
    children: tuple["Part", ...] = ()

    @property
    def content_type(self) -> str:
        return f"{self.type}/{self.subtype}"

    @property
    def is_multipart(self) -> bool:
        return self.type == "multipart"

    def parameter(self, name: str) -> str:
        """Return a parameter of the content type as written; empty if there is none."""
        return next((value for key, value in self.parameters if key == name), "")

    def walk(self) -> Iterator["Part"]:
        """Yield this part and all below it, in order; not those of messages within."""
        pending = [self]
        while pending:
            part = pending.pop()
            yield part
            if part.content_type not in {"message/rfc822", "message/global"}:
                pending.extend(reversed(part.children))
