"""What the web face takes and gives: requests and answers with JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

import msgspec

from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId

JSON_TYPE: Final = "application/json"
FIELDS_MAX: Final = 20  # of a query string


@dataclass(frozen=True, slots=True)
class Request:
    """One request, its body whole."""

    method: str
    path: str  # below /SOGo/, percent-decoded, without a slash at the start
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    client: str  # address, for the log of failed log-ins
    secure: bool  # the browser speaks https
    remote_user: str = ""  # whom a trusted proxy has signed in

    def header(self, name: str) -> str:
        """Return a header by its name in lower case, empty if it is missing."""
        return self.headers.get(name, "")

    def fields(self) -> Mapping[str, Sequence[str]]:
        """Return the fields of the query string.

        Raises:
            MalformedInput: there are too many.
        """
        try:
            return parse_qs(self.query, max_num_fields=FIELDS_MAX)
        except ValueError as error:
            raise MalformedInput("the query string has too many fields") from error

    def json(self) -> dict[str, object]:
        """Return the JSON object of the body, whatever type it is sent under: old clients name any.

        Raises:
            MalformedInput: it is no JSON object.
        """
        try:
            return msgspec.json.decode(self.body, type=dict[str, object])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MalformedInput("the body is no JSON object") from error


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of somebody known, about the person whom its path names."""

    request: Request
    caller: Caller
    user: PrincipalId
    rest: tuple[str, ...] = ()  # segments that the action's pattern leaves open


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, whole."""

    status: int
    headers: Sequence[tuple[str, str]] = field(default=())
    body: bytes = b""


def from_elsewhere(request: Request, public_url: str) -> bool:
    """Return whether a page of another host made the browser ask: the Origin header says so (RFC 6454 section 7).

    Nobody's page can make a browser name another host in the other headers, so what these say is our own.
    """
    origin = request.header("origin")
    if not origin:
        return False
    ours = {_host(name) for name in (request.header("host"), request.header("x-forwarded-host").split(",")[0])}
    ours.add(_host(public_url.partition("://")[2].partition("/")[0]))
    return _host(origin.partition("://")[2]) not in ours - {""}


def _host(name: str) -> str:
    """Return a host with its port, unless that is the usual one, which some proxies write."""
    return name.strip().lower().removesuffix(":443").removesuffix(":80")


def answer(status: int, value: object, *headers: tuple[str, str]) -> Response:
    """Return an answer in JSON that nobody keeps."""
    kept = (("Content-Type", JSON_TYPE), ("Cache-Control", "no-store"), *headers)
    return Response(status, kept, msgspec.json.encode(value))
