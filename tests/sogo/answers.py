"""One request to a server, and its answer in a form that can be compared: what differs by nature is masked."""

import base64
import http.client
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

TIMEOUT = 30  # seconds; a SOGo whose workers are all busy answers late
SHOWN_HEADERS = ("allow", "dav", "location", "content-type", "www-authenticate")
PREFIXES = {
    "DAV:": "D",
    "urn:ietf:params:xml:ns:caldav": "C",
    "urn:ietf:params:xml:ns:carddav": "CR",
    "http://calendarserver.org/ns/": "CS",
    "http://apple.com/ns/ical/": "A",
    "urn:inverse:params:xml:ns:inverse-dav": "I",
    "http://groupdav.org/": "G",
    "urn:schemas:httpmail:": "M",
    "urn:schemas:mailheader:": "MH",
}
# Lines of a calendar that each server writes in its own way.
_UNSHOWN = frozenset(
    ["BEGIN", "END", "PRODID", "VERSION", "CALSCALE", "DTSTAMP", "LAST-MODIFIED", "CREATED", "CLASS", "REQUEST-STATUS"]
)
_MASKS = (
    (re.compile(r'(?:W/)?"?\b(?:gcs[0-9]{8}|[0-9a-f]{32,64}|[0-9]+-[0-9]+-[0-9]+-\w+)"?'), "(etag)"),
    (re.compile(r"urn:uuid:[0-9a-fA-F-]{36}|opaquelocktoken:\S+"), "(uuid)"),
    (re.compile(r"urn:folkmoot:sync:\S+?(?=[<\s]|$)"), "(token)"),
    (re.compile(r"\b1[0-9]{9}\b"), "(token)"),
    (re.compile(r"\w{3}, [0-9 ]?[0-9] \w{3} [0-9]{4} [0-9:]{8} (?:GMT|[+-][0-9]{4})"), "(date)"),
    (re.compile(r"\b20[0-9]{2}-?[0-9]{2}-?[0-9]{2}T[0-9:]{6,8}(?:Z|[+-][0-9:]{4,5})?"), "(date)"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """A DAV root and the password of its people."""

    url: str
    passwords: Mapping[str, str]

    @property
    def path(self) -> str:
        """The URL path of the DAV root, without final slash."""
        return urlsplit(self.url).path.rstrip("/")


@dataclass(frozen=True, slots=True)
class Case:
    """One request; ``as_`` is a name, or empty for nobody."""

    row: str  # the topic
    method: str
    path: str  # below the DAV root; from "//" on, an absolute path of the server, and of its web application
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    as_: str = "sogo-tests1"
    of: str = ""  # what the case is about, where method and path do not say
    body_counts: bool = True  # whether bodies are compared, beside statuses


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, and everything else as flat texts: "header DAV", "href {path}", "{path} D:owner"."""

    status: int
    parts: Mapping[str, str]


def send(server: Server, case: Case) -> Answer:
    """Send a case to a server."""
    address = urlsplit(server.url)
    path = case.path[1:] if case.path.startswith("//") else server.path + case.path
    headers = {"User-Agent": "compare", **case.headers}
    if case.as_ and "/so/" in path:
        headers |= _session(server.url, case.as_, server.passwords.get(case.as_, case.as_))
    elif case.as_:
        token = f"{case.as_}:{server.passwords.get(case.as_, case.as_)}".encode()
        headers["Authorization"] = "Basic " + base64.b64encode(token).decode()
    if case.body and "Content-Type" not in headers:
        headers["Content-Type"] = "application/json" if case.body[0] == "{" else "application/xml; charset=utf-8"
    if "Destination" in headers:
        headers["Destination"] = server.url.rstrip("/") + headers["Destination"]
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    try:
        connection.request(case.method, path, case.body.encode() or None, headers)
        response = connection.getresponse()
        body = response.read()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, dict(_parts(server, found, body)))
    finally:
        connection.close()


@cache
def _session(url: str, login: str, password: str) -> dict[str, str]:
    """Sign in to the web application; return what its requests carry then."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
    with closing(connection):
        body = json.dumps({"userName": login, "password": password})
        connection.request("POST", "/SOGo/connect", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        cookies = [value.partition(";")[0] for name, value in response.getheaders() if name.lower() == "set-cookie"]
    token = next((one.partition("=")[2] for one in cookies if one.startswith("XSRF-TOKEN=")), "")
    return {"Cookie": "; ".join(cookies), "X-XSRF-TOKEN": token}


def _parts(server: Server, headers: Mapping[str, str], body: bytes) -> Iterator[tuple[str, str]]:
    for name in SHOWN_HEADERS:
        if name in headers and (body or name != "content-type"):
            yield f"header {name}", _comparable(server, headers[name]).replace("text/xml", "application/xml")
    yield "header etag", "present" if "etag" in headers else "absent"
    if body.startswith(b"BEGIN:VCALENDAR"):
        yield from _lines(server, body.decode("utf-8", "replace"))
        return
    if b"<" not in body[:200]:
        yield "body", _comparable(server, body.decode("utf-8", "replace").replace("\r", ""))
        return
    try:
        root = ET.fromstring(body)  # noqa: S314  # servers that we started
    except ET.ParseError:
        yield "body", "text or HTML"
        return
    responses = root.findall("{DAV:}response")
    if not responses:
        yield "body", _text_of(server, root)
    for response in responses:
        href = _comparable(server, response.findtext("{DAV:}href") or "")
        yield f"href {href}", response.findtext("{DAV:}status") or "listed"
        for propstat in response.findall("{DAV:}propstat"):
            status = (propstat.findtext("{DAV:}status") or "").split(" ")[1]
            for prop in propstat.find("{DAV:}prop") or ():
                shown = "" if status == "404" else " " + _text_of(server, prop)
                yield f"{href} {_short(prop.tag)}", f"{status}{shown}"


def _lines(server: Server, text: str) -> Iterator[tuple[str, str]]:
    """Return a calendar's lines by component, name and, for people, address; parameters are put in order."""
    unfolded = re.sub(r"\r?\n[ \t]", "", text).splitlines()
    component, instance = "", ""
    for line in unfolded:
        name, _, value = line.partition(":")
        if name == "BEGIN":
            component, instance = value, ""
        key, *params = re.split(r""";(?=(?:[^"]*"[^"]*")*[^"]*$)""", line[: _colon(line)])
        value = line[_colon(line) + 1 :]
        if key == "RECURRENCE-ID":
            instance = value
        if key in _UNSHOWN or key.startswith("X-FOLKMOOT"):
            continue
        who = f" {value.lower()}" if key in {"ATTENDEE", "ORGANIZER"} else ""
        kept = sorted(one for one in params if not one.startswith(("SCHEDULE-STATUS", "X-FOLKMOOT")))
        yield f"{component} {instance} {key.upper()}{who}", _comparable(server, ";".join([*kept, value]))


def _colon(line: str) -> int:
    """Return where the value of a content line starts: a colon may stand in quotes."""
    found = re.match(r"""(?:[^":]|"[^"]*")*:""", line)
    return found.end() - 1 if found else len(line)


def _short(tag: str) -> str:
    namespace, _, local = tag[1:].partition("}")
    return f"{PREFIXES.get(namespace, namespace)}:{local}"


def _text_of(server: Server, element: ET.Element) -> str:
    attributes = "".join(f" {name}={value}" for name, value in sorted(element.attrib.items()))
    text = _comparable(server, (element.text or "").strip())
    inner = " ".join(sorted(_text_of(server, child) for child in element))
    return f"<{_short(element.tag)}{attributes}>{text}{inner}"


def _comparable(server: Server, text: str) -> str:
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    address = urlsplit(server.url)
    return text.replace(f"{address.scheme}://{address.netloc}", "").replace(address.netloc, "(host)")
