"""ManageSieve's lines, however they arrive."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge
from folkmoot.mail.errors import Declined, OverQuota, SignInRefused
from folkmoot.mail.managesieve import wire
from folkmoot.mail.managesieve.answers import (
    Capabilities,
    Outcome,
    ScriptName,
    ScriptRefused,
    capabilities_of,
    failure_of,
    outcome_of,
    script_of,
)
from folkmoot.mail.managesieve.wire import Atom, Line, Wire, string
from tests.support.fuzz import fuzz_inputs

GREETING = (
    b'"IMPLEMENTATION" "Example1 ManageSieved v001"\r\n"SASL" "DIGEST-MD5 plain"\r\n'
    b'"SIEVE" "fileinto Vacation"\r\n"StartTLS"\r\n"NOTIFY" "xmpp mailto"\r\n"MAXREDIRECTS" "5"\r\n'
    b'"VERSION" "1.0"\r\nOK\r\n'
)
CASES: list[tuple[bytes, list[Line]]] = [
    (b"OK\r\n", [(Atom("OK"),)]),
    (b"ok\n", [(Atom("OK"),)]),
    (b'  NO   "why \\"not\\""  \r\n', [(Atom("NO"), b'why "not"')]),
    (b'NO (QUOTA/MAXSIZE) "too long"\r\n', [(Atom("NO"), (Atom("QUOTA/MAXSIZE"),), b"too long")]),
    (b'OK (TAG "a b") {3}\r\nx\r\n\r\n', [(Atom("OK"), (Atom("TAG"), b"a b"), b"x\r\n")]),
    (b'{5+}\r\nin it ACTIVE\r\n"b"\r\nOK\r\n', [(b"in it", Atom("ACTIVE")), (b"b",), (Atom("OK"),)]),
    (b"{0}\r\n\r\nOK\r\n", [(b"",), (Atom("OK"),)]),
    (b"\r\nOK\r\n", [(), (Atom("OK"),)]),
    ('"Größe" ACTIVE\r\n'.encode(), [("Größe".encode(), Atom("ACTIVE"))]),
]


@pytest.mark.parametrize(("octets", "lines"), CASES)
def test_lines_are_the_same_whole_and_octet_by_octet(octets: bytes, lines: list[Line]) -> None:
    assert Wire().feed(octets) == lines
    by_octet = Wire()
    assert [line for octet in octets for line in by_octet.feed(bytes([octet]))] == lines
    assert by_octet.idle


@pytest.mark.parametrize("octets", [b"(a (b))\r\n", b"(a\r\n", b"a)\r\n", b'"open\r\n'])
def test_what_is_no_line_is_malformed(octets: bytes) -> None:
    with pytest.raises(MalformedInput):
        Wire().feed(octets)


@pytest.mark.parametrize(
    "octets",
    [b"x" * (wire.LINE_MAX + 2), b"{99999999}\r\n", b"{1}\r\n " * 100, b"x" * (wire.LINE_MAX + 2) + b"\n"],
)
def test_lines_and_literals_have_limits(octets: bytes) -> None:
    with pytest.raises(TooLarge):
        Wire().feed(octets)


@settings(max_examples=fuzz_inputs(200), deadline=None)
@given(st.lists(st.binary(max_size=40) | st.sampled_from([case[0] for case in CASES])), st.integers(1, 9))
def test_any_octets_are_lines_or_malformed_whole_and_in_pieces(pieces: list[bytes], size: int) -> None:
    octets = b"".join(pieces)
    whole: list[Line] | None = None
    with contextlib.suppress(FolkmootError):
        whole = Wire().feed(octets)
    parts: list[Line] = []
    failed = False
    by_parts = Wire()
    try:
        for start in range(0, len(octets), size):
            parts += by_parts.feed(octets[start : start + size])
    except FolkmootError:
        failed = True
    assert failed == (whole is None)
    if whole is not None:
        assert parts == whole
    for line in parts:
        outcome_of(line)
        script_of(line)
    capabilities_of(parts)


@given(st.binary(max_size=2_000))
def test_a_string_is_read_back(octets: bytes) -> None:
    assert Wire().feed(string(octets) + b"\r\n") == [(octets,)]


def test_capabilities_are_read_without_regard_to_case() -> None:
    lines = Wire().feed(GREETING)
    assert capabilities_of(lines[:-1]) == Capabilities(
        sieve=frozenset({"fileinto", "vacation"}),
        sasl=("DIGEST-MD5", "PLAIN"),
        notify=frozenset({"xmpp", "mailto"}),
        starttls=True,
        version="1.0",
        implementation="Example1 ManageSieved v001",
    )


def test_scripts_and_outcomes_are_told_apart() -> None:
    lines = Wire().feed(b'"summer_script"\r\n"vacation" active\r\n{13}\r\nclever"script\r\nOK "done"\r\n')
    assert [script_of(line) for line in lines] == [
        ScriptName("summer_script"),
        ScriptName("vacation", active=True),
        ScriptName('clever"script'),
        None,
    ]
    assert outcome_of(lines[-1]) == Outcome("OK", text="done")
    assert outcome_of(Wire().feed(b'BYE (REFERRAL "sieve://x/") "there"\r\n')[0]) == Outcome(
        "BYE", "REFERRAL", "there", "sieve://x/"
    )


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (Outcome("NO", "QUOTA/MAXSCRIPTS"), OverQuota),
        (Outcome("NO", "ENCRYPT-NEEDED"), SignInRefused),
        (Outcome("NO", text="never"), Declined),
    ],
)
def test_a_no_is_an_error_by_its_code(outcome: Outcome, error: type[FolkmootError]) -> None:
    assert type(failure_of(outcome)) is error


def test_what_the_server_says_of_a_script_is_shown_line_by_line() -> None:
    error = failure_of(Outcome("NO", text="line 1: bad\x1b[31m\r\n\r\nline 2: worse"), script=True)
    assert isinstance(error, ScriptRefused)
    assert str(error) == "line 1: bad [31m\nline 2: worse"
