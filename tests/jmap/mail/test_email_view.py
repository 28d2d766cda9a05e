"""Messages as the web application shows them: one call for page, files, and what to beware of; on the run's Dovecot."""

import base64
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from folkmoot.collections.content import Place
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database
from folkmoot.fetch.fetcher import Fetcher
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.vendor_mail.view_ids import parse_view_id
from folkmoot.store.records import Kind
from tests.corpus.samples import sample
from tests.jmap.mail.reading import ids, mail_world, message, put, reader
from tests.support.dovecot import somebody
from tests.support.jmap import PASSWORD, Client, Refused, World
from tests.support.jmap_http import Visitor, house_of
from tests.support.smime_people import somebody as smime_person

pytestmark = [pytest.mark.anyio, pytest.mark.live]

PIXELS = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC"
)


@pytest.fixture
async def opened(embedded: Database) -> AsyncIterator[World]:
    async with mail_world(embedded) as made:
        yield made


def html(
    number: int, body: str, *, subject: str = "", sender: str = "Bernd <bernd@example.net>", top: str = ""
) -> bytes:
    return message(number, subject, body=body, extra=f"{top}Content-Type: text/html; charset=utf-8\r\n", sender=sender)


def mixed(number: int, *parts: str, top: str = "") -> bytes:
    body = "".join(f"--bb\r\n{part}\r\n" for part in parts) + "--bb--\r\n"
    return message(number, body=body, extra=f"{top}Content-Type: multipart/mixed; boundary=bb\r\n")


async def views(client: Client, *given: str, **arguments: Any) -> list[dict[str, Any]]:
    found = list(given) or await ids(client, sort=[{"property": "receivedAt"}])
    told = await client.call("EmailView/get", ids=found, **arguments)
    return list(told["list"])


def blob_of(url: str) -> tuple[str, str]:
    """Return account and blob of a plain download URL."""
    match = re.fullmatch(r"https://h\.test/SOGo/jmap/download/([^/]+)/([^/]+)/.*", url)
    assert match is not None, url
    return match[1], match[2]


async def read(client: Client, url: str, context: Context | None = None) -> tuple[str, bytes]:
    """Return what a URL opens, and the policy of a page."""
    context = context or client.context()
    account, blob = blob_of(url)
    found = await context.open_blob(await context.accounts.get(account), blob)
    return found.page_policy, b"".join([piece async for piece in found.pieces])


async def test_a_message_is_one_object_ready_to_be_shown(opened: World) -> None:
    anna = await reader(opened)
    await put(
        opened,
        anna,
        message(1, body="> said before\r\n\r\nSee https://example.org/x", extra="X-Priority: 1\r\n"),
        html(2, "<p onclick=alert(1)>Round <b>and</b> round</p><script>alert(1)</script>"),
    )
    plain, page = await views(anna)
    assert (plain["isPlain"], plain["priority"], plain["isTextCut"]) == (True, 1, False)
    assert "<blockquote" in plain["document"]
    assert 'href="https://example.org/x"' in plain["document"]
    assert (page["isPlain"], page["text"].strip()) == (False, "Round and round")
    assert "<b>and</b>" in page["document"]
    assert "script" not in page["document"]
    assert "onclick" not in page["document"]
    policy, served = await read(anna, page["documentUrl"])
    assert served.decode() == page["document"]
    assert policy == f"{page['documentPolicy']}; frame-ancestors 'self'"
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert page["security"] == {
        "isSigned": False,
        "isEncrypted": False,
        "isDecrypted": False,
        "standard": None,
        "signatures": [],
        "fault": None,
    }
    answer = await anna.call("EmailView/get", ids=[page["id"], "e0"], properties=["text"])
    assert [sorted(one) for one in answer["list"]] == [["id", "text"]]
    assert answer["notFound"] == ["e0"]
    assert answer["state"] == (await anna.call("Email/get", ids=[]))["state"]


