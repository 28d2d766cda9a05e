"""People with clients of their own, a room and somebody elsewhere: whatever they do, all end with the same meetings.

Each client keeps what it has seen and syncs when it likes, so that it often writes on top of what is old.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from folkmoot.calendars.meetings.policy import MeetingPolicy
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Response
from folkmoot.dav.settings import DavSettings
from folkmoot.ical import Component, Line, parse
from folkmoot.ical import format as text_of
from folkmoot.scheduling.decide import decide
from folkmoot.scheduling.meeting import attendees
from folkmoot.scheduling.receive import receive
from folkmoot.scheduling.values import Actor, Address, Effect, Method, Wishes
from folkmoot.store import outbox
from tests.support.dav import Answers, Dav, header, services_on
from tests.support.fuzz import fuzz_inputs
from tests.support.meeting_edits import BERLIN, drop, instance, leave_out, place, say, series, shown, toggle
from tests.support.meetings import Clock, Office
from tests.support.servers import Machine

DAYS = 5
ELSEWHERE = Address("eva@example.net")
ROOM = Address("room@example.org")
GUESTS = ("ben", "dora")
BEHIND = timedelta(seconds=-30)  # of one node's clock
CALENDARS = ("personal", "second")
AGENTS = {
    "apple": "macOS/15.3 (24D60) dataaccessd/1.0",
    "thunderbird": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0",
    "davx5": "DAVx5/4.5-ose (2025/07/01; dav4jvm; okhttp/4.12.0) Android/15",
    "evolution": "Evolution/3.52.3",
}
days = st.integers(0, DAYS - 1)
hours = st.integers(8, 18)
guests = st.sampled_from(GUESTS)
said_words = st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE"])
which = st.integers(0, 2)
Change = Callable[[Component], None]


def address_of(name: str) -> Address:
    return Address(f"{name}@example.org")


@dataclass
class Seen:
    """An object as a client has it."""

    text: str
    etag: str
    tag: str | None


@dataclass
class Client:
    """What somebody's client remembers."""

    name: str
    agent: str
    seen: dict[str, Seen] = field(default_factory=dict)  # by path
    tokens: dict[str, str] = field(default_factory=dict)  # by calendar
    unsure: set[str] = field(default_factory=set)  # paths that this client has written
    lost: dict[str, str] = field(default_factory=dict)  # by UID: text of what was deleted

    def find(self, uid: str) -> str | None:
        """Return where a meeting is, by its UID."""
        found = (path for path, one in self.seen.items() if f"UID:{uid}\r\n" in one.text and "/inbox/" not in path)
        return next(found, None)


