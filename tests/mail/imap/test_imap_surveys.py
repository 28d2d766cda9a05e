"""When messages came and one section of each, in the words that servers use and in others."""

import pytest

from folkmoot.mail.credentials import Password
from folkmoot.mail.imap.connection import Connection
from tests.support.imap_script import playing

pytestmark = pytest.mark.anyio
SIGNED_IN = """\
S: * OK hello
C: $ CAPABILITY
S: * CAPABILITY IMAP4rev1
S: $ OK done
C: $ LOGIN ida "secret"
S: $ OK in
C: $ CAPABILITY
S: * CAPABILITY IMAP4rev1
S: $ OK done
C: $ EXAMINE INBOX
S: * 3 EXISTS
S: $ OK [READ-ONLY] done
"""
SECTION = "HEADER.FIELDS (MESSAGE-ID)"
DATE = 'INTERNALDATE " 1-Jun-2026 10:00:05 +0200"'
AT = 1_780_300_805
Given = tuple[int, int | None, bytes]


async def told(answers: str, uids: list[int]) -> tuple[list[Given], bool]:
    """Return what a server's answers come to, and whether something else happened to the mailbox."""
    asked = f"C: $ UID FETCH 1:{uids[-1]} (INTERNALDATE BODY.PEEK[{SECTION}])\n"
    found: list[Given] = []
    async with playing(f"{SIGNED_IN}{asked}{answers}S: $ OK\n") as server:
        connection = await Connection.open(server, Password("ida", "secret"))
        await connection.select("INBOX")
        await connection.survey(uids, SECTION, lambda *one: found.append(one))
        stale = connection.stale
        connection.close()
    return found, stale


def literal(number: int, octets: str, *, before: str = "", behind: str = "") -> str:
    """Return a response as Dovecot writes it; ``before`` and ``behind`` the section stands something else."""
    return f"S: * {number} FETCH (UID {number} {before}BODY[{SECTION}] {{{len(octets)}}}\nS: {octets}{behind})\n"


async def test_a_survey_tells_moment_and_section_of_each_message() -> None:
    answers = "".join(literal(number, f"Message-ID: <{number}@x>", before=f"{DATE} ") for number in (1, 2, 3))
    found, stale = await told(answers, [1, 2, 3])
    assert found == [(number, AT, f"Message-ID: <{number}@x>".encode()) for number in (1, 2, 3)]
    assert not stale


async def test_a_survey_understands_any_fetch() -> None:
    answers = (
        f'S: * 1 fetch ({DATE} UID 1 BODY[{SECTION.lower()}] "Message-ID: <1@x>")\n'
        + literal(2, "Message-ID: <2@x>", behind=f" {DATE}")
        + f"S: * 3 FETCH (UID 3 INTERNALDATE NIL BODY[{SECTION}] NIL)\n"
    )
    found, stale = await told(answers, [1, 2, 3])
    assert found == [(1, AT, b"Message-ID: <1@x>"), (2, AT, b"Message-ID: <2@x>"), (3, None, b"")]
    assert not stale


async def test_what_a_survey_did_not_ask_for_is_not_taken() -> None:
    answers = (
        literal(7, "Message-ID: <7@x>", before=f"{DATE} ")
        + "S: * 2 FETCH (FLAGS (\\Seen) UID 2)\n"
        + literal(1, "Message-ID: <1@x>", before=f"{DATE} ")
        + "S: * 4 EXISTS\n"
        + literal(0, "Message-ID: <0@x>", before=f"{DATE} ")
    )
    found, stale = await told(answers, [1, 2, 3])
    assert found == [(1, AT, b"Message-ID: <1@x>")]
    assert stale


async def test_a_day_that_is_none_is_no_moment() -> None:
    answers = literal(1, "x", before='INTERNALDATE " 1-Foo-2026 10:00:05 +0200" ')
    assert (await told(answers, [1, 2]))[0] == [(1, None, b"x")]
