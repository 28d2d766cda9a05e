import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.auth.errors import NotAuthenticated, TooManyFailures
from folkmoot.auth.protocols import Protocol
from folkmoot.core.caller import Caller
from folkmoot.core.errors import FolkmootError, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.dav.http import Request, Response
from folkmoot.server.app import Application
from folkmoot.server.asgi import Message
from folkmoot.server.origin import Trust
from folkmoot.server.site import Limits, Presentation, Site

pytestmark = pytest.mark.anyio

ANNA = Caller(PrincipalId("anna"))


class Doors:
    """Lets anna in, knows nobody else."""

    def cached(self, authorization: str, protocol: Protocol = Protocol.DAV) -> Caller | None:
        return ANNA if authorization == "Basic anna" else None

    async def authenticate(
        self, authorization: str, client: str, *, protocol: Protocol = Protocol.DAV, agent: str = ""
    ) -> Caller:
        match authorization:
            case "Basic slow-anna":
                return ANNA
            case "Basic blocked":
                raise TooManyFailures("Too many attempts.")
            case "Basic down":
                raise Unavailable("the directory does not answer")
        raise NotAuthenticated("Wrong user name or password.")

    async def vouched(self, login: str) -> Caller:
        return Caller(PrincipalId(login))


@dataclass
class Face:
    """Remembers what it was asked and answers as told."""

    response: Response | Exception = field(default_factory=lambda: Response(207, [], b"<ok/>"))
    seen: list[Request] = field(default_factory=list)

    async def __call__(self, request: Request) -> Response:
        self.seen.append(request)
        if isinstance(self.response, Exception):
            raise self.response
        return self.response


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


Ask = Callable[..., Awaitable[Reply]]


