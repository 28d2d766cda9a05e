"""Ids of mail, and states of mailboxes."""

import pytest

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.mail import ids
from folkmoot.jmap.mail.mail_states import read_vector, write_vector
from folkmoot.mailboxes.states import MailboxState

INBOX = ids.mailbox_id("97eaf51f3c98046b3865000083ecc375", "INBOX")


def test_an_email_id_names_its_message_and_is_short() -> None:
    email = ids.EmailId(INBOX, 1795463228, 100_000)
    assert ids.parse_email_id(str(email)) == email
    assert str(email) == ids.email_ids(INBOX, 1795463228).id(100_000)
    assert len(str(email)) <= 60


@pytest.mark.parametrize(
    "text", ["", "e", "e" + "A" * 23, "e" + "A" * 22, "x" + "A" * 23, "e" + "ä" * 23, "e" + "_" * 24]
)
def test_what_is_no_email_id_names_nothing(text: str) -> None:
    assert ids.parse_email_id(text) is None


@pytest.mark.parametrize("path", [None, "1", "2.1", "~2.1", "3~1", "1.2.3~4.5"])
@pytest.mark.parametrize("index", [0, 3])
def test_a_blob_id_names_a_part(path: str | None, index: int) -> None:
    blob = ids.BlobId(ids.EmailId(INBOX, 7, 9), path, index if path else 0)
    assert ids.parse_blob_id(str(blob)) == blob
    assert ids.parse_blob_id(str(blob) + "!") is None


def test_a_mailbox_keeps_its_id_while_the_server_tells_its_name_for_good() -> None:
    assert ids.mailbox_id("a", "one") == ids.mailbox_id("a", "two")
    assert ids.mailbox_id(None, "one") != ids.mailbox_id(None, "two") != ids.mailbox_id("two", "x")


def test_a_thread_id_is_read_back() -> None:
    digest = "00c0ffee00c0ffee1234"
    text = ids.thread_id(digest)
    root = ids.root_of_thread_id(text)
    assert root is not None
    assert ids.thread_id_of_root(root) == text
    assert ids.root_of_thread_id("t00C0FFEE00c0ffee") is None
    assert ids.root_of_thread_id("t1") is None


def test_a_state_of_emails_is_read_back() -> None:
    states = {
        INBOX: MailboxState(2**32 - 1, 2**32 - 1, 3, 2, 2**63 - 1),
        ids.mailbox_id(None, "x"): MailboxState(1, 1, 0, 0),
    }
    assert read_vector(write_vector(states)) == states


@pytest.mark.parametrize("text", ["", "b", "mA", "mAAAAAAAAAAAAAAAA", "m" + "_" * 300, "m!", "mä"])
def test_what_is_no_state_is_told(text: str) -> None:
    with pytest.raises(MalformedInput):
        read_vector(text)