async def test_reading_marks_nothing_and_is_bounded(opened: World) -> None:
    anna = await reader(opened)
    await put(opened, anna, message(1))
    (one,) = await views(anna)
    assert (await anna.call("Email/get", ids=[one["id"]], properties=["keywords"]))["list"][0]["keywords"] == {}
    too_much: list[dict[str, Any]] = [{"ids": None}, {"ids": [f"e{number}" for number in range(21)]}]
    for wrong in too_much:
        with pytest.raises(Refused) as refused:
            await anna.call("EmailView/get", **wrong)
        assert refused.value.type == "requestTooLarge"
    for other in ({"charset": "no/such charset"}, {"partId": "2", "ids": ["a", "b"]}, {"pictures": "maybe"}):
        with pytest.raises(Refused) as refused:
            await anna.call("EmailView/get", **{"ids": [one["id"]], **other})
        assert refused.value.type == "invalidArguments"
    assert await views(anna, one["id"], partId="7.7") == []
    assert await views(anna, one["id"], partId="../..") == []


async def test_nobody_opens_the_pages_of_others(opened: World) -> None:
    anna, bert = await reader(opened), await reader(opened)
    await put(opened, anna, mixed(1, "\r\nHello", "Content-Type: text/plain; name=a.txt\r\n\r\nfile"))
    (one,) = await views(anna)
    for url in (one["documentUrl"], one["attachments"][0]["previewUrl"], one["attachments"][0]["url"]):
        _, blob = blob_of(url)
        with pytest.raises(Exception, match="no such"):
            await bert.context().open_blob(bert.context().accounts.own, blob)
    assert await views(bert, one["id"]) == []


async def test_pictures_within_are_shown_by_urls_of_the_message(opened: World) -> None:
    anna = await reader(opened)
    encoded = base64.b64encode(PIXELS).decode()
    head = "Content-Type: image/png; name=p.png\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64"
    picture = f"{head}\r\n\r\n{encoded}"
    text = 'Content-Type: text/html\r\n\r\n<p>Look <img src="cid:p@x"> https://h.test/SOGo/jmap/download/forged</p>'
    await put(opened, anna, mixed(1, text, picture))
    (one,) = await views(anna)
    (source,) = re.findall(r'<img src="([^"]+)"', one["document"])
    _, octets = await read(anna, source.replace("&amp;", "&"))
    assert octets == PIXELS
    assert "img-src data: https://h.test/SOGo/jmap/download/;" in one["documentPolicy"]
    (file,) = one["attachments"]
    assert (file["kind"], file["cid"], file["isInline"], file["name"]) == ("picture", "p@x", True, "p.png")
    assert file["previewUrl"].endswith("?type=image%2Fpng&disposition=inline")
    assert one["pictures"]["found"] is False


async def test_pictures_from_elsewhere_wait_for_consent(opened: World) -> None:
    anna = await reader(opened)
    body = '<img src="http://pics.test/a.png" width=50><img src="http://pics.test/a.png" width=50><div style="background:url(http://pics.test/b.png)">x</div>'
    await put(opened, anna, html(1, body))
    (one,) = await views(anna)
    nothing = {"shown": 0, "because": None, "protected": False, "trackers": 0}
    assert one["pictures"] == {"found": True, "blocked": 2, **nothing}
    assert "pics.test" not in one["document"]
    (one,) = await views(anna, pictures="show")
    assert (one["pictures"]["shown"], one["pictures"]["blocked"], one["pictures"]["because"]) == (2, 0, "asked")
    assert "pics.test" not in one["document"]
    assert len(set(re.findall(r"download/[^/]+/(W[A-Za-z0-9_-]+)/", one["document"]))) == 2
    _, served = await read(anna, one["documentUrl"])
    assert re.search(rb"download/[^/]+/W[A-Za-z0-9_-]+/", served)


async def test_senders_that_the_reader_named_show_their_pictures_unless_forged(opened: World) -> None:
    anna = await reader(opened)
    body = '<img src="http://pics.test/a.png" width=50>'
    await put(
        opened,
        anna,
        html(1, body, sender="Shop <News@Shop.test>"),
        html(2, body, sender="Other <a@other.test>"),
        html(3, body, sender="Shop <news@shop.test>", top="Authentication-Results: mx.test; dmarc=fail\r\n"),
        html(4, body, sender="Firm <x@firm.test>"),
    )
    await anna.call("Preferences/set", update={"singleton": {"mailPictureSenders": ["news@shop.test", "@firm.test"]}})
    assert [one["pictures"]["because"] for one in await views(anna)] == ["sender", None, None, "sender"]
    assert [one["pictures"]["because"] for one in await views(anna, pictures="hide")] == [None] * 4
    await anna.call("Preferences/set", update={"singleton": {"mailRemoteImages": "always"}})
    assert {one["pictures"]["because"] for one in await views(anna)} == {"preference"}


