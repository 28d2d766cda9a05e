"""Nothing that arrives on the socket makes the server fail, stop, stand still or grow."""

import random
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.dav import event
from tests.support.folkmoot import ANNA, BERT, CARL, Folkmoot, Person, running
from tests.support.fuzz import fuzz_inputs
from tests.support.hostile import Attacker, Connection
from tests.support.http import parse, resident_octets

pytestmark = pytest.mark.live

INPUTS = 30_000
CONNECTIONS = 4
SLOWEST_SECONDS = 8  # on a busy machine; nothing asks for more than a moment
GROWTH_MAX = 120 * 1024 * 1024  # octets that a worker may keep after all of it: caches, and a fragmented heap
REFUSAL_SECONDS = 5

BOMBS = (
    "RRULE:FREQ=SECONDLY",
    "RRULE:FREQ=SECONDLY;COUNT=2000000000",
    "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
    "RRULE:FREQ=DAILY;UNTIL=99991231T235959Z",
    "RRULE:FREQ=YEARLY;BYHOUR=" + ",".join(map(str, range(24))) + ";BYMINUTE=" + ",".join(map(str, range(60))),
    "RRULE:FREQ=MINUTELY;BYSETPOS=-1;BYSECOND=" + ",".join(map(str, range(60))),
    "RRULE:FREQ=YEARLY;BYDAY=53MO;BYWEEKNO=1",
    "RRULE:FREQ=HOURLY;INTERVAL=999999999",
    "\r\n".join(["RRULE:FREQ=SECONDLY;INTERVAL=7"] * 200),
    "RDATE:" + ",".join(f"2026{month:02}{day:02}T{hour:02}0000Z" for month in range(1, 13) for day in range(1, 29)
                        for hour in range(24)),
    "\r\n".join(f"EXDATE:2026{1 + n // 28 % 12:02}{1 + n % 28:02}T090000Z" for n in range(5000)),
)  # fmt: skip


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    with running(tmp_path_factory.mktemp("folkmoot"), people=(ANNA, BERT, CARL)) as server:
        yield server