class Meetings(RuleBasedStateMachine):
    """Anna organizes; Ben and Dora have clients here, Eva gets mails."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Machine()
        self.moment = datetime(2026, 5, 1, tzinfo=UTC)
        self.requests = 0
        self.clock = Clock(self.moment)
        policy = MeetingPolicy(notify=True)
        self.services = services_on(self.machine.database, self.clock, directory=Office(), meeting_policy=policy)
        self.dav = Dav(DavFace(self.services, DavSettings()))
        agents = iter(AGENTS.values())
        self.clients = {name: Client(name, next(agents)) for name in ("anna", *GUESTS)}
        self.eva: dict[str, Component | None] = {}
        self.mails_read = 0
        self.uids = ["m"]
        for name in GUESTS:
            made = self.request(name, "MKCALENDAR", f"/{name}/Calendar/second/")
            assert made.status == 201
        event = Component("VEVENT", [Line("UID", "m"), Line("RRULE", f"FREQ=DAILY;COUNT={DAYS}")])
        place(event, 0, 10)
        event.properties += [Line("SUMMARY", "Talk"), Line("ORGANIZER", "mailto:anna@example.org")]
        event.properties += [Line("ATTENDEE", f"mailto:{who}") for who in (address_of("ben"), ROOM, ELSEWHERE)]
        self.create("anna", "m", event)

    def request(self, who: str, method: str, path: str, body: str = "", **headers: str) -> Response:
        self.moment += timedelta(milliseconds=100)
        self.requests += 1
        self.clock.time = self.moment + (timedelta() if self.requests % 7 < 4 else BEHIND)  # two nodes take turns
        agent = {"User_Agent": self.clients[who].agent} if who in self.clients else {}
        response = self.machine.run(self.dav.request(method, path, body, who, **agent, **headers))
        if method == "PUT" and path in self.clients[who].seen:
            self.clients[who].unsure.add(path)
        assert response.status < 500, (method, path, response.status, response.body)
        return response

    def create(self, who: str, uid: str, *events: Component) -> int:
        body = text_of(Component("VCALENDAR", [Line("VERSION", "2.0"), Line("PRODID", "-//T//EN")], list(events)))
        response = self.request(who, "PUT", f"/{who}/Calendar/personal/{uid}.ics", body, If_None_Match="*")
        self.read_mails()
        return response.status

    def sync(self, who: str) -> None:
        """Learn what has changed, and only that."""
        client = self.clients[who]
        for calendar in (*CALENDARS, "inbox"):
            if who == "anna" and calendar == "second":
                continue
            path = f"/{who}/Calendar/{calendar}/"
            token = client.tokens.get(calendar, "")
            body = (
                f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>'
                "<D:prop><D:getetag/></D:prop></D:sync-collection>"
            )
            response = self.request(who, "REPORT", path, body, Content_Type="application/xml", Depth="0")
            assert response.status == 207, response.body
            answers = Answers(response.body)
            client.tokens[calendar] = answers.root.findtext("{DAV:}sync-token") or ""
            for href in answers.hrefs:
                changed = href.removeprefix("/SOGo/dav")
                got = self.request(who, "GET", changed)
                if got.status == 404:
                    client.seen.pop(changed, None)
                    continue
                etag = header(got, "ETag") or ""
                known = client.seen.get(changed)
                is_news = known is None or known.etag != etag or changed in client.unsure
                assert is_news, f"{who} is told of {changed}, which has not changed"
                client.unsure.discard(changed)
                client.seen[changed] = Seen(got.body.decode(), etag, header(got, "Schedule-Tag"))

    def uid(self, number: int) -> str:
        return self.uids[number % len(self.uids)]

    def edit(
        self, who: str, uid: str, change: Change, *, fresh: bool, bumped: bool = False, answers: bool = True
    ) -> bool:
        """Change an object as this client has it; return whether it is stored."""
        client = self.clients[who]
        if fresh:
            self.sync(who)
        path = client.find(uid)
        if path is None:
            return False
        seen = client.seen[path]
        calendar = parse(seen.text)
        change(calendar)
        if text_of(calendar) == seen.text:
            return False
        if bumped:
            for one in calendar.children("VEVENT"):
                one.set(Line("SEQUENCE", str(int(one.text("SEQUENCE") or 0) + 1)))
        apple = "dataaccessd" in client.agent
        condition = {"If_Schedule_Tag_Match": f"{seen.tag}"} if apple and seen.tag else {"If_Match": seen.etag}
        invites_room = ROOM in attendees(calendar)
        answered = shown(calendar, address_of(who)) if answers and who != "anna" else {}
        response = self.request(who, "PUT", path, text_of(calendar), **condition)
        if response.status not in (201, 204):
            allowed = {412} if not fresh else set()
            assert response.status in (allowed | {409} if invites_room and who == "anna" else allowed), (
                who,
                response.status,
                response.body,
            )
            return False
        self.check_said(who, path, answered)
        self.read_mails()
        return True

    def check_said(self, who: str, path: str, meant: dict[str, tuple[datetime, datetime, str, str]]) -> None:
        stored = shown(parse(self.request(who, "GET", path).body), address_of(who))
        for day, (*_, word) in meant.items():
            if day in stored and word != "NEEDS-ACTION":
                assert stored[day][3] == word, f"{who}'s answer of {day} is lost"

    def read_mails(self) -> None:
        """Let Eva's client take the mails that have come since; nobody gets the same twice."""
        found = self.machine.run(self.machine.database.read(lambda tx: outbox.list_(tx, list(outbox.State))))
        mails = sorted(found, key=lambda mail: mail.id)
        for mail in mails[self.mails_read :]:
            assert mail.recipient != ROOM
            assert "X-FOLKMOOT" not in str(mail.payload["itip"])
            if mail.recipient == ELSEWHERE:
                self.take_mail(str(mail.payload["uid"]), str(mail.payload["method"]), str(mail.payload["itip"]))
        last: dict[tuple[str, str, str], str] = {}
        for mail in mails:
            about = mail.recipient, str(mail.payload["uid"]), str(mail.payload["sender_address"])
            words = re.sub(r"DTSTAMP:\w+", "", str(mail.payload["itip"]))
            assert last.get(about) != words, f"{about} is told the same twice: {words}"
            last[about] = words
        self.mails_read = len(mails)

    def take_mail(self, uid: str, method: str, text: str) -> None:
        receipt = receive(
            self.eva.get(uid),
            parse(text),
            Method(method),
            EVA,
            now=self.clock.now(),
            default_zone=BERLIN,
            sender=address_of("anna"),
        )
        if receipt.effect is Effect.REMOVED:
            self.eva[uid] = None
        elif receipt.effect is Effect.APPLIED:
            self.eva[uid] = receipt.calendar

    @rule(who=st.sampled_from(["anna", *GUESTS]))
    def client_syncs(self, who: str) -> None:
        self.sync(who)

    @rule(number=which, hour=hours, fresh=st.booleans(), bumped=st.booleans())
    def series_is_moved(self, number: int, hour: int, fresh: bool, bumped: bool) -> None:
        def change(calendar: Component) -> None:
            calendar.components[:] = [one for one in calendar.components if one.get("RECURRENCE-ID") is None]
            master = series(calendar)
            master.remove("EXDATE")
            start = master.get("DTSTART")
            assert start is not None
            place(master, int(start.value[6:8]) - 1, hour)

        self.edit("anna", self.uid(number), change, fresh=fresh, bumped=bumped)

    @rule(number=which, name=st.sampled_from(["Talk", "Walk"]), fresh=st.booleans(), bumped=st.booleans())
    def series_is_named(self, number: int, name: str, fresh: bool, bumped: bool) -> None:
        def change(calendar: Component) -> None:
            series(calendar).set(Line("SUMMARY", name))

        self.edit("anna", self.uid(number), change, fresh=fresh, bumped=bumped)

    @rule(number=which, text=st.sampled_from(["one", "two"]), fresh=st.booleans(), bumped=st.booleans())
    def series_is_described(self, number: int, text: str, fresh: bool, bumped: bool) -> None:
        def change(calendar: Component) -> None:
            series(calendar).set(Line("DESCRIPTION", text))

        uid = self.uid(number)
        before = self.organized(uid)
        if not fresh and self.clients["anna"].find(uid) is not None:
            text_seen = self.clients["anna"].seen[self.clients["anna"].find(uid) or ""].text
            if _terms(parse(text_seen)) != _terms(before):
                return  # takes back what another client of hers did
        if self.edit("anna", uid, change, fresh=fresh, bumped=bumped):
            after = self.organized(uid)
            for who in (*map(address_of, GUESTS), ELSEWHERE):
                assert shown(before, who) == shown(after, who), f"an answer of {who} is lost"

    @rule(number=which, who=st.sampled_from([*map(address_of, GUESTS), ROOM, ELSEWHERE]), fresh=st.booleans())
    def somebody_is_invited_or_no_longer(self, number: int, who: Address, fresh: bool) -> None:
        self.edit("anna", self.uid(number), lambda calendar: toggle(series(calendar), who), fresh=fresh)

    @rule(number=which, day=days, who=st.sampled_from([*map(address_of, GUESTS), ELSEWHERE]))
    def somebody_is_invited_to_an_instance_or_no_longer(self, number: int, day: int, who: Address) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day) if self.takes_place(calendar, day) else None
            if single is not None:
                toggle(single, who)

        self.edit("anna", self.uid(number), change, fresh=True)

    @rule(number=which, day=days, hour=hours, fresh=st.booleans())
    def instance_is_moved(self, number: int, day: int, hour: int, fresh: bool) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day) if self.takes_place(calendar, day) else None
            if single is not None:
                place(single, day, hour)

        self.edit("anna", self.uid(number), change, fresh=fresh)

    @rule(number=which, day=days, fresh=st.booleans())
    def instance_goes_back_to_the_series(self, number: int, day: int, fresh: bool) -> None:
        self.edit("anna", self.uid(number), lambda calendar: drop(calendar, day), fresh=fresh)

    @rule(number=which, day=days, fresh=st.booleans())
    def instance_is_left_out(self, number: int, day: int, fresh: bool) -> None:
        def change(calendar: Component) -> None:
            if self.takes_place(calendar, day):
                leave_out(calendar, day)

        self.edit("anna", self.uid(number), change, fresh=fresh)

    @rule(number=which, day=st.integers(1, DAYS - 1), hour=hours, new_first=st.booleans())
    def this_and_following_are_moved(self, number: int, day: int, hour: int, new_first: bool) -> None:
        uid = self.uid(number)
        self.sync("anna")
        old = self.organized(uid)
        if len(self.uids) > 2 or old is None or not self.takes_place(old, day):
            return
        start = series(old).get("DTSTART")
        if start is None or int(start.value[6:8]) > day:
            return
        new = f"{uid}{day}"
        following = series(old).copy()
        for name in ("EXDATE", "SEQUENCE"):
            following.remove(name)
        following.set(Line("UID", new))
        following.set(Line("RRULE", f"FREQ=DAILY;COUNT={DAYS - day}"))
        place(following, day, hour)

        def cut(calendar: Component) -> None:
            calendar.components[:] = [
                one
                for one in calendar.components
                if (line := one.get("RECURRENCE-ID")) is None or int(line.value[6:8]) <= day
            ]
            series(calendar).set(Line("RRULE", f"FREQ=DAILY;UNTIL=2026060{day}T215959Z"))

        if new in self.uids:
            return
        if new_first:
            made = self.create("anna", new, following) == 201
            self.edit("anna", uid, cut, fresh=True)
        else:
            self.edit("anna", uid, cut, fresh=True)
            made = self.create("anna", new, following) == 201
        if made:
            self.uids.append(new)

    @rule(number=which, who=guests, said=said_words, fresh=st.booleans())
    def series_is_answered(self, number: int, who: str, said: str, fresh: bool) -> None:
        def change(calendar: Component) -> None:
            for one in calendar.components:
                if one.get("RECURRENCE-ID") is None:
                    say(one, address_of(who), said)

        self.edit(who, self.uid(number), change, fresh=fresh)

    @rule(number=which, who=guests, said=said_words, day=days, fresh=st.booleans())
    def instance_is_answered(self, number: int, who: str, said: str, day: int, fresh: bool) -> None:
        def change(calendar: Component) -> None:
            single = instance(calendar, day) if self.takes_place(calendar, day) else None
            if single is not None:
                say(single, address_of(who), said)

        self.edit(who, self.uid(number), change, fresh=fresh)

    @rule(number=which, who=guests, hour=hours)
    def attendee_moves_the_own_copy(self, number: int, who: str, hour: int) -> None:
        def change(calendar: Component) -> None:
            place(calendar.children("VEVENT")[0], 0, hour)

        before = self.mails_read
        self.edit(who, self.uid(number), change, fresh=True, answers=False)
        assert self.mails_read == before

    @rule(number=which, who=guests, fresh=st.booleans())
    def attendee_sets_an_alarm(self, number: int, who: str, fresh: bool) -> None:
        def change(calendar: Component) -> None:
            alarm = [Line("ACTION", "DISPLAY"), Line("TRIGGER", "-PT15M"), Line("DESCRIPTION", "soon")]
            calendar.children("VEVENT")[0].components[:] = [Component("VALARM", alarm)]

        before = self.mails_read
        self.edit(who, self.uid(number), change, fresh=fresh)
        assert self.mails_read == before

    @rule(number=which, who=guests)
    def attendee_deletes_the_copy(self, number: int, who: str) -> None:
        client, uid = self.clients[who], self.uid(number)
        self.sync(who)
        path = client.find(uid)
        if path is not None:
            client.lost[uid] = client.seen[path].text
            assert self.request(who, "DELETE", path, If_Match=client.seen[path].etag).status == 204
            self.read_mails()

    @rule(number=which, who=guests)
    def attendee_undoes_the_deletion(self, number: int, who: str) -> None:
        client, uid = self.clients[who], self.uid(number)
        self.sync(who)
        invited = address_of(who) in attendees(self.organized(uid) or Component("VCALENDAR"))
        if invited and uid in client.lost and client.find(uid) is None:
            text = client.lost.pop(uid)
            path = f"/{who}/Calendar/personal/again-{self.requests}.ics"
            response = self.request(who, "PUT", path, text, If_None_Match="*")
            assert response.status in (201, 403, 409), response.body
            self.read_mails()

    @rule(number=which, who=guests)
    def attendee_moves_the_copy_to_another_calendar(self, number: int, who: str) -> None:
        client, uid = self.clients[who], self.uid(number)
        self.sync(who)
        path = client.find(uid)
        if path is None:
            return
        there = path.replace("/second/", "/*/").replace("/personal/", "/second/").replace("/*/", "/personal/")
        before = self.mails_read
        moved = self.request(who, "MOVE", path, Destination=f"http://dav.test/SOGo/dav{there}", Overwrite="F")
        assert moved.status == 201, moved.body
        self.read_mails()
        assert self.mails_read == before
        self.sync(who)
        assert client.find(uid) == there

    @rule(number=which, said=said_words)
    def eva_answers(self, number: int, said: str) -> None:
        uid = self.uid(number)
        copy = self.eva.get(uid)
        if copy is None or any(one[3] == "DECLINED" for one in shown(copy, ELSEWHERE).values()):
            return  # who has declined gets no mail when uninvited, and does not think better of it
        after = copy.copy()
        for one in after.components:
            say(one, ELSEWHERE, said)
        decision = decide(copy, after, EVA, Wishes(self.moment, BERLIN))
        self.eva[uid] = decision.calendar
        for message in decision.messages:
            body = text_of(message.calendar).encode()
            self.machine.run(self.services.meetings.receive(PrincipalId("anna"), body, ELSEWHERE))
        self.read_mails()

    @rule(number=which, fresh=st.booleans())
    def meeting_is_called_off(self, number: int, fresh: bool) -> None:
        client, uid = self.clients["anna"], self.uid(number)
        if len(self.uids) == 1:
            return
        if fresh:
            self.sync("anna")
        path = client.find(uid)
        if path is not None:
            gone = self.request("anna", "DELETE", path, If_Match=client.seen[path].etag)
            assert gone.status in ((204,) if fresh else (204, 412))
            self.read_mails()

    @rule(who=st.sampled_from(["anna", *GUESTS]), number=which)
    def same_is_written_again(self, who: str, number: int) -> None:
        before = self.mails_read
        self.sync(who)
        path = self.clients[who].find(self.uid(number))
        if path is not None:
            seen = self.clients[who].seen[path]
            again = self.request(who, "PUT", path, seen.text, If_Match=seen.etag)
            assert again.status == 204, again.body
            self.read_mails()
            assert self.mails_read == before
            others = {name: self.everything(name) for name in self.clients}
            self.request(who, "PUT", path, seen.text)
            assert others == {name: self.everything(name) for name in self.clients}

    @rule(who=guests)
    def inbox_is_emptied(self, who: str) -> None:
        self.sync(who)
        for path in [path for path in self.clients[who].seen if "/inbox/" in path]:
            assert self.request(who, "DELETE", path).status == 204

    def takes_place(self, calendar: Component, day: int) -> bool:
        return any(f"2026060{day + 1}" in key for key in _days(calendar))

    def everything(self, who: str) -> dict[str, str]:
        """Return what somebody's calendars hold, by path, as a client without memory reads it."""
        found = {}
        for calendar in CALENDARS if who != "anna" else CALENDARS[:1]:
            path = f"/{who}/Calendar/{calendar}/"
            answers = self.machine.run(self.dav.propfind(path, "{DAV:}getetag", depth="1", as_=who))
            for href in answers.hrefs:
                if not href.endswith("/"):
                    name = href.removeprefix("/SOGo/dav")
                    found[name] = self.request(who, "GET", name).body.decode()
        return found

    def organized(self, uid: str) -> Component | None:
        texts = [text for text in self.everything("anna").values() if f"UID:{uid}\r\n" in text]
        assert len(texts) <= 1
        return parse(texts[0]) if texts else None

    def teardown(self) -> None:
        try:
            self.check_end()
        finally:
            self.machine.close()

    def check_end(self) -> None:
        for who, client in self.clients.items():
            self.sync(who)
            cached = {path: one.text for path, one in client.seen.items() if "/inbox/" not in path}
            assert cached == self.everything(who), f"{who}'s client has missed something"
        for uid in self.uids:
            organized = self.organized(uid)
            for who in GUESTS:
                copies = [text for text in self.everything(who).values() if f"UID:{uid}\r\n" in text]
                assert len(copies) <= 1, f"{who} has {uid} twice"
                self.check_equal(address_of(who), parse(copies[0]) if copies else None, organized)
            self.check_equal(ELSEWHERE, self.eva.get(uid), organized)
            if organized is not None:
                self.check_room(uid, organized)

    def check_equal(self, who: Address, copy: Component | None, organized: Component | None) -> None:
        theirs, ours = shown(copy, who), shown(organized, who)
        for day, wanted in ours.items():
            if wanted[3] == "DECLINED" and day not in theirs:
                continue  # left out by who declined it
            assert theirs.get(day) == wanted, f"{who} on {day}"
        left = {day for day in theirs.keys() - ours.keys() if theirs[day][3] != "DECLINED"}
        assert not left, f"{who} still has {left}"
        if copy is not None and organized is not None and who != ELSEWHERE:
            for other in {*map(address_of, GUESTS), ROOM, ELSEWHERE} - {who}:
                said, wanted_said = shown(copy, other), shown(organized, other)
                for day in theirs:
                    assert said.get(day) == wanted_said.get(day), f"{who} has another answer of {other} on {day}"

    def check_room(self, uid: str, organized: Component) -> None:
        path = "/room/Calendar/personal/"
        answers = self.machine.run(self.dav.propfind(path, "{DAV:}getetag", depth="1", as_="room"))
        texts = [
            text
            for href in answers.hrefs
            if not href.endswith("/")
            and f"UID:{uid}\r\n" in (text := self.request("room", "GET", href.removeprefix("/SOGo/dav")).body.decode())
        ]
        assert len(texts) <= 1
        booked = shown(parse(texts[0]) if texts else None, ROOM)
        assert booked == shown(organized, ROOM)
        assert {one[3] for one in booked.values()} <= {"ACCEPTED"}


EVA = Actor(frozenset({ELSEWHERE}), ELSEWHERE, "Eva")


def _days(calendar: Component) -> set[str]:
    found: set[str] = set()
    for who in attendees(calendar):
        found |= shown(calendar, who).keys()
    return found


def _terms(calendar: Component | None) -> dict[Address, set[tuple[datetime, datetime, str]]]:
    people = attendees(calendar) if calendar is not None else ()
    return {who: {one[:3] for one in shown(calendar, who).values()} for who in people}


class LongMeetings(Meetings):
    """The same, with people who do more."""


_ALWAYS = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
TestMeetings = Meetings.TestCase
TestMeetings.settings = settings(_ALWAYS, max_examples=20, stateful_step_count=15, derandomize=True)
TestLongMeetings = pytest.mark.nightly(LongMeetings.TestCase)
TestLongMeetings.settings = settings(_ALWAYS, max_examples=fuzz_inputs(2_000), stateful_step_count=30)
