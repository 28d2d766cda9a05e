"""Answers: to whom, under which subject, in which thread."""

from typing import Any

import pytest

from folkmoot.mime.answering import (
    Original,
    fitting_address,
    forward_subject,
    head_html,
    head_lines,
    original_of,
    quote_text,
    reply_recipients,
    reply_subject,
    thread_of,
)
from folkmoot.mime.headers import MailAddress, parse_headers

ME = frozenset({"anna@example.org", "a.gruen@example.org"})


def _people(text: str) -> tuple[MailAddress, ...]:
    return tuple(MailAddress("", f"{name}@example.org") for name in text.split())


def _names(addresses: tuple[MailAddress, ...]) -> str:
    return " ".join(one.address.partition("@")[0] for one in addresses)


def _original(**people: str) -> Original:
    named: dict[str, Any] = {"sender": _people("ida"), **{name: _people(text) for name, text in people.items()}}
    return Original(**named)


@pytest.mark.parametrize(
    ("subject", "answer"),
    [
        ("Lunch", "Re: Lunch"),
        ("Re: Lunch", "Re: Lunch"),
        ("RE: AW: Re[2]: Sv : Antw: Lunch", "Re: Lunch"),
        ("Re\uff1a Lunch", "Re: Lunch"),
        ("Fwd: Lunch", "Re: Fwd: Lunch"),
        ("Re: Fwd: Lunch", "Re: Fwd: Lunch"),
        ("Reindeer: a study", "Re: Reindeer: a study"),
        ("", "Re:"),
        ("Re: " * 100, "Re: " + "Re: " * 49 + "Re:"),
    ],
)
def test_re_stands_once(subject: str, answer: str) -> None:
    assert reply_subject(subject) == answer
    if len(subject) < 200:
        assert reply_subject(answer) == answer


@pytest.mark.parametrize(
    ("subject", "forwarded"),
    [
        ("Lunch", "Fwd: Lunch"),
        ("WG: Fwd: FW: TR: Lunch", "Fwd: Lunch"),
        ("Re: Lunch", "Fwd: Re: Lunch"),
        ("\r\nBcc: x", "Fwd: Bcc: x"),
    ],
)
def test_fwd_stands_once(subject: str, forwarded: str) -> None:
    assert forward_subject(subject) == forwarded


@pytest.mark.parametrize(
    ("people", "one", "all_", "all_cc"),
    [
        ({"to": "anna"}, "ida", "ida", ""),
        ({"to": "anna jan", "cc": "eva a.gruen"}, "ida", "ida jan", "eva"),
        ({"to": "jan ida", "cc": "jan eva"}, "ida", "ida jan", "eva"),
        ({"to": "anna", "reply_to": "list"}, "list", "list", ""),
        ({"to": "list", "followup_to": "list jan anna"}, "ida", "list jan", ""),
        ({"sender": "anna", "to": "jan", "cc": "eva"}, "jan", "jan", "eva"),
        ({"sender": "anna", "to": "anna"}, "anna", "anna", ""),
        ({"sender": "anna", "to": "anna", "cc": "eva"}, "anna", "eva", ""),
        ({"sender": "anna", "to": "jan", "reply_to": "team"}, "team", "team jan", ""),
        ({"sender": "", "to": "anna jan"}, "", "jan", ""),
    ],
)
def test_an_answer_goes_to_whom_it_should(people: dict[str, str], one: str, all_: str, all_cc: str) -> None:
    original = _original(**people)
    assert _names(reply_recipients(original, ME)[0]) == one
    to, cc = reply_recipients(original, ME, everybody=True)
    assert (_names(to), _names(cc)) == (all_, all_cc)


def test_a_thread_goes_on() -> None:
    headers = parse_headers(
        b"Message-ID: <3@x>\r\nReferences: <1@x>\r\n <2@x>\r\nIn-Reply-To: <2@x>\r\nSubject: s\r\nFrom: i@x\r\n\r\n"
    )
    assert thread_of(original_of(headers)) == (("<3@x>",), ("<1@x>", "<2@x>", "<3@x>"))
    headers = parse_headers(b"Message-ID: <3@x>\r\nIn-Reply-To: <2@x>\r\n\r\n")
    assert thread_of(original_of(headers)) == (("<3@x>",), ("<2@x>", "<3@x>"))
    headers = parse_headers(b"In-Reply-To: <1@x> <2@x>\r\n\r\n")
    assert thread_of(original_of(headers)) == ((), ())


def test_the_address_that_a_message_was_sent_to_answers_it() -> None:
    own = ["anna@example.org", "A.Gruen@example.org"]
    assert fitting_address(_original(to="jan a.gruen anna"), [], own) == "A.Gruen@example.org"
    assert fitting_address(_original(to="list"), ["<anna@example.org>"], own) == "anna@example.org"
    assert fitting_address(_original(sender="a.gruen", to="jan"), [], own) == "A.Gruen@example.org"
    assert fitting_address(_original(to="list"), [], own) == ""


def test_quotes_are_marked_and_marks_pile_up_without_blanks() -> None:
    assert quote_text("a\n\n> b\n>> c\n") == "> a\n>\n>> b\n>>> c\n"


def test_nothing_in_a_header_that_is_quoted_is_markup_or_a_line() -> None:
    fields = [("Subject", "<b>x</b>\r\nTo: y"), ("Cc", "")]
    assert head_lines(fields) == "Subject: <b>x</b> To: y\n"
    assert "&lt;b&gt;" in head_html(fields)
    assert "Cc" not in head_html(fields)
