"""From a PUT to the mail: what leaves the server when people here invite, answer, change and cancel."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from folkmoot import ical
from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.calendars.meetings.undelivered import Undelivered
from folkmoot.config.servers_section import SmtpSettings
from folkmoot.config.settings import Settings
from folkmoot.database import Database
from folkmoot.jobs.letters import Letters
from folkmoot.jobs.outbox import Outbox
from folkmoot.jobs.runner import Runner
from folkmoot.scheduling.itip import parse_message
from folkmoot.store import outbox
from tests.support.meetings import Desk, desk_on, meeting, status_of
from tests.support.smtp import MailServer, Received, mail_server

pytestmark = pytest.mark.anyio

IDA = "ida@example.net"


@dataclass
class Post:
    """An office whose mails really go."""

    desk: Desk
    server: MailServer
    settings: Settings
    read: int = field(default=0)

    async def go(self) -> list[Received]:
        """Send what waits; return what has arrived since the last time."""
        desk = self.desk
        handler = Outbox(
            desk.database,
            Letters(desk.database, desk.directory, self.settings, desk.clock),
            self.settings,
            desk.clock,
            Undelivered(desk.database, desk.clock),
            local_hostname="localhost",
        )
        await Runner(desk.database, desk.clock, {outbox.JOB: handler}).run_due()
        new = self.server.received[self.read :]
        self.read = len(self.server.received)
        return sorted(new, key=lambda one: one.recipients)


@pytest.fixture
async def post(database: Database) -> AsyncIterator[Post]:
    async with mail_server() as server:
        settings = Settings(smtp=SmtpSettings(mechanism="smtp", server=server.url))
        yield Post(desk_on(database, MeetingPolicy(notify=True)), server, settings)


def _itip(received: Received) -> tuple[str, ical.Component]:
    (part,) = [part for part in received.message.walk() if part.get_content_type() == "text/calendar"]
    body = part.get_payload(decode=True)
    assert isinstance(body, bytes)
    method, calendar = parse_message(body)  # RFC 6047 section 2.4: what arrives is iTIP
    assert part.get_param("method") == method.value
    return method.value, calendar


async def test_everybody_gets_one_mail_and_the_answer_goes_back(post: Post) -> None:
    await post.desk.put("anna", "m.ics", meeting("m", "ben@example.org", IDA))
    invitations = await post.go()
    assert [one.recipients for one in invitations] == [["ben@example.org"], [IDA]]
    assert {one.sender for one in invitations} == {"anna@example.org"}
    assert {_itip(one)[0] for one in invitations} == {"REQUEST"}
    assert status_of(await post.desk.get("anna", "m.ics"), IDA) == "1.1"
    await post.desk.answer("ben", "m.ics", "ACCEPTED")
    (reply,) = await post.go()
    assert (reply.sender, reply.recipients) == ("ben@example.org", ["anna@example.org"])
    assert reply.message["Subject"] == "Accepted: Planning"
    method, calendar = _itip(reply)
    assert method == "REPLY"
    assert "ben@example.org" in ical.format(calendar)


async def test_a_change_says_what_it_was_and_a_cancellation_takes_back(post: Post) -> None:
    await post.desk.put("anna", "m.ics", meeting("m", IDA))
    (first,) = await post.go()
    await post.desk.put("anna", "m.ics", meeting("m", IDA, start="20260302T110000Z", end="20260302T120000Z"))
    (update,) = await post.go()
    assert update.message["Subject"] == "Changed: Planning"
    part = update.message.get_body(("plain",))
    assert part is not None
    assert "was: Monday, 2 March 2026, 09:00" in str(part.get_content())
    await post.desk.delete("anna", "m.ics")
    (cancellation,) = await post.go()
    assert cancellation.message["Subject"] == "Cancelled: Planning"
    assert _itip(cancellation)[0] == "CANCEL"
    assert len({one.message["References"] for one in (first, update, cancellation)}) == 1
    assert len({one.message["Message-ID"] for one in (first, update, cancellation)}) == 3
    assert await post.go() == []


async def test_a_write_that_a_client_repeats_is_not_mailed_again(post: Post) -> None:
    body = meeting("m", IDA)
    await post.desk.put("anna", "m.ics", body)
    await post.desk.put("anna", "m.ics", body)
    assert len(await post.go()) == 1


async def test_an_address_that_nobody_has_shows_in_the_organizers_calendar(post: Post) -> None:
    post.server.by_recipient[IDA] = "550 5.1.1 no such user"
    tag = await post.desk.put("anna", "m.ics", meeting("m", "ben@example.org", IDA))
    assert [one.recipients for one in await post.go()] == [["ben@example.org"]]
    stored = await post.desk.get("anna", "m.ics")
    assert status_of(stored, IDA) == "3.7"
    assert status_of(stored, "ben@example.org") == "1.2"
    # Nothing changed for whoever edits the meeting: the Schedule-Tag still holds.
    same: dict[str, Any] = {"If-Schedule-Tag-Match": f'"{tag}"'}
    await post.desk.put("anna", "m.ics", meeting("m", IDA, summary="New"), **same)


async def test_the_assistant_is_named_as_sender_on_behalf_of_the_organizer(post: Post) -> None:
    desk = post.desk
    await desk.put("anna", "m.ics", meeting("m", IDA))
    await post.go()
    granted = """<acl-query xmlns="urn:inverse:params:xml:ns:inverse-dav"><set-roles user="ben"><PublicModifier/>
        <ObjectCreator/></set-roles></acl-query>"""
    response = await desk.dav.request(
        "POST", "/anna/Calendar/personal/", granted, "anna", **{"Content-Type": "text/xml"}
    )
    assert response.status in (200, 201, 204, 207), response.body
    await desk.put("ben", "m.ics", meeting("m", IDA, summary="Moved"), home="anna")
    (update,) = await post.go()
    assert update.message["From"] == "Anna Berg <anna@example.org>"
    assert update.message["Sender"] == "Ben Lund <ben@example.org>"
    part = update.message.get_body(("plain",))
    assert part is not None
    assert "Sent by Ben Lund on behalf of Anna Berg" in str(part.get_content())
