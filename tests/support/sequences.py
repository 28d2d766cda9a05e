"""Recorded requests of clients, written down as text and sent with curl.

A sequence is a list of exchanges.  ``> METHOD PATH [anonymous]`` begins one; header fields follow, then after an empty
line the body; a line ``< STATUS`` ends it, and more lines that begin with ``< `` say what the answer must be:

    < header NAME = REGEX       a field of the answer
    < body = REGEX              somewhere in the body
    < XPATH [= VALUE]           something in the XML of the body; its first value
    < no XPATH                  nothing of the kind
    < keep NAME = XPATH         remember a value: {NAME} stands for it from now on
    < keep NAME = header FIELD

Lines that begin with ``#`` outside of bodies are remarks.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lxml import etree

from tests.support.folkmoot import Folkmoot, Person
from tests.support.peers import run
from tests.support.servers import require

NAMESPACES: Final = {
    "D": "DAV:",
    "C": "urn:ietf:params:xml:ns:caldav",
    "CR": "urn:ietf:params:xml:ns:carddav",
    "CS": "http://calendarserver.org/ns/",
    "A": "http://apple.com/ns/ical/",
}


@dataclass
class Exchange:
    """One request and what its answer must be."""

    line: int
    method: str
    path: str
    anonymous: bool
    fields: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    status: int = 0
    checks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    fields: Mapping[str, str]  # names in lower case
    body: bytes

    def find(self, xpath: str) -> list[str]:
        found = etree.fromstring(self.body).xpath(xpath, namespaces=NAMESPACES)
        assert isinstance(found, list)
        return ["".join(map(str, one.itertext())) if isinstance(one, etree._Element) else str(one) for one in found]


def parse(text: str) -> Iterator[Exchange]:
    """Yield the exchanges of a sequence."""
    exchange: Exchange | None = None
    part = "checks"
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("> "):
            if exchange is not None:
                yield exchange
            method, path, *rest = line[2:].split()
            exchange, part = Exchange(number, method, path, rest == ["anonymous"]), "fields"
        elif exchange is None or (part == "checks" and (not line or line.startswith("#"))):
            continue
        elif part != "checks" and re.match(r"< \d{3}$", line):
            exchange.status, part = int(line[2:]), "checks"
        elif part == "checks":
            assert line.startswith("< "), f"line {number}: {line}"
            exchange.checks.append(line[2:])
        elif part == "fields" and line:
            exchange.fields.append(line)
        elif part == "fields":
            part = "body"
        else:
            exchange.body.append(line)
    if exchange is not None:
        yield exchange


def play(text: str, server: Folkmoot, person: Person, home: Path) -> None:
    """Send the requests of a sequence and check each answer."""
    known = {
        "login": person.login,
        "quoted": person.login.replace("@", "%40"),
        "me": person.path,
        "principal": f"{person.path}/",
        "calendar": person.calendar,
        "book": person.address_book,
        "port": str(server.port),
    }

    def filled(words: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda match: known[match[1]], words)

    for exchange in parse(text):
        answer = _send(exchange, server, person, home, filled)
        where = f"line {exchange.line}: {exchange.method} {filled(exchange.path)}\n{answer.fields}\n"
        where += answer.body.decode("utf-8", "replace")[:4000]
        assert answer.status == exchange.status, f"{answer.status}, {where}"
        for check in exchange.checks:
            _check(filled(check), answer, known, where)


def _send(exchange: Exchange, server: Folkmoot, person: Person, home: Path, filled: object) -> Answer:
    assert callable(filled)
    command = [require("curl", "curl"), "--silent", "--show-error", "--http1.1", "--path-as-is", "--max-time", "30"]
    command += ["--request", exchange.method, "--dump-header", "fields", "--output", "answer"]
    if exchange.method == "HEAD":
        command.append("--head")
    if not exchange.anonymous:
        command += ["--user", f"{person.login}:{person.password}"]
    for line in exchange.fields:
        command += ["--header", str(filled(line))]
    if any(exchange.body):
        calendar = any("text/calendar" in line or "text/vcard" in line for line in exchange.fields)
        body = str(filled("\n".join(exchange.body).strip("\n") + "\n"))
        (home / "body").write_bytes(body.replace("\n", "\r\n").encode() if calendar else body.encode())
        command += ["--data-binary", "@body"]
    (home / "answer").write_bytes(b"")
    run(*command, server.url + str(filled(exchange.path)), cwd=home)
    heads = (home / "fields").read_bytes().decode("latin-1").strip().split("\r\n\r\n")
    first, *lines = heads[-1].split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), fields, (home / "answer").read_bytes())


def _check(check: str, answer: Answer, known: dict[str, str], where: str) -> None:
    what, equals, wanted = check.partition(" = ")
    if what.startswith("keep "):
        name = what.removeprefix("keep ")
        if wanted.startswith("header "):
            known[name] = answer.fields[wanted.removeprefix("header ").lower()]
        else:
            found = answer.find(wanted)
            assert found, f"{check}\n{where}"
            known[name] = found[0].strip()
    elif what.startswith("header "):
        value = answer.fields.get(what.removeprefix("header ").lower(), "")
        assert re.search(wanted, value), f"{check}\n{where}"
    elif what == "body":
        assert re.search(wanted, answer.body.decode()), f"{check}\n{where}"
    elif what.startswith("no "):
        assert answer.find(what.removeprefix("no ")) == [], f"{check}\n{where}"
    else:
        found = answer.find(what)
        assert found, f"{check}\n{where}"
        assert not equals or found[0].strip() == wanted, f"{check}, found {found[0]!r}\n{where}"
