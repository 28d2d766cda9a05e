"""Mail over DAV on a real mail server, with requests of the shapes that SOGo's clients send."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from folkmoot.core.caller import ANONYMOUS, Caller
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Request, Response
from folkmoot.dav.mail.services import MailServices
from folkmoot.dav.settings import DavSettings
from folkmoot.mailboxes.adding import Adding
from folkmoot.mailboxes.deleting import Deleting
from folkmoot.mailboxes.downloading import Downloading
from folkmoot.mailboxes.listing import Listing
from folkmoot.mailboxes.moving import Moving
from folkmoot.mailboxes.reading import Reading
from tests.mailboxes.test_certificates import services
from tests.support.dav import header, services_on
from tests.support.dovecot import dovecot
from tests.support.mailboxes import Mail, mail_on

pytestmark = [pytest.mark.anyio, pytest.mark.live]

_QUERY = (
    '<?xml version="1.0"?><i:mail-query xmlns:i="urn:inverse:params:xml:ns:inverse-dav" xmlns:D="DAV:" '
    'xmlns:m="urn:schemas:mailheader:"><D:prop><D:displayname/></D:prop>{}</i:mail-query>'
)


@dataclass
class Tree:
    """A client of the tree of somebody's mail."""

    face: DavFace
    mail: Mail
    me: Caller

    async def __call__(self, method: str, path: str = "", body: bytes | str = b"", **headers: str) -> Response:
        return await self.of(self.me, method, f"/{self.me.principal}/Mail/{path}", body, **headers)

    async def of(self, caller: Caller, method: str, path: str, body: bytes | str = b"", **headers: str) -> Response:
        octets = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
        return await self.face(Request(method, path, "", named, octets, caller, origin="http://mail.example.org"))

    async def put(self, folder: str, octets: bytes) -> str:
        response = await self("PUT", f"0/folder{folder}", octets, content_type="message/rfc822")
        assert response.status == 201
        return self.path(header(response, "location") or "")

    def path(self, url: str) -> str:
        return url.partition(f"/SOGo/dav/{self.me.principal}/Mail/")[2]

    async def query(self, filters: str, folder: str = "box") -> list[str]:
        response = await self("REPORT", f"0/folder{folder}", _QUERY.format(filters))
        assert response.status == 207, response.body
        return [self.path(one.text or "") for one in ET.fromstring(response.body).iter("{DAV:}href")]  # noqa: S314

    async def propfind(self, path: str, names: str = "", depth: str = "0") -> ET.Element:
        prop = f"<D:prop>{names}</D:prop>" if names else "<D:allprop/>"
        body = (
            '<D:propfind xmlns:D="DAV:" xmlns:h="urn:schemas:httpmail:" xmlns:m="urn:schemas:mailheader:">'
            f"{prop}</D:propfind>"
        )
        response = await self("PROPFIND", path, body, depth=depth)
        assert response.status == 207, response.body
        return ET.fromstring(response.body)  # noqa: S314


def services_of(mail: Mail) -> MailServices:
    reading, moving = Reading(mail.access, services(mail).opening), Moving(mail.access)
    return MailServices(
        mail.accounts,
        mail.folders,
        Listing(mail.access),
        reading,
        Downloading(mail.access, reading),
        Adding(mail.access),
        moving,
        Deleting(mail.access, moving),
    )


@pytest.fixture
async def tree(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Tree]:
    async with mail_on(dovecot(), migrated_file, tmp_path) as mail:
        face = DavFace(services_on(mail.database), DavSettings(), services_of(mail))
        yield Tree(face, mail, mail.person())


def _message(number: int, *, date: str, cc: str, text: str = "Hello") -> bytes:
    return (
        f"Received: from a by b; Tue, 29 Sep 2009 07:42:1{number} -0400\n"
        f"Message-ID: <{number}@example.org>\nDate: {date}\nFrom: Carl <from{number}@example.org>\n"
        f"To: to{number}@example.org\nCc: {cc}\nSubject: Zahl {9 - number}\nReferences: <r@example.org>\n"
        f"Content-Type: text/plain\n\n{text}\n"
    ).encode()


