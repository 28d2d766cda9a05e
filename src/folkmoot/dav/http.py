"""One HTTP request and its answer, as the DAV face sees them; sockets and proxies are the server's business."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from folkmoot.core.caller import Caller


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body has been read whole, within the server's limits."""

    method: str  # upper case
    path: str  # below the DAV root, percent-decoded, "" or starting with "/", as the client wrote it
    query: str  # raw query string, without "?"
    headers: Mapping[str, str]  # names in lower case; repeated fields joined with ", "
    body: bytes
    caller: Caller  # ANONYMOUS where the server lets nobody in without a name
    prefix: str = "/SOGo/dav"  # URL path of the DAV root, without final slash
    origin: str = ""  # public scheme and authority, "https://mail.example.org"; never from an untrusted header
    client: str = ""  # the client's address, for logs

    def header(self, name: str) -> str:
        """Return a header's value, or the empty text; ``name`` in lower case."""
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers and the whole body; the server adds Content-Length, Date and the log line."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
