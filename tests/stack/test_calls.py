"""What Dovecot is answered, without Dovecot."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import msgspec
import pytest

from folkmoot.auth.mail_tokens import MailTokens
from folkmoot.core.errors import MalformedInput, NotFound, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import PrincipalKind
from folkmoot.stack.calls import FORM_MAX, Call, MailCalls, Reply
from folkmoot.stack.delivered import Delivered
from tests.support.clock import SetClock
from tests.support.doorkeeper import Doorkeeper
from tests.support.memory_source import Memory

pytestmark = pytest.mark.anyio

SECRET = "the-secret"
TOKENS = MailTokens(b"k" * 32)


class Told:
    """A Dovecot that calls."""

    def __init__(self) -> None:
        self.source = Memory({"anna": "pass & word=ü", "room": "x", "web": "x", ".hidden": "x", "a/b": "x"})
        self.source.kinds["room"] = PrincipalKind.LOCATION
        self.source.denied["web"] = frozenset({"Mail"})
        self.clock = SetClock(datetime(2026, 5, 4, 12, tzinfo=UTC))
        self.doorkeeper = Doorkeeper(self.source)
        self.delivered: list[Delivered] = []
        directory = Directory([self.source], cache_seconds=0)
        self.calls = MailCalls(SECRET, self.doorkeeper, directory, TOKENS, self.clock, self._note)

    async def _note(self, event: Delivered) -> None:
        self.delivered.append(event)

    async def login(self, *, secret: str = SECRET, **form: str) -> dict[str, str]:
        body = urlencode({**form, "client_id": "dovecot", "client_secret": secret}).encode()
        reply = await self.calls(Call("POST", "login", "", body))
        answer: dict[str, str] = msgspec.json.decode(reply.body)
        return {**answer, "status": str(reply.status)}

    async def ask(self, path: str, body: bytes, *, secret: str = SECRET, method: str = "POST") -> Reply:
        return await self.calls(Call(method, path, f"Bearer {secret}", body))


@pytest.fixture
def told() -> Told:
    return Told()


async def test_a_password_is_answered_with_whose_mailboxes_it_opens(told: Told) -> None:
    answer = await told.login(grant_type="password", username="anna@example.org", password="pass & word=ü")
    assert (answer["status"], answer["username"], answer["principal"]) == ("200", "anna@example.org", "anna")
    assert TOKENS.verify(answer["access_token"], told.clock.milliseconds()).principal == "anna"


@pytest.mark.parametrize(
    ("login", "password"),
    [("anna", "wrong"), ("nobody", "x"), ("blocked", "x"), ("room", "x"), ("web", "x"), (".hidden", "x"), ("a/b", "x")],
)
async def test_wrong_passwords_and_people_without_mail_are_refused_alike(told: Told, login: str, password: str) -> None:
    answer = await told.login(grant_type="password", username=login, password=password)
    assert (answer["status"], answer["error"]) == ("400", "invalid_grant")


async def test_a_colon_in_the_login_moves_nothing_into_the_password(told: Told) -> None:
    answer = await told.login(grant_type="password", username="anna:pass", password="x")
    assert answer["status"] == "400"
    assert told.doorkeeper.asked == []


async def test_a_token_is_introspected_until_it_expires(told: Told) -> None:
    token = TOKENS.mint(PrincipalId("anna"), "background", told.clock.milliseconds())
    assert await told.login(token=token) == {
        "status": "200",
        "active": "true",
        "username": "anna",
        "principal": "anna",
    }
    told.clock.pass_(minutes=11)
    assert (await told.login(token=token))["active"] == "false"
    assert (await told.login(token="none"))["active"] == "false"


async def test_a_token_of_somebody_who_is_gone_opens_nothing(told: Told) -> None:
    token = TOKENS.mint(PrincipalId("gone"), "background", told.clock.milliseconds())
    assert (await told.login(token=token))["active"] == "false"


async def test_other_grants_are_not_known(told: Told) -> None:
    assert (await told.login(grant_type="client_credentials"))["error"] == "unsupported_grant_type"


async def test_a_source_that_is_down_is_no_wrong_password(told: Told) -> None:
    told.source.down = True
    with pytest.raises(Unavailable):
        await told.login(grant_type="password", username="anna", password="x")


@pytest.mark.parametrize("name", ["anna", "anna@example.org", "ANNA@example.org"])
async def test_a_recipient_is_answered_with_the_name_of_the_mailboxes(told: Told, name: str) -> None:
    reply = await told.ask("person", urlencode({"name": name}).encode())
    assert (reply.status, reply.body) == (200, b"anna")


@pytest.mark.parametrize("name", ["nobody", "nobody@example.org", "anna@example.net", "room", "web", "a/b", ""])
async def test_a_recipient_who_has_no_mailboxes_does_not_exist(told: Told, name: str) -> None:
    with pytest.raises(NotFound):
        await told.ask("person", urlencode({"name": name}).encode())


async def test_what_happened_is_handed_on(told: Told) -> None:
    reply = await told.ask(
        "delivered", b"event=MessageNew&user=anna&mailbox=INBOX&uid=3\nevent=FlagsSet&user=a&mailbox=b"
    )
    assert reply.status == 204
    assert [one.event for one in told.delivered] == ["MessageNew", "FlagsSet"]


@pytest.mark.parametrize("path", ["login", "person", "delivered", "other", ""])
@pytest.mark.parametrize("secret", ["", "the-secre", "the-secret2", "\ud800"])
async def test_without_the_secret_there_is_nothing(told: Told, path: str, secret: str) -> None:
    with pytest.raises(NotFound):
        await told.ask(path, b"name=anna", secret=secret)
    with pytest.raises(NotFound):
        await told.calls(Call("POST", path, "", b"client_secret=wrong"))


@pytest.mark.parametrize(("path", "method"), [("login", "GET"), ("other", "POST"), ("", "POST")])
async def test_other_methods_and_paths_do_not_exist(told: Told, path: str, method: str) -> None:
    with pytest.raises(NotFound):
        await told.ask(path, b"", method=method)


@pytest.mark.parametrize("body", [b"\xff", b"x" * (FORM_MAX + 1), b"a=1&" * 20])
async def test_an_odd_form_is_refused(told: Told, body: bytes) -> None:
    with pytest.raises(MalformedInput):
        await told.ask("login", body)
