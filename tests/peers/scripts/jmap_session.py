"""Sessions of jmaplib and jmapc with a server: ``jmap_session.py NAME HOST LOGIN PASSWORD ADDRESS``."""

import sys
import time
from typing import Any

from jmap import CreationRef
from jmap.auth import BasicAuth
from jmap.client import JMAPClient
from jmapc import Client, Email, EmailAddress, EmailBodyPart, EmailBodyValue, EmailQueryFilterCondition, Ref
from jmapc.methods import EmailGet, EmailQuery, EmailSet, IdentityGet, MailboxGet, MailboxQuery, ThreadGet


def arrived(client: JMAPClient, inbox: str) -> Any:
    """Wait until the message that was sent stands beside the one that was written; search for both by a word."""
    for _ in range(60):
        with client.batch() as batch:
            found = batch.mail.email.query(
                filter={"inMailbox": inbox, "text": "sail"},
                sort=[{"property": "receivedAt", "isAscending": False}],
                limit=10,
            )
            emails = batch.mail.email.get(ids=found.ref_ids(), properties=["subject", "from", "threadId", "keywords"])
            snippets = batch.mail.search_snippet.get(filter={"text": "sail"}, email_ids=found.ref_ids())
        if len(emails.result.items) == 2:
            assert [one.subject for one in emails.result.items] == ["Boats", "Boats"]
            assert snippets.result.items
            return emails
        time.sleep(0.5)
    raise AssertionError("the message did not arrive")


def jmaplib_mail(host: str, login: str, password: str, address: str) -> None:

    with JMAPClient.connect(f"https://{host}/.well-known/jmap", auth=BasicAuth(login, password)) as client:
        with client.batch() as batch:
            boxes = batch.mail.mailbox.get(ids=None)
            identities = batch.submission.identity.get(ids=None)
            quota = batch.quota.quota.get(ids=None)
            vacation = batch.vacation.vacation_response.get(ids=None)
            scripts = batch.sieve.sieve_script.get(ids=None)
        inbox = next(one for one in boxes.result.items if one.role == "inbox")
        identity = identities.result.items[0]
        assert identity.email == address
        assert len(vacation.result.items) == 1
        assert quota.result.items is not None
        assert scripts.result.items is not None
        draft = {
            "mailboxIds": {inbox.id: True},
            "from": [{"email": address}],
            "to": [{"email": address}],
            "subject": "Boats",
            "bodyValues": {"1": {"value": "A boat with a red sail"}},
            "textBody": [{"partId": "1", "type": "text/plain"}],
        }
        with client.batch() as batch:
            made = batch.mail.email.set(create={"draft": draft})
            sent = batch.submission.email_submission.set(
                create={"send": {"emailId": CreationRef("draft"), "identityId": identity.id}}
            )
        assert made.result.created
        assert sent.result.created, sent.result
        emails = arrived(client, inbox.id)
        one = emails.result.items[0]
        state = emails.result.state
        with client.batch() as batch:
            batch.mail.email.set(update={one.id: {"keywords/$seen": True}})
            changes = batch.mail.email.changes(since_state=state)
            threads = batch.mail.thread.get(ids=[one.thread_id])
        assert one.id in {*changes.result.created, *changes.result.updated}
        assert one.id in threads.result.items[0].email_ids


def jmaplib_groupware(host: str, login: str, password: str, address: str) -> None:

    with JMAPClient.connect(
        f"https://{host}/.well-known/jmap", auth=BasicAuth(login, password), experimental=True
    ) as client:
        with client.batch() as batch:
            books = batch.contacts.address_book.get(ids=None)
            calendars = batch.calendars.calendar.get(ids=None)
            principals = batch.principals.principal.query(filter={"email": address})
        book = next(one for one in books.result.items if one.is_default)
        calendar = next(one for one in calendars.result.items if one.is_default)
        assert len(principals.result.ids) == 1
        card = {
            "@type": "Card",
            "version": "1.0",
            "uid": "urn:uuid:6a1d0c1e-53ce-4d32-8d09-8b6a4a1f2f10",
            "addressBookIds": {book.id: True},
            "name": {"full": "Sailor Sam"},
            "emails": {"e": {"address": "sam@example.net"}},
        }
        event = {
            "@type": "Event",
            "calendarIds": {calendar.id: True},
            "title": "Regatta",
            "start": "2026-06-01T09:00:00",
            "timeZone": "Europe/Vienna",
            "duration": "PT2H",
            "recurrenceRules": [{"@type": "RecurrenceRule", "frequency": "weekly", "count": 3}],
        }
        with client.batch() as batch:
            cards = batch.contacts.contact_card.set(create={"c": card})
            events = batch.calendars.calendar_event.set(create={"e": event})
        assert cards.result.created, cards.result
        assert events.result.created, events.result
        with client.batch() as batch:
            found = batch.contacts.contact_card.query(filter={"text": "sailor"})
            told = batch.contacts.contact_card.get(ids=found.ref_ids())
            listed = batch.calendars.calendar_event.query(
                filter={"after": "2026-06-01T00:00:00", "before": "2026-07-01T00:00:00"}, expandRecurrences=True
            )
        assert [one.name.full for one in told.result.items] == ["Sailor Sam"]
        assert len(listed.result.ids) == 3


def jmapc_mail(host: str, login: str, password: str, address: str) -> None:

    client = Client.create_with_password(host=host, user=login, password=password)
    boxes = client.request(MailboxGet(ids=None)).data
    inbox = next(one for one in boxes if one.role == "inbox")
    assert client.request(IdentityGet()).data[0].email == address
    email = Email(
        mailbox_ids={inbox.id: True},
        mail_from=[EmailAddress(email=address)],
        to=[EmailAddress(email=address)],
        subject="Kites",
        body_values={"1": EmailBodyValue(value="A kite over the dunes")},
        text_body=[EmailBodyPart(part_id="1", type="text/plain")],
    )
    assert client.request(EmailSet(create={"draft": email})).created["draft"].id
    answers = client.request(
        [
            EmailQuery(filter=EmailQueryFilterCondition(in_mailbox=inbox.id, text="dunes"), limit=5),
            EmailGet(ids=Ref("/ids"), fetch_all_body_values=True),
        ]
    )
    (told,) = answers[1].response.data
    assert told.subject == "Kites"
    assert "dunes" in next(iter(told.body_values.values())).value
    assert client.request(ThreadGet(ids=[told.thread_id])).data[0].email_ids == [told.id]
    assert client.request(MailboxQuery()).ids


SESSIONS = {
    one.__name__: one
    for one in (
        jmaplib_mail,
        jmaplib_groupware,
        jmapc_mail,
    )
}

if __name__ == "__main__":
    SESSIONS[sys.argv[1]](*sys.argv[2:])