async def _three(tree: Tree) -> list[str]:
    assert (await tree("MKCOL", "0/box")).status == 201
    return [
        await tree.put("box", _message(1, date="Mon, 28 Sep 2009 07:42:14 -0400", cc="b@x.dev")),
        await tree.put("box", _message(2, date="Thu, 10 Sep 2009 07:42:14 -0400", cc="c@x.dev", text="Stuff\n" * 200)),
        await tree.put("box", _message(3, date="Thu, 10 Dec 2009 07:42:14 -0400", cc="a@x.dev", text="Hello and bye")),
    ]


async def test_mailboxes_are_made_and_deleted(tree: Tree) -> None:
    for name in ("a@b", "in nér", "a&b"):
        assert (await tree("MKCOL", f"0/{name}")).status == 201
        assert (await tree("MKCOL", f"0/{name}")).status == 500
    assert (await tree("MKCOL", "0/folderouter")).status == 201
    assert (await tree("MKCOL", "0/folderouter/inner")).status == 201
    assert (await tree("MKCOL", "0/folderabsent/inner")).status == 404
    assert (await tree("MKCOL", "0/a*b")).status == 400
    assert (await tree("MKCOL", "new")).status == 403
    assert (await tree("DELETE", "0/folderouter/folderinner")).status == 204
    assert (await tree("DELETE", "0/folderouter")).status == 204
    assert (await tree("DELETE", "0/folderouter")).status == 404
    assert (await tree("DELETE", "0/folderINBOX")).status == 403


async def test_names_are_written_as_sogo_writes_them(tree: Tree) -> None:
    await tree("MKCOL", "0/in nér")
    await tree("MKCOL", "0/folderin nér/a@b")
    found = await tree.propfind("0/", depth="1")
    hrefs = [tree.path(one.text or "") for one in found.iter("{DAV:}href")]
    assert "0/folderin_SP_n_AM_AOk-r/" in hrefs
    below = await tree.propfind("0/folderin_SP_n_AM_AOk-r/", depth="1")
    names = [one.text for one in below.iter("{DAV:}displayname")]
    assert names == ["in nér", "a@b"]
    assert (await tree("DELETE", "0/folderin_SP_n_AM_AOk-r/foldera_A_b")).status == 204


