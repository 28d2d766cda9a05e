"""Two people with real clients' requests on a running server: invited, answered, moved, cancelled in part and whole."""

from collections.abc import Iterator

import httpx
import pytest

from folkmoot.ical import parse
from tests.support.folkmoot import ANNA, BERT, DAV, Folkmoot, running
from tests.support.meetings import answers, meeting
from tests.support.servers import Server, mariadb_server

pytestmark = pytest.mark.live

THUNDERBIRD = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.4.0"}
APPLE = {"User-Agent": "macOS/15.3 (24D60) dataaccessd/1.0"}
DAVX5 = {"User-Agent": "DAVx5/4.5-ose (2025/07/01; dav4jvm; okhttp/4.12.0) Android/15"}
EVOLUTION = {"User-Agent": "Evolution/3.52.3"}
ICS = {"Content-Type": "text/calendar; charset=utf-8"}
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=4\r\nX-MOZ-GENERATION:1\r\n"


@pytest.fixture(scope="module")
def folkmoot(tmp_path_factory: pytest.TempPathFactory, mariadb_server: Server) -> Iterator[Folkmoot]:
    with running(tmp_path_factory.mktemp("meetings"), mariadb_server, workers=2) as started:
        yield started


def put(client: httpx.Client, url: str, body: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.put(url, content=body.encode(), headers=ICS | named)
    assert response.status_code in (201, 204), response.text
    return response


def copy_of(client: httpx.Client, calendar: str, uid: str) -> tuple[str, httpx.Response]:
    """Find a copy as clients do, by a sync from the beginning, and GET it."""
    sync = (
        '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level>'
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    )
    listed = client.request("REPORT", calendar, content=sync, headers={"Content-Type": "application/xml", "Depth": "0"})
    hrefs = [part.partition("</D:href>")[0] for part in listed.text.split("<D:href>")[1:]]
    for href in hrefs:
        found = client.get(href)
        if f"UID:{uid}\r\n" in found.text:
            return href, found
    raise AssertionError(f"no copy of {uid} among {hrefs}")


@pytest.mark.parametrize(
    "guest_client", [APPLE, DAVX5, EVOLUTION, THUNDERBIRD], ids=["apple", "davx5", "evolution", "tb"]
)
def test_two_people_end_with_the_same_meeting(folkmoot: Folkmoot, guest_client: dict[str, str]) -> None:
    for person in (ANNA, BERT):
        if person not in folkmoot.people:
            folkmoot.add(person)
    uid = f"meeting-{guest_client['User-Agent'].split('/')[0].lower()}"
    with folkmoot.client(ANNA) as anna, folkmoot.client(BERT) as bert:
        anna.headers.update(THUNDERBIRD)
        bert.headers.update(guest_client)
        own = f"{ANNA.calendar}{uid}.ics"
        invitation = meeting(uid, "bert@example.org", extra=WEEKLY, start="20300304T090000Z", end="20300304T100000Z")
        created = put(anna, own, invitation, If_None_Match="*")
        assert created.headers["Schedule-Tag"]
        assert "ETag" not in created.headers

        href, filed = copy_of(bert, BERT.calendar, uid)
        assert answers(parse(filed.content)) == {"bert": "NEEDS-ACTION"}
        accepted = filed.text.replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=ACCEPTED")
        condition = {"If_Schedule_Tag_Match": filed.headers["Schedule-Tag"]} if guest_client is APPLE else {}
        put(bert, href, accepted, **(condition or {"If_Match": filed.headers["ETag"]}))
        organized = anna.get(own)
        assert answers(parse(organized.content)) == {"bert": "ACCEPTED"}

        without_second = organized.text.replace("RRULE:", "EXDATE:20300311T090000Z\r\nRRULE:", 1)
        put(anna, own, without_second, If_Match=organized.headers["ETag"])
        assert "EXDATE:20300311T090000Z" in bert.get(href).text

        before = anna.get(own)
        moved = before.text.replace("T090000Z", "T130000Z").replace("T100000Z", "T140000Z")
        put(anna, own, moved, If_Match=before.headers["ETag"])
        again = bert.get(href)
        assert "DTSTART:20300304T130000Z" in again.text
        assert answers(parse(again.content)) == answers(parse(anna.get(own).content)) == {"bert": "NEEDS-ACTION"}

        stale = bert.put(href, content=accepted.encode(), headers=ICS | {"If-Match": filed.headers["ETag"]})
        assert stale.status_code == 412

        assert anna.delete(own).status_code == 204
        assert bert.get(href).status_code == 404
        inbox = bert.request("PROPFIND", f"{DAV}/bert/Calendar/inbox/", headers={"Depth": "1"})
        assert inbox.status_code == 207
        assert inbox.text.count(".ics</D:href>") >= 3


__all__ = ["mariadb_server"]