@asynccontextmanager
async def asking(
    face: Face | None = None,
    *,
    links: Face | None = None,
    trust: Trust | None = None,
    presentation: Presentation | None = None,
    admit: Callable[[Caller], int] = lambda _caller: 0,
    request_seconds: float = 5,
    healthy: bool = True,
) -> AsyncIterator[Ask]:
    async def health() -> bool:
        return healthy

    site = Site(
        dav=face or Face(),
        links=links or Face(),
        authenticator=Doors(),
        healthy=health,
        trust=trust or Trust((ip_network("127.0.0.0/8"),)),
        limits=Limits(
            upload_octets=1000, object_octets=500, document_octets=100, pause_seconds=1, request_seconds=request_seconds
        ),
        presentation=presentation or Presentation(),
        admit=admit,
    )

    @asynccontextmanager
    async def opening() -> AsyncIterator[Site]:
        yield site

    application = Application(opening())
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    outbox: asyncio.Queue[Message] = asyncio.Queue()
    life = asyncio.create_task(application({"type": "lifespan"}, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (await outbox.get())["type"] == "lifespan.startup.complete"

    async def ask(
        method: str = "GET", path: str = "/", body: bytes = b"", *, peer: str = "127.0.0.1", **headers: str
    ) -> Reply:
        raw_path, _, query = path.encode("latin-1").partition(b"?")
        if body:
            headers.setdefault("content_length", str(len(body)))
        scope = {
            "type": "http",
            "method": method,
            "raw_path": raw_path,
            "query_string": query,
            "scheme": "http",
            "client": (peer, 4711),
            "headers": [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()],
        }
        messages: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await application(scope, receive, send)
        start, content = messages
        names = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
        return Reply(start["status"], names, content["body"])

    yield ask
    await inbox.put({"type": "lifespan.shutdown"})
    assert (await outbox.get())["type"] == "lifespan.shutdown.complete"
    await life


async def test_the_face_gets_the_request_as_it_needs_it() -> None:
    face = Face()
    async with asking(face) as ask:
        reply = await ask(
            "PUT",
            "/SOGo/dav/anna/Calendar/personal/caf%C3%A9.ics?x=%20y",
            b"BEGIN",
            authorization="Basic anna",
            host="mail.example:20000",
        )
    assert (reply.status, reply.body) == (207, b"<ok/>")
    (request,) = face.seen
    assert request.path == "/anna/Calendar/personal/café.ics"
    assert request.query == "x=%20y"
    assert request.body == b"BEGIN"
    assert request.caller == ANNA
    assert request.origin == "http://mail.example:20000"
    assert request.client == "127.0.0.1"


async def test_repeated_header_fields_are_joined() -> None:
    face = Face()
    async with asking(face) as ask:
        await ask("PROPFIND", "/SOGo/dav/", authorization="Basic anna", **{"if": "(<a>)", "IF": "(<b>)"})
    assert "authorization" in face.seen[0].headers


async def test_who_does_not_sign_in_is_asked_to_at_once() -> None:
    face = Face()
    async with asking(face) as ask:
        for path in ("/SOGo/dav/", "/", "/principals/", "/calendar/dav/anna/user/"):
            reply = await ask("PROPFIND", path)
            assert reply.status == 401
            assert reply.headers["www-authenticate"] == 'Basic realm="SOGo", charset="UTF-8"'
    assert face.seen == []


@pytest.mark.parametrize(
    ("authorization", "status"),
    [("Basic slow-anna", 207), ("Basic other", 401), ("Basic blocked", 429), ("Basic down", 503)],
)
async def test_credentials_decide(authorization: str, status: int) -> None:
    async with asking() as ask:
        assert (await ask("PROPFIND", "/SOGo/dav/", authorization=authorization)).status == status


async def test_a_name_from_a_trusted_proxy_is_believed_and_from_nobody_else() -> None:
    face = Face()
    trust = Trust((ip_network("127.0.0.0/8"),), remote_user=True)
    async with asking(face, trust=trust) as ask:
        assert (await ask("PROPFIND", "/SOGo/dav/", x_webobjects_remote_user="ben")).status == 207
        assert face.seen[0].caller.principal == "ben"
        assert (await ask("PROPFIND", "/SOGo/dav/", peer="198.51.100.7", x_webobjects_remote_user="ben")).status == 401


async def test_the_anonymous_tree_is_open_only_where_that_is_configured() -> None:
    face = Face()
    async with asking(face) as ask:
        assert (await ask("OPTIONS", "/SOGo/dav/public")).status == 404
    async with asking(face, presentation=Presentation(public_access=True)) as ask:
        assert (await ask("OPTIONS", "/SOGo/dav/public")).status == 207
        assert (await ask("OPTIONS", "/SOGo/dav/publications")).status == 401
        assert (await ask("GET", "/SOGo/dav/public/anna/", authorization="Basic wrong")).status == 207
        for path in ("/SOGo/public", "/SOGo/so/public"):
            assert (await ask("OPTIONS", path)).status == 404
    assert all(request.caller.anonymous for request in face.seen)


async def test_secret_links_are_followed_without_signing_in_and_not_logged() -> None:
    links = Face(Response(200, [("Cache-Control", "private, no-cache")], b"BEGIN:VCALENDAR"))
    with structlog.testing.capture_logs() as events:
        async with asking(links=links) as ask:
            reply = await ask("GET", "/SOGo/links/geheim.ics", if_none_match='"x"')
    assert (reply.status, reply.body) == (200, b"BEGIN:VCALENDAR")
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert links.seen[0].path == "/geheim.ics"
    assert links.seen[0].headers["if-none-match"] == '"x"'
    assert "geheim" not in str(events)


async def test_addresses_that_are_not_listed_are_sent_away() -> None:
    trust = Trust((), allowed=(ip_network("10.0.0.0/8"),))
    async with asking(trust=trust) as ask:
        assert (await ask("GET", "/SOGo/", peer="10.1.1.1")).status == 200
        assert (await ask("GET", "/SOGo/", peer="192.0.2.1")).status == 403


async def test_a_user_over_the_limit_of_requests_waits() -> None:
    async with asking(admit=lambda _caller: 300) as ask:
        reply = await ask("PROPFIND", "/SOGo/dav/", authorization="Basic anna")
    assert (reply.status, reply.headers["retry-after"]) == (429, "300")


async def test_bodies_have_a_limit_by_what_they_are_for() -> None:
    async with asking() as ask:
        assert (await ask("PUT", "/SOGo/dav/a/Files/b", b"x" * 1000, authorization="Basic anna")).status == 207
        assert (await ask("PUT", "/SOGo/dav/a/Files/b", b"x" * 1001, authorization="Basic anna")).status == 413
        assert (await ask("PUT", "/SOGo/dav/a/Calendar/b", b"x" * 500, authorization="Basic anna")).status == 207
        assert (await ask("POST", "/SOGo/dav/a/Mail/0/folderb", b"x" * 1000, authorization="Basic anna")).status == 207
        assert (await ask("PUT", "/SOGo/dav/a/Mail/0/folderb", b"x" * 1001, authorization="Basic anna")).status == 413
        assert (await ask("PUT", "/SOGo/dav/a/Calendar/b", b"x" * 501, authorization="Basic anna")).status == 413
        assert (await ask("REPORT", "/SOGo/dav/a", b"x" * 101, authorization="Basic anna")).status == 413


async def test_nobody_makes_us_read_a_body_without_signing_in() -> None:
    async with asking() as ask:
        assert (await ask("PUT", "/SOGo/dav/a", b"x" * 1001)).status == 401


@pytest.mark.parametrize(
    ("failure", "status"),
    [(Unavailable("the database does not answer"), 503), (KeyError("secret inside"), 500), (RecursionError(), 500)],
)
async def test_a_failure_of_ours_tells_no_details(
    failure: Exception, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    async with asking(Face(failure)) as ask:
        reply = await ask("PROPFIND", "/SOGo/dav/", authorization="Basic anna")
    assert reply.status == status
    assert b"inside" not in reply.body
    assert ("retry-after" in reply.headers) is (status == 503)


async def test_a_request_that_takes_too_long_is_given_up() -> None:
    class Slow(Face):
        async def __call__(self, request: Request) -> Response:
            await asyncio.sleep(60)
            return Response(200)

    async with asking(Slow(), request_seconds=0.05) as ask:
        assert (await ask("PROPFIND", "/SOGo/dav/", authorization="Basic anna")).status == 503


@pytest.mark.parametrize("path", ["/a%ff", "/a%00b", "/a%0ab", "relative", "*", ""])
async def test_what_is_no_path_is_refused(path: str) -> None:
    async with asking() as ask:
        assert (await ask("GET", path)).status == 400


async def test_redirects_stay_on_the_origin_the_client_knows() -> None:
    async with asking() as ask:
        assert (await ask("GET", "/", host="evil.example")).headers["location"] == "/SOGo/"
        reply = await ask("PROPFIND", "/.well-known/caldav", x_forwarded_host="evil.example")
        assert (reply.status, reply.headers["location"]) == (301, "/SOGo/dav/")
    async with asking(trust=Trust((), public_origin="https://mail.example:8443")) as ask:
        reply = await ask("GET", "/.well-known/carddav")
        assert reply.headers["location"] == "https://mail.example:8443/SOGo/dav/"


async def test_the_landing_page_has_no_powers_and_escapes_what_it_shows() -> None:
    presentation = Presentation(title="<b>Ours</b>")
    async with asking(presentation=presentation) as ask:
        reply = await ask("GET", "/SOGo/", host="mail.example")
    assert b"&lt;b&gt;Ours&lt;/b&gt;" in reply.body
    assert b"http://mail.example/SOGo/dav/" in reply.body
    assert reply.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert b"<script" not in reply.body


async def test_every_answer_says_that_it_is_what_it_says_it_is() -> None:
    async with asking(Face(Response(200, [("Content-Type", "text/html")], b"<script>"))) as ask:
        reply = await ask("GET", "/SOGo/dav/anna/Files/x.html", authorization="Basic anna")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in reply.headers["content-security-policy"]
    assert reply.headers["content-length"] == "8"


async def test_large_answers_are_compressed_for_who_wants_it() -> None:
    large = Response(207, [("Content-Type", "application/xml")], b"<a/>" * 5000)
    async with asking(Face(large)) as ask:
        packed = await ask("PROPFIND", "/SOGo/dav/", authorization="Basic anna", accept_encoding="gzip")
        assert gzip.decompress(packed.body) == large.body
        assert packed.headers["content-length"] == str(len(packed.body))
    async with asking(
        Face(Response(207, [("Content-Type", "text/xml")], large.body)), presentation=Presentation(compress=False)
    ) as ask:
        plain = await ask("PROPFIND", "/SOGo/dav/", authorization="Basic anna", accept_encoding="gzip")
        assert plain.body == large.body


async def test_the_duration_is_shown_where_requests_are_debugged() -> None:
    async with asking(presentation=Presentation(debug=True)) as ask:
        assert float((await ask("GET", "/SOGo/")).headers["sogo-request-duration"]) >= 0


async def test_an_answer_without_a_body_has_none() -> None:
    async with asking(Face(Response(204))) as ask:
        reply = await ask("DELETE", "/SOGo/dav/x", authorization="Basic anna")
    assert reply.body == b""
    assert "content-length" not in reply.headers


@pytest.mark.parametrize(("healthy", "status"), [(True, 200), (False, 503)])
async def test_health_is_that_of_the_database(*, healthy: bool, status: int) -> None:
    async with asking(healthy=healthy) as ask:
        assert (await ask("GET", "/.folkmoot/health")).status == status


async def test_a_start_that_fails_is_said_so() -> None:
    class Opening(AbstractAsyncContextManager[Site]):
        async def __aenter__(self) -> Site:
            raise FolkmootError("no database")

        async def __aexit__(self, *_: object) -> None:
            """Never entered."""

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message)

    await Application(Opening())({"type": "lifespan"}, receive, send)
    assert sent == [{"type": "lifespan.startup.failed", "message": "no database"}]


@given(
    method=st.sampled_from(["GET", "PUT", "PROPFIND", "OPTIONS", "POST"]),
    path=st.text(alphabet=st.characters(max_codepoint=255), max_size=40),
    names=st.dictionaries(
        st.sampled_from(
            [
                "host",
                "authorization",
                "content_length",
                "x_forwarded_for",
                "x_forwarded_host",
                "accept_encoding",
                "x_real_ip",
            ]
        ),
        st.text(alphabet=st.characters(max_codepoint=255), max_size=30),
    ),
)
async def test_no_head_makes_us_fail(method: str, path: str, names: dict[str, str]) -> None:
    async with asking() as ask:
        assert (await ask(method, path, **names)).status < 500


async def test_transcripts_mask_credentials_and_cut_long_bodies() -> None:
    long = Response(207, [("Content-Type", "application/xml")], b"<a/>" * 5000)
    with structlog.testing.capture_logs() as events:
        async with asking(Face(long), presentation=Presentation(debug=True)) as ask:
            await ask("PROPFIND", "/SOGo/dav/", b"<propfind/>", authorization="Basic anna", content_type="text/xml")
    (event,) = [event for event in events if event["event"] == "transcript"]
    assert event["request_body"] == "<propfind/>"
    assert "authorization: ***" in event["request_fields"]
    assert event["answer_body"].endswith("... 20000 octets")
    assert "anna" not in str(event)