async def test_messages_are_put_and_fetched(tree: Tree) -> None:
    first, *_ = await _three(tree)
    assert first == "0/folderbox/1.eml"
    named = await tree("PUT", "0/folderbox/blabla.eml", _message(4, date="x", cc="d@x.dev"))
    assert (named.status, tree.path(header(named, "location") or "")) == (201, "0/folderbox/4.eml")
    assert (await tree("POST", "0/folderbox", b"Subject: x\n\ny", content_type="message/rfc822")).status == 201
    for name in ("1.mail", "1.eml", "1"):
        got = await tree("GET", f"0/folderbox/{name}")
        assert got.status == 200
        assert got.body == _message(1, date="Mon, 28 Sep 2009 07:42:14 -0400", cc="b@x.dev").replace(b"\n", b"\r\n")
        assert header(got, "content-type") == "message/rfc822"
        assert "sandbox" in (header(got, "content-security-policy") or "")
    etag = header(await tree("GET", "0/folderbox/1.mail"), "etag") or ""
    again = await tree("GET", "0/folderbox/1.mail", if_none_match=etag)
    assert again.status == 304
    assert (await tree("HEAD", "0/folderbox/1.mail")).status == 200
    assert (await tree("GET", "0/folderbox/99.mail")).status == 404
    assert (await tree("GET", "0/folderbox/x.mail")).status == 404
    assert (await tree("GET", "0/folderbox/")).status == 405
    assert (await tree("DELETE", "0/folderbox/1.mail")).status == 204
    assert (await tree("GET", "0/folderbox/1.mail")).status == 404


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("0/folderabsent", b"Subject: x\n\ny", "message/rfc822", 409),
        ("0/folderINBOX", b"", "message/rfc822", 400),
        ("0/folderINBOX", b"no message at all", "message/rfc822", 400),
        ("0/folderINBOX", b"Subject: x\n\n\0", "message/rfc822", 400),
        ("0/folderINBOX", b"Subject: x\n\ny", "text/calendar", 415),
        ("0", b"Subject: x\n\ny", "message/rfc822", 405),
        ("7/folderINBOX", b"Subject: x\n\ny", "message/rfc822", 409),
        ("0/INBOX/x.eml", b"Subject: x\n\ny", "message/rfc822", 400),
    ],
)
async def test_what_cannot_be_stored_is_refused(tree: Tree, path: str, body: bytes, kind: str, status: int) -> None:
    assert (await tree("PUT", path, body, content_type=kind)).status == status
    assert await tree.query("", "INBOX") == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ('<i:sent-date from="20091201T000000Z" to="20091208T000000Z"/>', []),
        ('<i:sent-date from="20090908T000000Z" to="20090913T134300Z"/>', [2]),
        ('<i:sent-date from="20090908T000000Z" to="20091016T134300Z"/>', [1, 2]),
        ('<i:sent-date from="20091210T000000Z" to="20091220T134300Z"/>', [3]),
        ('<i:sent-date from="20091220T000000" to="20091229T134300Z"/>', []),
        ('<i:sent-date from="20090910T000000Z" to="20090910T000000Z"/>', [2]),
        ('<i:date from="20100101T000000Z"/>', [1, 2, 3]),
        ('<i:receive-date to="20100101T000000Z"/>', []),
        ('<i:uid from="1"/>', [1, 2, 3]),
        ('<i:uid to="5"/>', [1, 2, 3]),
        ('<i:uid from="1" to="2"/>', [1, 2]),
        ('<i:uid from="3" to="2"/>', []),
        ('<i:sequence from="2" to="3"/>', [2, 3]),
        ('<i:sequence from="2" not="true"/>', [1]),
        ('<i:from match="Carl"/>', [1, 2, 3]),
        ('<i:from match="from2"/>', [2]),
        ('<i:to match="to3"/>', [3]),
        ('<i:cc match="a@x"/>', [3]),
        ('<i:subject match="Zahl 8"/>', [1]),
        ('<i:body match="Stuff"/>', [2]),
        ('<i:body match="DOES NOT"/>', []),
        ("<i:seen/>", []),
        ('<i:seen match="0"/>', [1, 2, 3]),
        ('<i:seen not="true"/>', [1, 2, 3]),
        ("<i:answered/>", []),
        ("<i:draft/>", []),
        ('<i:flagged match="1"/>', []),
        ('<i:deleted match="0"/>', [1, 2, 3]),
        ('<i:keywords match="label1"/>', []),
        ('<i:keywords match="label1" not="1"/>', [1, 2, 3]),
        ('<i:size min="1000"/>', [2]),
        ('<i:size max="1000" not="true"/>', [2]),
        ('<i:size min="1" max="1000"/>', [1, 3]),
        ('<i:body match="Hello"/><i:cc match="b@x"/>', [1]),
        ('<i:to match="to"/><i:uid from="1" to="2"/><i:cc match="a@x"/>', []),
    ],
)
async def test_queries_filter(tree: Tree, filters: str, expected: list[int]) -> None:
    places = await _three(tree)
    found = await tree.query(f"<i:mail-filters>{filters}</i:mail-filters>")
    assert found == [places[number - 1] for number in expected]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("<i:sort><m:received/></i:sort>", [1, 2, 3]),
        ('<i:sort order="ascending"><m:date/></i:sort>', [2, 1, 3]),
        ("<i:sort><m:from/></i:sort>", [1, 2, 3]),
        ('<i:sort order="descending"><m:to/></i:sort>', [3, 2, 1]),
        ("<i:sort><m:cc/></i:sort>", [3, 1, 2]),
        ('<i:sort order="descending"><m:cc/></i:sort>', [2, 1, 3]),
        ("<i:sort><m:subject/></i:sort>", [3, 2, 1]),
        ("<i:sort><D:displayname/></i:sort>", [3, 2, 1]),
        ("<i:sort><D:getcontentlength/></i:sort>", [1, 3, 2]),
        ("", [1, 2, 3]),
    ],
)
async def test_queries_sort(tree: Tree, sort: str, expected: list[int]) -> None:
    places = await _three(tree)
    assert await tree.query(sort) == [places[number - 1] for number in expected]