def attack(folkmoot: Folkmoot, person: Person, seed: int, count: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    connection = Connection(folkmoot.port)
    for attempt in Attacker(seed, person).attempts(count):
        try:
            status, seconds = connection.send(attempt)
        except TimeoutError:
            raise AssertionError(f"no answer to {attempt.octets[:2000]!r}") from None
        assert status != 500, attempt.octets[:6000]
        assert seconds < SLOWEST_SECONDS, (seconds, attempt.octets[:6000])
        statuses[status] += 1
    connection.close()
    return statuses


def attacked(folkmoot: Folkmoot, count: int, seed: int) -> None:
    workers = folkmoot.pids[1:]
    before = max(map(resident_octets, workers))
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        people = (ANNA, CARL)
        share = count // CONNECTIONS
        runs = [threads.submit(attack, folkmoot, people[n % 2], seed + n, share) for n in range(CONNECTIONS)]
        statuses = sum((run.result() for run in runs), Counter[int]())
    assert folkmoot.pids[1:] == workers, "a worker was replaced"
    assert max(map(resident_octets, workers)) - before < GROWTH_MAX, statuses
    assert {200, 201, 204, 207, 400, 401, 403, 404, 405, 412, 415} <= set(statuses), statuses
    assert not {status for status in statuses if status > 500} - {501, 502, 505, 507}, statuses


def test_no_request_makes_it_fail(folkmoot: Folkmoot) -> None:
    attacked(folkmoot, INPUTS, seed=1)


@pytest.mark.nightly
def test_no_request_makes_it_fail_all_night(folkmoot: Folkmoot) -> None:
    attacked(folkmoot, fuzz_inputs(100_000), seed=random.randrange(2**40))


@pytest.mark.parametrize("method", ["PUT", "PROPFIND"])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_a_hundred_megabytes_is_refused_quickly(folkmoot: Folkmoot, method: str, *, chunked: bool) -> None:
    octets = 100 * 1024 * 1024
    head = f"{method} {BERT.calendar}big.ics HTTP/1.1\r\nHost: x\r\nAuthorization: {BERT.authorization}\r\n"
    head += "Transfer-Encoding: chunked\r\n\r\n" if chunked else f"Content-Length: {octets}\r\n\r\n"
    workers = folkmoot.pids[1:]
    before = max(map(resident_octets, workers))
    began = time.monotonic()
    reply, sent = b"", 0
    with socket.create_connection(("127.0.0.1", folkmoot.port), timeout=20) as connection:
        connection.sendall(head.encode())
        piece = b"x" * 65536
        connection.settimeout(0.02)
        while sent < octets and b"\r\n\r\n" not in reply:
            try:
                connection.sendall(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
                sent += len(piece)
                connection.setblocking(False)
                reply += connection.recv(65536)
            except (BlockingIOError, TimeoutError):
                pass
            except (BrokenPipeError, ConnectionResetError):
                break
            finally:
                connection.settimeout(5)
        connection.settimeout(10)
        while b"\r\n\r\n" not in reply:
            part = connection.recv(65536)
            if not part:
                break
            reply += part
    assert parse(reply).status == 413
    assert time.monotonic() - began < REFUSAL_SECONDS
    assert max(map(resident_octets, workers)) - before < GROWTH_MAX


def test_rules_without_end_cost_a_moment(folkmoot: Folkmoot) -> None:
    def seconds(method: str, path: str, body: bytes, *statuses: int) -> float:
        began = time.monotonic()
        answer = client.request(method, path, content=body, headers={"Depth": "1"})
        assert answer.status_code in statuses, (answer.status_code, answer.text[:500], body[:300])
        return time.monotonic() - began

    window = b'start="20260301T000000Z" end="20270301T000000Z"'
    query = (
        b'<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><D:getetag/>'
        b"<C:calendar-data><C:expand %s/></C:calendar-data></D:prop><C:filter><C:comp-filter name='VCALENDAR'>"
        b"<C:comp-filter name='VEVENT'><C:time-range %s/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    ) % (window, window)
    busy = b'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav"><C:time-range %s/></C:free-busy-query>' % window
    with folkmoot.client(BERT) as client:
        for number, bomb in enumerate(BOMBS):
            path = f"{BERT.calendar}bomb{number}.ics"
            spent = [seconds("PUT", path, event(f"bomb{number}", extra=f"{bomb}\r\n"), 201, 403, 400, 413)]
            spent.append(seconds("REPORT", BERT.calendar, query, 207, 403, 507))
            spent.append(seconds("REPORT", BERT.calendar, busy, 200, 403))
            assert max(spent) < SLOWEST_SECONDS, (bomb[:100], spent)
            client.delete(path)


def test_a_slow_sender_holds_nobody_up(folkmoot: Folkmoot) -> None:
    head = f"PUT {ANNA.calendar}slow.ics HTTP/1.1\r\nHost: x\r\nAuthorization: {ANNA.authorization}\r\n".encode()
    slow = [socket.create_connection(("127.0.0.1", folkmoot.port)) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(head + b"Content-Length: 1000\r\n\r\nBEGIN:")
        with folkmoot.client(BERT) as client:
            began = time.monotonic()
            for number in range(20):
                assert client.put(f"{BERT.calendar}q{number}.ics", content=event(f"q{number}")).is_success
            assert time.monotonic() - began < SLOWEST_SECONDS
    finally:
        for connection in slow:
            connection.close()


def test_no_path_leads_out_of_the_tree(folkmoot: Folkmoot) -> None:
    with folkmoot.client(ANNA) as client:
        for step in ("..", "%2e%2e", "..%2f..", "%2e%2e%2f", "....//", "..%5c", "%c0%ae%c0%ae"):
            for start in (f"{ANNA.path}/Files/", ANNA.calendar, "/SOGo/dav/"):
                status, _ = Connection(folkmoot.port).send_text(
                    f"GET {start}{f'{step}/' * 8}etc/passwd HTTP/1.1\r\nHost: x\r\n"
                    f"Authorization: {ANNA.authorization}\r\nConnection: close\r\n\r\n"
                )
                assert status in {0, 400, 403, 404}, step
        assert client.get("/.folkmoot/health").status_code == 200
