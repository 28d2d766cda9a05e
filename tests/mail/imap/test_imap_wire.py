"""Octets become responses, in whatever pieces and however a server misspells them."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import MalformedInput
from folkmoot.mail.imap import wire
from folkmoot.mail.imap.responses import read_fetch, read_listed
from folkmoot.mail.imap.wire import Code, Condition, Continuation, Response, Told, Wire

ODD: dict[bytes, list[Response]] = {
    b"* ok ready\n": [Condition("*", "OK", None, "ready")],
    b"* OK\r\n": [Condition("*", "OK")],
    b"a1 no  \r\n": [Condition("a1", "NO")],
    b"a1 OK [READ-WRITE]\r\n": [Condition("a1", "OK", Code("READ-WRITE"))],
    b"* OK [UIDNEXT 5 no end\r\n": [Condition("*", "OK", None, "[UIDNEXT 5 no end")],
    b"* OK [PERMANENTFLAGS (\\Deleted foo]bar \\*)] limited {7}\r\n": [
        Condition("*", "OK", Code("PERMANENTFLAGS", [["\\Deleted", "foo]bar", "\\*"]]), "limited {7}")
    ],
    b'a2 NO [BADCHARSET ("x]y" UTF-8)] no\r\n': [Condition("a2", "NO", Code("BADCHARSET", [[b"x]y", "UTF-8"]]), "no")],
    b"* 3  exists\r\n": [Told("EXISTS", 3)],
    b"* -3 EXISTS\r\n": [Told("-3", None, ["EXISTS"])],
    b"* SEARCH\r\n": [Told("SEARCH")],
    b"* SEARCH 2 1 3 \r\n": [Told("SEARCH", None, ["2", "1", "3"])],
    b"* SEARCH 2 (MODSEQ 9)\r\n": [Told("SEARCH", None, ["2", ["MODSEQ", "9"]])],
    b"+ \r\n": [Continuation(b"")],
    b"+\r\n": [Continuation(b"")],
    b"+ aGk=\r\n": [Continuation(b"aGk=")],
    b"\r\nwhat is this\r\n*\r\n* 5\r\n* () x\r\n* BYE\r\n": [Condition("*", "BYE")],
    b"* 1 FETCH (FLAGS (foo]bar [x] \\seen))\r\n": [Told("FETCH", 1, [["FLAGS", ["foo]bar", "[x]", "\\seen"]]])],
    b'* LIST (\\Noselect) "." "a ""b"\r\n': [Told("LIST", None, [["\\Noselect"], b".", b"a ", b"b"])],
    b'* X "open\r\n': [Told("X", None, [b"open"])],
    b"* X (a (b\r\n": [Told("X", None, [["a", ["b"]]])],
    b"* X a)) b\r\n": [Told("X", None, ["a", "b"])],
    b'* X "caf\xc3\xa9" \xff\r\n': [Told("X", None, [b"caf\xc3\xa9", "\xff"])],
    b'* X "a\\"b\\\\c" nIL "NIL"\r\n': [Told("X", None, [b'a"b\\c', None, b"NIL"])],
    b"* 1 FETCH (BODY[HEADER.FIELDS (DATE FROM)]<0> {4}\r\na\r\n) UID 7)\r\n": [
        Told("FETCH", 1, [["BODY[HEADER.FIELDS (DATE FROM)]<0>", b"a\r\n)", "UID", "7"]])
    ],
    b"* 1 FETCH (BINARY[1] ~{2}\r\n\0\n X {0}\r\n)\r\n": [Told("FETCH", 1, [["BINARY[1]", b"\0\n", "X", b""]])],
    b"* X {2+} \r\nab c\r\n": [Told("X", None, [b"ab", "c"])],
    b"* X {-2}\r\n": [Told("X", None, ["{-2}"])],
    b"* X {99999999999999}\r\n": [Told("X", None, ["{99999999999999}"])],
}


def read(octets: bytes, step: int) -> list[Response]:
    reader = Wire()
    found = []
    for start in range(0, len(octets), step):
        reader.feed(octets[start : start + step])
        while (response := reader.take()) is not None:
            found.append(response)
    assert not reader.pending
    return found


@pytest.mark.parametrize("step", [1, 2, 7, 10_000])
def test_odd_responses_are_read_as_they_were_meant(step: int) -> None:
    for octets, meant in ODD.items():
        assert read(octets, step) == meant, octets
    assert read(b"".join(ODD), step) == [one for meant in ODD.values() for one in meant]


@given(st.lists(st.sampled_from([*ODD, b"(", b")", b'"', b"\\", b"{3}\r\n", b"\r\n", b"\n", b"[", b"x", b"* "])))
def test_pieces_make_no_difference(pieces: list[bytes]) -> None:
    octets = b"".join(pieces) + b"\n" * 10
    assert _all(octets, 1) == _all(octets, len(octets)) == _all(octets, 5)


@given(st.binary(max_size=400))
def test_any_octets_are_read(octets: bytes) -> None:
    lines = [b"* ", b"* 1 FETCH (", b'* LIST () "/" ', b"* OK [", b"a1 OK ", b""]
    for start in lines:
        assert _all(start + octets, 3) == _all(start + octets, 1000)


def _all(octets: bytes, step: int) -> list[Response] | str:
    reader = Wire(literal_max=100)
    found = []
    try:
        for start in range(0, len(octets), step):
            reader.feed(octets[start : start + step])
            while (response := reader.take()) is not None:
                found.append(response)
    except MalformedInput as error:
        return str(error)
    for one in found:
        if isinstance(one, Told):
            read_fetch(one.values)
            read_listed(one.values)
    return found


@pytest.mark.parametrize(
    "octets",
    [
        b"(" * 2_000_000 + b"\r\n",
        b"* X " + b"(" * 1_000_000 + b")" * 1_000_000 + b"\r\n",
        b'* X "' + b"\\" * 2_000_000 + b"\r\n",
        b"* X " + b'"' * 2_000_001 + b"\r\n",
        b"* OK [" + b'("' * 500_000 + b"\r\n",
        b"* OK [X " + b"(" * 1_000_000 + b"\r\n",
        b"* 1 FETCH (" + b"BODY[" * 400_000 + b"\r\n",
        b"* SEARCH " + b"1 " * 500_000 + b"x\r\n",
        b"* " + b" " * 2_000_000 + b"\r\n",
        b"* 1 FETCH (" + b"{0}\r\n " * 9_000 + b"\r\n",
        b"{1}\r\n" * 1000 + b"\r\n",
    ],
    ids=range(11),
)
def test_time_grows_with_the_octets_only(octets: bytes) -> None:
    begun = time.process_time()
    reader = Wire()
    for start in range(0, len(octets), 65_536):
        reader.feed(octets[start : start + 65_536])
        while reader.take() is not None:
            pass
    assert time.process_time() - begun < 3


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Wire(literal_max=10)
    reader.feed(b"* X {11}\r\n")
    with pytest.raises(MalformedInput, match="literal"):
        reader.take()
    monkeypatch.setattr(wire, "LINE_MAX", 100)
    for octets in (b"x" * 101, b"x" * 101 + b"\r\n"):
        reader = Wire()
        reader.feed(octets)
        with pytest.raises(MalformedInput, match="line"):
            reader.take()
    monkeypatch.setattr(wire, "LITERALS_MAX", 3)
    reader = Wire()
    reader.feed(b"* X " + b"{0}\r\n" * 10)
    with pytest.raises(MalformedInput, match="literals"):
        reader.take()


HEAD = re.compile(rb"\* [0-9]+ FETCH \(UID ([0-9]+) X \{([0-9]{1,6})\}\r\n")


@given(
    st.lists(
        st.sampled_from(
            [
                b"* 1 FETCH (UID 7 X {3}\r\nabc)\r\n",
                b"* 1 FETCH (UID 8 X {0}\r\n)\r\n",
                b"* 2 EXISTS\r\n",
                b"* 1 FETCH (UID 9 X {4}\r\n)\r\na Y)\r\n",
                b"* 1 FETCH (UID 5 X {3}\r\na\r\n UID 6)\r\n",
                b"t OK\r\n",
            ]
        ),
        max_size=8,
    ),
    st.integers(1, 40),
)
def test_what_is_skimmed_is_what_would_have_been_read(pieces: list[bytes], step: int) -> None:
    octets = b"".join(pieces)
    reader = Wire()
    found: list[Response] = []

    response: Response | None = None

    def take(head: re.Match[bytes], literal: bytes) -> None:
        found.append(Told("FETCH", 1, [["UID", head[1].decode(), "X", literal]]))

    for start in range(0, len(octets), step):
        reader.feed(octets[start : start + step])
        while reader.skim(HEAD, take, 2) or (response := reader.take()) is not None:
            if response is not None:
                found.append(response)
            response = None
    assert not reader.pending
    assert found == read(octets, step)