@pytest.mark.parametrize(
    "wrong",
    [
        "<i:mail-filters><i:strange/></i:mail-filters>",
        "<i:mail-filters><i:from/></i:mail-filters>",
        '<i:mail-filters><i:uid from="a"/></i:mail-filters>',
        '<i:mail-filters><i:uid from="1 2"/></i:mail-filters>',
        '<i:mail-filters><i:keywords match="a b) ALL"/></i:mail-filters>',
        '<i:mail-filters><i:size min="-1"/></i:mail-filters>',
        '<i:mail-filters><i:date from="yesterday"/></i:mail-filters>',
        '<i:mail-filters><i:date to="99991231T120000Z"/></i:mail-filters>',
        '<i:sort order="sideways"><m:date/></i:sort>',
        "<i:sort><m:strange/></i:sort>",
        "<i:mail-filters/><i:mail-filters/>",
    ],
)
async def test_queries_that_say_nothing_are_refused(tree: Tree, wrong: str) -> None:
    assert (await tree("REPORT", "0/folderINBOX", _QUERY.format(wrong))).status == 400


async def test_reports_elsewhere_are_refused(tree: Tree) -> None:
    assert (await tree("REPORT", "0/", _QUERY.format(""))).status == 403
    assert (await tree("REPORT", "0/folderINBOX", '<x xmlns="DAV:"/>')).status == 403
    assert (await tree("REPORT", "0/folderINBOX")).status == 400


async def test_a_message_tells_its_properties(tree: Tree) -> None:
    first, *_ = await _three(tree)
    names = "".join(f"<h:{name}/>" for name in ("date", "hasattachment", "read", "textdescription", "unreadcount"))
    headers = ("cc", "date", "from", "in-reply-to", "message-id", "received", "references", "subject", "to")
    names += "".join(f"<m:{name}/>" for name in headers)
    found = await tree.propfind(first, names)
    told: dict[str, dict[str, str | None]] = {}
    for propstat in found.iter("{DAV:}propstat"):
        status = (propstat.findtext("{DAV:}status") or "").split()[1]
        told[status] = {one.tag.rpartition(":}")[2]: one.text for one in propstat[0]}
    source = _message(1, date="Mon, 28 Sep 2009 07:42:14 -0400", cc="b@x.dev").decode()
    assert set(told["404"]) == {"unreadcount", "in-reply-to"}
    assert told["200"] == {
        "date": "Mon, 28 Sep 2009 11:42:14 GMT",
        "hasattachment": "0",
        "read": "0",
        "textdescription": f"<![CDATA[{source}]]>",
        "cc": "b@x.dev",
        "from": "Carl <from1@example.org>",
        "message-id": "<1@example.org>",
        "received": "Received: from a by b; Tue, 29 Sep 2009 07:42:11 -0400",
        "references": "<r@example.org>",
        "subject": "Zahl 8",
        "to": "to1@example.org",
    }