async def test_a_picture_from_elsewhere_is_fetched_for_its_reader_alone(
    opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert = await reader(opened), await reader(opened)
    asked: list[str] = []

    class Answer:
        body = PIXELS

    async def get(_: Fetcher, target: object) -> Answer:
        asked.append(str(target))
        return Answer()

    monkeypatch.setattr(Fetcher, "get", get)
    await put(opened, anna, html(1, '<img src="http://pics.test/a.png" width=50>'))
    (one,) = await views(anna, pictures="show")
    (source,) = re.findall(r'<img src="([^"]+)"', one["document"])
    _, octets = await read(anna, source.replace("&amp;", "&"))
    assert (octets[:4], len(asked)) == (PIXELS[:4], 1)
    _, blob = blob_of(source)
    with pytest.raises(Exception, match="no such"):
        await bert.context().open_blob(bert.context().accounts.own, blob)
    for forged in ("W", "W" + "A" * 80, blob[:-1]):
        with pytest.raises(Exception, match="no such"):
            await anna.context().open_blob(anna.context().accounts.own, forged)
    assert len(asked) == 1


async def test_files_are_told_with_what_can_be_seen_of_them(opened: World) -> None:
    anna = await reader(opened)
    await put(
        opened,
        anna,
        mixed(
            1,
            "\r\nHello",
            'Content-Type: text/html; name="a <b>.html"\r\nContent-Disposition: attachment\r\n\r\n'
            "<p onclick=x>page</p><img src=http://t.test/x.png><script>x</script>",
            "Content-Type: text/plain; charset=iso-8859-1; name=t.txt\r\nContent-Disposition: attachment\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\ngr=FC=DFe",
            "Content-Type: application/pdf; name=d.pdf\r\n\r\n%PDF",
            "Content-Type: application/octet-stream; name=card.vcf\r\n\r\nBEGIN:VCARD",
            "Content-Type: image/svg+xml; name=s.svg\r\n\r\n<svg onload=alert(1)/>",
            "Content-Type: message/rfc822\r\n\r\nFrom: Carl <carl@example.org>\r\nSubject: Within\r\n\r\nInner words",
        ),
    )
    (one,) = await views(anna)
    files = {file["name"]: file for file in one["attachments"]}
    kinds = [file["kind"] for file in one["attachments"]]
    assert kinds == ["page", "text", "pdf", "card", "file", "message"]
    page, text, _, card, svg, inner = one["attachments"]
    policy, served = await read(anna, page["previewUrl"])
    assert b"<p>page</p>" in served
    assert b"onclick" not in served
    assert b"t.test" not in served
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "grüße" in (await read(anna, text["previewUrl"]))[1].decode()
    assert b"BEGIN:VCARD" in (await read(anna, card["previewUrl"]))[1]
    assert svg["previewUrl"] is None
    assert files["d.pdf"]["previewUrl"] is None
    _, whole = await read(anna, inner["previewUrl"])
    assert b"Inner words" in whole
    (within,) = await views(anna, one["id"], partId=inner["partId"])
    assert within["text"].strip() == "Inner words"
    _, packed = await read(anna, one["attachmentsUrl"])
    assert packed.startswith(b"PK")
    assert b"t.txt" in packed


async def test_an_invitation_tells_how_the_reader_stands_to_it(opened: World) -> None:
    anna = await reader(opened)
    address = f"{anna.caller.principal}@example.com"

    def invitation(uid: str, method: str) -> str:
        return (
            f"Content-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n"
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
            "DTSTAMP:20260101T000000Z\r\nDTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\nSUMMARY:Talk\r\n"
            f"ORGANIZER:mailto:bernd@example.net\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{address}\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )

    await put(opened, anna, mixed(1, "\r\nHello", invitation("u1", "REQUEST")))
    await put(
        opened, anna, mixed(2, "\r\nHello", "Content-Type: text/calendar; method=REQUEST\r\n\r\nrubbish"), first=1
    )
    first, second = await views(anna)
    (told,) = first["invitations"]
    assert (told["method"], told["uid"], told["sort"], told["title"]) == ("REQUEST", "u1", "event", "Talk")
    assert (told["start"], told["end"]) == ("2026-03-10T09:00:00Z", "2026-03-10T10:00:00Z")
    assert (told["own"], told["answers"]) == (None, ["file"])
    (broken,) = second["invitations"]
    assert (broken["uid"], broken["answers"]) == (None, [])
    assert broken["fault"]
    parsed = await anna.call("CalendarEvent/parse", blobIds=[told["blobId"]])
    assert parsed["parsed"][told["blobId"]]


async def test_lists_receipts_and_oddities_are_told(opened: World) -> None:
    anna = await reader(opened)
    top = (
        "List-Id: Talk <talk.example.net>\r\nList-Unsubscribe: <mailto:off@example.net>, <https://example.net/off>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nDisposition-Notification-To: bernd@example.net\r\n"
    )
    await put(
        opened,
        anna,
        html(1, '<a href="https://evil.test/">https://bank.test/</a>', top=top, sender='"ceo@firm.test" <x@evil.test>'),
    )
    (one,) = await views(anna)
    assert one["mailingList"] == {
        "id": "talk.example.net",
        "name": "Talk",
        "post": None,
        "unsubscribeMail": "mailto:off@example.net",
        "unsubscribeWeb": "https://example.net/off",
        "unsubscribeOneClick": "https://example.net/off",
    }
    assert one["receipt"]["to"] == [{"name": None, "email": "bernd@example.net"}]
    assert {odd["kind"] for odd in one["oddities"]} >= {"link-shows-other-host", "name-shows-other-address"}
    assert one["authentication"] is None


async def test_what_is_long_is_cut_and_served(opened: World) -> None:
    anna = await reader(opened)
    line = "All work and no play makes a dull day.\r\n"
    await put(opened, anna, message(1, body=line * 30_000))
    (one,) = await views(anna)
    assert one["document"] is None
    assert one["isTextCut"] is True
    assert len(one["text"]) == 256 * 1024
    _, served = await read(anna, one["documentUrl"])
    assert len(served) > 1_000_000


def test_ids_of_views_are_read_as_they_were_written() -> None:
    for text in ("V", "V" + "A" * 23, "V" + "A" * 23 + "md" + "p", "V" + "A" * 23 + "xd", "V" + "A" * 22 + "md"):
        assert parse_view_id(text) is None
    for text in ("V" + "A" * 22 + "E" + "md", "V" + "A" * 22 + "E" + "zstp2-1_3cshift_jis"):
        assert str(parse_view_id(text)) == text


async def test_what_is_filed_can_be_answered_and_what_is_cancelled_removed(opened: World) -> None:
    anna = await reader(opened)
    address = f"{anna.caller.principal}@example.com"

    def body(method: str) -> str:
        return (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{method}BEGIN:VEVENT\r\nUID:u1\r\n"
            "DTSTAMP:20260101T000000Z\r\nDTSTART:20260310T090000Z\r\nDTEND:20260310T100000Z\r\nSUMMARY:Talk\r\n"
            f"ORGANIZER:mailto:bernd@example.net\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{address}\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )

    for number, method in enumerate(("REQUEST", "CANCEL", "REPLY")):
        part = f"Content-Type: text/calendar; method={method}\r\n\r\n{body(f'METHOD:{method}' + chr(13) + chr(10))}"
        await put(opened, anna, mixed(number, "\r\nHello", part), first=number)
    place = Place(anna.caller.principal, Kind.CALENDAR, "personal")
    await opened.services.objects.put(anna.caller, place, ResourceName("u1.ics"), body("").encode(), "text/calendar")
    told = [one["invitations"][0] for one in await views(anna)]
    assert [one["own"] for one in told] == ["needs-action"] * 3
    assert [one["answers"] for one in told] == [["accepted", "tentative", "declined"], ["remove"], []]


async def test_a_winmail_is_opened_and_its_files_can_be_had(opened: World) -> None:
    anna = await reader(opened)
    await put(opened, anna, sample("winmail-text-and-file").octets)
    (one,) = await views(anna)
    (pdf,) = [file for file in one["attachments"] if file["kind"] == "pdf"]
    assert pdf["partId"].startswith("~")
    assert (await read(anna, pdf["url"]))[1].startswith(b"%PDF")


async def test_what_is_encrypted_is_opened_and_who_signed_is_told(opened: World) -> None:
    anna, bert = await reader(opened), await reader(opened)
    address = f"{anna.caller.principal}@example.com"
    person = smime_person(address)
    blob = base64.b64encode(person.pkcs12("secret")).decode()
    uploaded = await anna.call("Blob/upload", create={"b": {"data": [{"data:asBase64": blob}]}})
    await anna.call("SmimeKey/import", blobId=uploaded["created"]["b"]["id"], password="secret")
    mail = opened.rooms.mail
    account = await mail.account(anna.caller, "0")
    letter = html(1, '<img src="http://t.test/x.png" width=50>Secret', sender=f"Anna <{address}>")
    protect = opened.services.mail.certificates.protect
    both = await protect(anna.caller, account, letter, (address,), sign=True, encrypt=True)
    alone = await protect(anna.caller, account, letter, (address,), sign=False, encrypt=True)
    await put(opened, anna, both, alone)
    signed, unsigned = await views(anna, pictures="show")
    security = signed["security"]
    assert (security["isSigned"], security["isEncrypted"], security["isDecrypted"]) == (True, True, True)
    assert (security["standard"], security["fault"]) == ("smime", None)
    (signature,) = security["signatures"]
    assert signature["verdict"] in {"valid", "untrusted"}
    assert signature["signers"][0]["addresses"] == [address]
    assert "Secret" in unsigned["text"]
    assert unsigned["pictures"] == {
        "found": True, "shown": 0, "blocked": 0, "because": None, "protected": True, "trackers": 0
    }  # fmt: skip
    assert "t.test" not in unsigned["document"]
    await put(opened, bert, both)
    (closed,) = await views(bert)
    assert (closed["security"]["isEncrypted"], closed["security"]["isDecrypted"]) == (True, False)
    assert closed["security"]["fault"]
    assert "Secret" not in closed["text"]


async def test_the_pictures_of_a_message_within_are_not_those_of_its_sender(opened: World) -> None:
    anna = await reader(opened)
    inner = (
        "Content-Type: message/rfc822\r\n\r\nFrom: Shop <news@shop.test>\r\nSubject: Within\r\n"
        'Content-Type: text/html\r\n\r\n<img src="http://pics.test/a.png" width=50>'
    )
    await put(opened, anna, mixed(1, "\r\nHello", inner))
    senders = ["news@shop.test", "bernd@example.net"]
    await anna.call("Preferences/set", update={"singleton": {"mailPictureSenders": senders}})
    (one,) = await views(anna)
    (within,) = await views(anna, one["id"], partId="2")
    assert within["pictures"]["found"] is True
    assert within["pictures"]["because"] is None


async def test_a_browser_gets_page_and_pictures_on_the_path_without_cookies(opened: World) -> None:
    name = somebody()
    house = house_of(opened)
    await house.person(name, PASSWORD)
    anna = opened.client(name)
    encoded = base64.b64encode(PIXELS).decode()
    head = "Content-Type: image/png; name=p.png\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64"
    text = 'Content-Type: text/html\r\n\r\n<p>Look <img src="cid:p@x"></p>'
    await put(opened, anna, mixed(1, text, f"{head}\r\n\r\n{encoded}"))
    browser = await house.browser(name, PASSWORD)
    using = ("urn:ietf:params:jmap:core", "https://folkmoot.org/jmap/mail")
    asked = {"accountId": anna.account, "ids": await ids(anna)}
    reply = await browser.call(("EmailView/get", asked), using=using)
    (one,) = reply.json["methodResponses"][0][1]["list"]
    stranger = Visitor(house.face)  # without cookies, as the frame is
    place = "https://h.test/SOGo.content/"
    page = await stranger.send("GET", one["documentUrl"].removeprefix(place), content=True)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f"img-src data: {place};" in page.headers["content-security-policy"]
    (source,) = re.findall(r'<img src="([^"]+)"', page.body.decode())
    picture = await stranger.send("GET", source.removeprefix(place), content=True)
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert picture.headers["cross-origin-resource-policy"] == "cross-origin"
    await house.sign_in.sessions.end(browser.cookie)
    assert (await stranger.send("GET", one["documentUrl"].removeprefix(place), content=True)).status == 401
