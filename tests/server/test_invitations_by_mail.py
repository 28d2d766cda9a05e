"""Mail from outside, delivered by LMTP to the private Dovecot, changes calendars with nobody signed in."""

import asyncio
import imaplib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import CollectionId, PrincipalId
from folkmoot.database import Database
from folkmoot.store import new_mail
from folkmoot.store.feed import ChangeFeed
from tests.support.folkmoot import ANNA, BERT, CARL, Folkmoot, Person, running
from tests.support.servers import shared, start_mariadb, start_postgresql

pytestmark = pytest.mark.live

SOON_SECONDS = 15
LEASE_SECONDS = 90  # a job of a worker that was killed stays leased for a minute
OUTSIDE = "oskar@outside.example"


@pytest.fixture(scope="module", params=["sqlite", "mariadb", "postgresql"])
def folkmoot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    start = {"mariadb": start_mariadb, "postgresql": start_postgresql}.get(request.param)
    database = None if start is None else shared(request.param, start)
    with running(tmp_path_factory.mktemp("intake"), database, mail=True) as server:
        yield server


@dataclass
class Meeting:
    uid: str
    sequence: int = 0

    def itip(
        self, method: str, organizer: str, attendee: str, *, partstat: str = "NEEDS-ACTION", more: str = ""
    ) -> str:
        stamp = f"20260101T0000{self.sequence:02}Z"
        return (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Outside//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n"
            f"UID:{self.uid}\r\nDTSTAMP:{stamp}\r\nSEQUENCE:{self.sequence}\r\n"
            f"DTSTART:20270301T09{self.sequence:02}00Z\r\nDTEND:20270301T100000Z\r\nSUMMARY:Treffen\r\n"
            f"ORGANIZER:mailto:{organizer}\r\nATTENDEE;PARTSTAT={partstat};RSVP=TRUE:mailto:{attendee}\r\n"
            f"{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )


def new_meeting() -> Meeting:
    return Meeting(f"{uuid.uuid4()}@outside.example")


def mail(itip: str, sender: str, recipient: str, *, head: str = "", method: str = "") -> bytes:
    method = method or itip.partition("METHOD:")[2].partition("\r\n")[0]
    return (
        f"{head}From: Somebody <{sender}>\r\nTo: {recipient}\r\nSubject: About a meeting\r\n"
        f"Message-ID: <{uuid.uuid4()}@outside.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/alternative; boundary="limit"\r\n\r\n'
        "--limit\r\nContent-Type: text/plain\r\n\r\nSee the calendar.\r\n"
        f"--limit\r\nContent-Type: text/calendar; charset=utf-8; method={method}\r\n\r\n{itip}\r\n--limit--\r\n"
    ).encode()


def copies(folkmoot: Folkmoot, person: Person, uid: str) -> list[str]:
    query = (
        '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>'
        '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT"><C:prop-filter name="UID">'
        f"<C:text-match>{uid}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    )
    with folkmoot.client(person) as client:
        answer = client.request("REPORT", person.calendar, content=query, headers={"Depth": "1"})
    assert answer.status_code == 207, answer.text
    return [part.replace("\n ", "").replace("\r", "") for part in answer.text.split("calendar-data>")[1::2]]


def soon(condition: Callable[[], object], seconds: float = SOON_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.1)


def looked_at(folkmoot: Folkmoot, person: Person) -> None:
    """Wait until the server has looked at all that is in somebody's INBOX."""
    owner = PrincipalId(person.login)

    async def seen() -> int:
        async with await Database.open(folkmoot.database, pool_size=1) as database:
            found = await database.read(partial(new_mail.find, owner=owner))
        inbox = {} if found is None else new_mail.positions_of(found.properties)
        return inbox["INBOX"].next if "INBOX" in inbox else 0

    client = signed_in(folkmoot, person)
    told = client.status("INBOX", "(UIDNEXT)")[1][0]
    client.shutdown()
    uid_next = int(told.rpartition(b" ")[2].rstrip(b")"))
    soon(lambda: asyncio.run(seen()) >= uid_next)


def signed_in(folkmoot: Folkmoot, person: Person) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", folkmoot.mail.ports.imap)
    client.authenticate("PLAIN", lambda _: b"\0" + person.login.encode() + b"\0" + person.password.encode())
    return client


def _is_filed(folkmoot: Folkmoot, person: Person, uid: str) -> bool:
    return len(copies(folkmoot, person, uid)) == 1


def keywords(folkmoot: Folkmoot, person: Person) -> dict[str, set[str]]:
    """Return the flags of what is in somebody's INBOX, by Message-ID."""
    client = signed_in(folkmoot, person)
    client.select("INBOX", readonly=True)
    found = {}
    for part in client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]:
        if isinstance(part, tuple):
            found[part[1].decode().split(":", 1)[1].strip()] = {f.decode() for f in imaplib.ParseFlags(part[0])}
    client.shutdown()
    return found


def message_id(message: bytes) -> str:
    return message.decode().partition("Message-ID: ")[2].partition("\r\n")[0]


def organized(folkmoot: Folkmoot, meeting: Meeting, organizer: Person, attendee: str) -> None:
    body = meeting.itip("X", organizer.mail, attendee).replace("METHOD:X\r\n", "")
    with folkmoot.client(organizer) as client:
        answer = client.put(
            f"{organizer.calendar}{meeting.uid}.ics", content=body, headers={"Content-Type": "text/calendar"}
        )
    assert answer.status_code == 201, answer.text


def test_an_invitation_from_outside_is_in_the_calendar_with_nobody_signed_in(folkmoot: Folkmoot) -> None:
    meeting = new_meeting()
    message = mail(meeting.itip("REQUEST", OUTSIDE, ANNA.mail), OUTSIDE, ANNA.mail)
    folkmoot.deliver(message, ANNA.mail)
    soon(lambda: copies(folkmoot, ANNA, meeting.uid))
    (copy,) = copies(folkmoot, ANNA, meeting.uid)
    assert "PARTSTAT=NEEDS-ACTION" in copy
    soon(lambda: "$CalendarProcessed" in keywords(folkmoot, ANNA)[message_id(message)])
    assert "\\Seen" not in keywords(folkmoot, ANNA)[message_id(message)]


def test_updates_and_duplicates_and_a_cancellation_reach_the_copy(folkmoot: Folkmoot) -> None:
    meeting = new_meeting()
    invitation = mail(meeting.itip("REQUEST", OUTSIDE, BERT.mail), OUTSIDE, BERT.mail)
    folkmoot.deliver(invitation, BERT.mail)
    soon(lambda: copies(folkmoot, BERT, meeting.uid))
    meeting.sequence = 5
    folkmoot.deliver(mail(meeting.itip("REQUEST", OUTSIDE, BERT.mail), OUTSIDE, BERT.mail), BERT.mail)
    soon(lambda: "T090500Z" in copies(folkmoot, BERT, meeting.uid)[0])
    folkmoot.deliver(invitation, BERT.mail)
    looked_at(folkmoot, BERT)
    (copy,) = copies(folkmoot, BERT, meeting.uid)
    assert "T090500Z" in copy
    meeting.sequence = 6
    folkmoot.deliver(mail(meeting.itip("CANCEL", OUTSIDE, BERT.mail), OUTSIDE, BERT.mail), BERT.mail)
    soon(lambda: not copies(folkmoot, BERT, meeting.uid))


def test_an_answer_from_outside_updates_the_organizers_copy(folkmoot: Folkmoot) -> None:
    meeting = new_meeting()
    organized(folkmoot, meeting, ANNA, OUTSIDE)
    answer = meeting.itip("REPLY", ANNA.mail, OUTSIDE, partstat="ACCEPTED")
    folkmoot.deliver(mail(answer, OUTSIDE, ANNA.mail), ANNA.mail)
    soon(lambda: "PARTSTAT=ACCEPTED" in copies(folkmoot, ANNA, meeting.uid)[0])


def test_forged_senders_change_nothing(folkmoot: Folkmoot) -> None:
    meeting, invited = new_meeting(), new_meeting()
    organized(folkmoot, meeting, ANNA, OUTSIDE)
    folkmoot.deliver(mail(invited.itip("REQUEST", OUTSIDE, ANNA.mail), OUTSIDE, ANNA.mail), ANNA.mail)
    soon(lambda: copies(folkmoot, ANNA, invited.uid))
    before = copies(folkmoot, ANNA, meeting.uid) + copies(folkmoot, ANNA, invited.uid)
    forger = "mallory@elsewhere.example"
    meeting.sequence = invited.sequence = 9
    reply = meeting.itip("REPLY", ANNA.mail, OUTSIDE, partstat="DECLINED")
    cancel = invited.itip("CANCEL", OUTSIDE, ANNA.mail)
    failed = "Authentication-Results: mx.outside.example; dmarc=fail header.from=outside.example\r\n"
    unseen = new_meeting()
    folkmoot.deliver(mail(reply, forger, ANNA.mail), ANNA.mail)
    folkmoot.deliver(mail(cancel, forger, ANNA.mail), ANNA.mail)
    folkmoot.deliver(mail(cancel, OUTSIDE, ANNA.mail, head=failed), ANNA.mail)
    folkmoot.deliver(mail(cancel, OUTSIDE, ANNA.mail, head=f"From: {forger}\r\n"), ANNA.mail)
    folkmoot.deliver(mail(unseen.itip("REQUEST", OUTSIDE, ANNA.mail), forger, ANNA.mail), ANNA.mail)
    folkmoot.deliver(mail(unseen.itip("REQUEST", OUTSIDE, BERT.mail), OUTSIDE, ANNA.mail), ANNA.mail)
    folkmoot.deliver(mail(unseen.itip("PUBLISH", OUTSIDE, ANNA.mail), OUTSIDE, ANNA.mail), ANNA.mail)
    looked_at(folkmoot, ANNA)
    assert copies(folkmoot, ANNA, meeting.uid) + copies(folkmoot, ANNA, invited.uid) == before
    assert copies(folkmoot, ANNA, unseen.uid) == []


def test_a_mail_that_cancels_in_the_name_of_an_organizer_here_changes_nothing(folkmoot: Folkmoot) -> None:
    meeting = new_meeting()
    organized(folkmoot, meeting, ANNA, CARL.mail)
    soon(lambda: copies(folkmoot, CARL, meeting.uid))
    meeting.sequence = 9
    message = mail(meeting.itip("CANCEL", ANNA.mail, CARL.mail), ANNA.mail, CARL.mail)
    folkmoot.deliver(message, CARL.mail)
    soon(lambda: "$CalendarProcessed" in keywords(folkmoot, CARL)[message_id(message)])
    assert len(copies(folkmoot, CARL, meeting.uid)) == 1


def test_who_lets_nobody_invite_gets_the_mail_and_no_event(folkmoot: Folkmoot) -> None:
    shy = folkmoot.add(Person("shy"))
    none = folkmoot.add(Person("none"))
    with folkmoot.client(shy) as client, folkmoot.client(none) as other:
        for one, who, settings in (
            (client, shy, {"settings": {"Calendar": {"PreventInvitations": True}}}),
            (other, none, {"defaults": {"FolkmootInvitationIntake": "none"}}),
        ):
            answer = one.post(f"/SOGo/so/{who.login}/Preferences/save", json=settings)
            assert answer.status_code in {200, 204}, answer.text
    meeting = new_meeting()
    for person in (shy, none):
        folkmoot.deliver(mail(meeting.itip("REQUEST", OUTSIDE, person.mail), OUTSIDE, person.mail), person.mail)
    for person in (shy, none):
        looked_at(folkmoot, person)
    assert not copies(folkmoot, shy, meeting.uid)
    assert not copies(folkmoot, none, meeting.uid)


def test_a_killed_server_goes_on_where_it_was(folkmoot: Folkmoot) -> None:
    late = folkmoot.add(Person("late"))
    meetings = [new_meeting() for _ in range(30)]
    for meeting in meetings:
        folkmoot.deliver(mail(meeting.itip("REQUEST", OUTSIDE, late.mail), OUTSIDE, late.mail), late.mail)
    folkmoot.kill()
    folkmoot.start()
    folkmoot.wait_for_mail()
    last = new_meeting()
    folkmoot.deliver(mail(last.itip("REQUEST", OUTSIDE, late.mail), OUTSIDE, late.mail), late.mail)
    for meeting in [*meetings, last]:
        soon(partial(_is_filed, folkmoot, late, meeting.uid), LEASE_SECONDS)


def test_who_watches_the_feed_in_another_worker_hears_of_new_mail_within_a_second(folkmoot: Folkmoot) -> None:
    async def seconds() -> float:
        async with (
            await Database.open(folkmoot.database, pool_size=2) as database,
            ChangeFeed(database, SystemClock()) as feed,
        ):

            async def mine() -> CollectionId:
                return (await database.write(lambda tx: new_mail.get_or_make(tx, PrincipalId(BERT.login), 1))).id

            plain = b"From: a@b.example\r\nSubject: x\r\n\r\nHello.\r\n"
            async with feed.watch([await mine()]) as watch:
                await asyncio.sleep(1.5)
                await watch.wait(0)
                await asyncio.to_thread(folkmoot.deliver, plain, BERT.mail)
                began = time.monotonic()
                assert await watch.wait(5)
                return time.monotonic() - began

    limit = 0.5 if folkmoot.database.startswith("postgresql") else 1.0
    assert min(asyncio.run(seconds()) for _ in range(2)) < limit