async def test_a_mailbox_lists_its_messages(tree: Tree) -> None:
    places = await _three(tree)
    found = await tree.propfind("0/folderbox/", "<D:displayname/><D:getetag/><h:unreadcount/>", depth="1")
    hrefs = [tree.path(one.text or "") for one in found.iter("{DAV:}href")]
    assert hrefs == ["0/folderbox/", *places]
    assert next(one.text for one in found.iter("{urn:schemas:httpmail:}unreadcount")) == "3"
    home = await tree.propfind("", depth="1")
    assert [tree.path(one.text or "") for one in home.iter("{DAV:}href")] == ["", "0/"]


async def test_messages_are_copied_and_moved(tree: Tree) -> None:
    first, second, _ = await _three(tree)
    await tree("MKCOL", "0/other")
    there = f"/SOGo/dav/{tree.me.principal}/Mail/0/folderother/any.eml"
    copied = await tree("COPY", first, destination=there)
    assert (copied.status, tree.path(header(copied, "location") or "")) == (201, "0/folderother/1.eml")
    assert (await tree("MOVE", second, destination=there)).status == 201
    assert (await tree("GET", second)).status == 404
    assert len(await tree.query("", "other")) == 2
    assert (await tree("MOVE", first, destination="http://elsewhere.example/x")).status == 502
    assert (await tree("MOVE", first, destination=f"/SOGo/dav/{tree.me.principal}/Calendar/personal/x")).status == 403
    assert (await tree("MOVE", "0/folderbox", destination=there)).status == 405


async def test_nobody_else_gets_at_it(tree: Tree) -> None:
    first, *_ = await _three(tree)
    ida = tree.mail.person()
    owner = tree.me.principal
    body = _QUERY.format("")
    for caller, allowed in ((ida, {404}), (ANONYMOUS, {403, 404})):
        for method, path, text in (
            ("PROPFIND", "", ""),
            ("PROPFIND", "0/", ""),
            ("PROPFIND", "0/folderbox/", ""),
            ("REPORT", "0/folderbox/", body),
            ("GET", first, ""),
            ("PUT", "0/folderbox/", "Subject: x\n\ny"),
            ("MKCOL", "0/evil", ""),
            ("DELETE", first, ""),
            ("DELETE", "0/folderbox", ""),
            ("MOVE", first, ""),
        ):
            there = f"/SOGo/dav/{ida.principal}/Mail/0/folderINBOX/x"
            got = await tree.of(caller, method, f"/{owner}/Mail/{path}", text, destination=there)
            assert got.status in allowed, (caller, method, path)
    assert len(await tree.query("")) == 3
    closed = Caller(owner, password=tree.me.password, denied=frozenset({"Mail"}))
    assert (await tree.of(closed, "GET", f"/{owner}/Mail/{first}")).status == 403


async def test_a_delegate_uses_the_account_as_it_was_delegated(tree: Tree) -> None:
    first, *_ = await _three(tree)
    ida = tree.mail.person()
    await tree.mail.delegation.add(tree.me, [ida.principal])
    got = await tree.of(ida, "GET", f"/{tree.me.principal}/Mail/0/folderINBOX/1.eml")
    assert got.status == 404  # the inbox is empty, and open
    home = await tree.of(ida, "PROPFIND", f"/{tree.me.principal}/Mail/", depth="1")
    assert home.status == 207
    assert (await tree.of(ida, "PROPFIND", f"/{tree.me.principal}/Mail/1/")).status == 404
    await tree.mail.delegation.remove(tree.me, [ida.principal])
    assert (await tree.of(ida, "GET", f"/{tree.me.principal}/Mail/{first}")).status == 404
    assert (await tree.of(ida, "PROPFIND", f"/{tree.me.principal}/Mail/")).status == 404


@pytest.mark.parametrize("method", ["PROPPATCH", "LOCK", "UNLOCK", "ACL", "MKCALENDAR"])
async def test_other_methods_are_refused(tree: Tree, method: str) -> None:
    got = await tree(method, "0/folderINBOX")
    assert got.status == 405
    assert "MKCOL" in (header(got, "allow") or "")
    assert header(await tree("OPTIONS", "0/"), "allow") == header(got, "allow")
