"""From a channel to an authenticated connection: greeting, TLS, capabilities, mechanism (RFC 9051 section 6.2)."""

from typing import Final

from folkmoot import __version__
from folkmoot.core.errors import MalformedInput, Unavailable, Unsupported
from folkmoot.mail.credentials import Credentials, Password, Token
from folkmoot.mail.errors import SignInRefused
from folkmoot.mail.imap.commands import Literals, Piece, astring, string
from folkmoot.mail.imap.dialogue import Dialogue
from folkmoot.mail.imap.refusals import refusal_of
from folkmoot.mail.imap.structures import text_of
from folkmoot.mail.imap.wire import Code, Condition, Told
from folkmoot.mail.sasl import Exchange, choose, exchange, login_pair, to_base64
from folkmoot.mail.server import MailServer, TlsMode

CAPABILITIES_MAX: Final = 500  # words; servers have some fifty
GREETING_SECONDS: Final = 20.0
GREETINGS_MAX: Final = 20  # responses before the greeting


class SignIn:
    """Takes one fresh connection to where mailboxes may be spoken of."""

    def __init__(self, dialogue: Dialogue, server: MailServer, *, mechanism: str = "") -> None:
        self.capabilities: frozenset[str] = frozenset()
        self._dialogue = dialogue
        self._server = server
        self._mechanism = mechanism
        self._fresh = False  # whether the server has told its capabilities since the last change

    async def run(self, credentials: Credentials) -> None:
        """Greet, encrypt, sign in.

        Raises:
            SignInRefused: the server does not take the credentials.
            Unavailable: it cannot be spoken to as the settings want.
            Unsupported: it offers no fitting way.
        """
        greeting = await self._greeting()
        self._learn(greeting.code)
        if self._server.tls is TlsMode.START:
            await self._start_tls()
        if greeting.status != "PREAUTH":
            if not self._fresh:
                await self._ask()
            self._fresh = False
            await self._authenticate(credentials)
        if not self._fresh:
            await self._ask()
        self._dialogue.literals = self._literals()

    async def _greeting(self) -> Condition:
        for _ in range(GREETINGS_MAX):
            response = await self._dialogue.next(GREETING_SECONDS)
            if not isinstance(response, Condition):
                continue
            if response.status in {"OK", "PREAUTH"} and response.tag == "*":
                if response.status == "PREAUTH" and self._server.tls is TlsMode.START:
                    self._dialogue.close()  # somebody on the way keeps us from STARTTLS
                    raise Unavailable("the mail server is signed in before TLS, so nothing can be trusted")
                return response
            raise refusal_of("BYE", response)
        raise Unavailable("the mail server does not greet")

    async def _start_tls(self) -> None:
        if not self._fresh:
            await self._ask()
        if "STARTTLS" not in self.capabilities:
            raise Unavailable("the mail server offers no STARTTLS, which its settings ask for")
        await self._dialogue.run("STARTTLS", b"STARTTLS")
        self._dialogue.forget()
        await self._dialogue.channel.start_tls(self._server)
        self.capabilities, self._fresh = frozenset(), False  # what was said in clear does not count

    async def _ask(self) -> None:
        await self._dialogue.run("CAPABILITY", b"CAPABILITY", take=self._take)

    async def _authenticate(self, credentials: Credentials) -> None:
        try:
            if self._by_login_command(credentials):
                await self._login(credentials)
            else:
                await self._converse(self._choose(credentials))
        except MalformedInput as error:
            raise SignInRefused(str(error)) from error

    def _by_login_command(self, credentials: Credentials) -> bool:
        if isinstance(credentials, Token) or "LOGINDISABLED" in self.capabilities:
            return False
        offered = self._offered()
        if not offered & {"PLAIN", "LOGIN"}:
            return True  # RFC 3501 servers that offer nothing else
        return isinstance(credentials, Password) and self._mechanism.upper() in {"", "LOGIN"}

    def _offered(self) -> frozenset[str]:
        return frozenset(word.removeprefix("AUTH=") for word in self.capabilities if word.startswith("AUTH="))

    def _choose(self, credentials: Credentials) -> Exchange:
        offered = self._offered()
        told = {"host": self._server.host, "port": self._server.port}
        # SOGo's "SAML" is PLAIN with the assertion as password.
        preferred = "PLAIN" if self._mechanism.upper() == "SAML" else self._mechanism
        if isinstance(credentials, Token) and not offered & {"XOAUTH2", "OAUTHBEARER"} and preferred:
            return exchange("XOAUTH2", credentials)  # configured, so offered, whatever is announced
        if not offered and "LOGINDISABLED" in self.capabilities:
            raise Unsupported("the mail server takes no password on this connection; it may want TLS")
        return choose(credentials, offered, preferred=preferred, **told)  # type: ignore[arg-type]  # str and int

    async def _login(self, credentials: Credentials) -> None:
        if isinstance(credentials, Token):
            raise Unsupported("a token cannot be said by LOGIN")
        name, password = login_pair(credentials)
        pieces: list[Piece] = [b"LOGIN ", astring(name.encode()), b" ", string(password.encode())]
        ended = await self._dialogue.run("LOGIN", *pieces, take=self._take)
        self._learn(ended.code)

    async def _converse(self, said: Exchange) -> None:
        answers = [to_base64(answer) for answer in said.answers]
        first = b"AUTHENTICATE " + said.mechanism.encode("ascii")
        if said.client_first and "SASL-IR" in self.capabilities:
            first += b" " + (answers.pop(0) or b"=")  # RFC 4959
        ended = await self._dialogue.converse("AUTHENTICATE", first, answers, take=self._take)
        self._learn(ended.code)

    def _take(self, told: Told) -> None:
        if told.name == "CAPABILITY":
            self._learn(Code(told.name, told.values))

    def _learn(self, code: Code | None) -> None:
        if code is not None and code.name == "CAPABILITY" and code.values:
            words = [text_of(value).upper() for value in code.values[:CAPABILITIES_MAX]]
            self.capabilities, self._fresh = frozenset(words), True

    def _literals(self) -> Literals:
        if "LITERAL+" in self.capabilities:
            return Literals.PLUS
        if self.capabilities & {"LITERAL-", "IMAP4REV2"}:
            return Literals.MINUS
        return Literals.SYNCHRONIZING

    async def settle(self) -> frozenset[str]:
        """Enable what we build upon and say who we are, in one round trip; return what the server has enabled."""
        enabled: set[str] = set()

        def take(told: Told) -> None:
            if told.name == "ENABLED":
                enabled.update(text_of(value).upper() for value in told.values)

        commands: list[list[Piece]] = []
        wanted: list[str] = [name for name in ("CONDSTORE", "QRESYNC") if name in self.capabilities]
        if "UTF8=ONLY" in self.capabilities:
            wanted.append("UTF8=ACCEPT")  # RFC 6855 section 6: without it such servers tell nothing
        if wanted and "ENABLE" in self.capabilities:
            commands.append([b"ENABLE " + " ".join(wanted).encode("ascii")])
        if "ID" in self.capabilities:  # some servers let nobody in who does not say it (RFC 2971)
            commands.append([f'ID ("name" "Folkmoot" "version" "{__version__}")'.encode("ascii")])
        if commands:
            await self._dialogue.run_all("ENABLE", commands, take=take)
        return frozenset(enabled)
