"""People's own Sieve scripts, beside the one that is written from their filters (RFC 5804)."""

import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.errors import Conflict, Forbidden, MalformedInput, NotFound, TooLarge, Unsupported
from folkmoot.mail.managesieve.client import connect
from folkmoot.mail.managesieve.session import NAME_OCTETS_MAX, SCRIPT_MAX, Session
from folkmoot.mailboxes.access import MODULE, MailAccess, dictionary
from folkmoot.mailboxes.script_placing import SCRIPT
from folkmoot.mailboxes.values import MAIN
from folkmoot.sharing.choices import Choices
from folkmoot.sharing.preferences import SETTINGS

SCRIPTS_MAX: Final = 100  # of one person; each is read to know whether it has changed
IDS: Final = "SieveScriptIds"  # in the settings of the module: ids that do not follow from a script's name, by name
SERVERS_MAX: Final = 1_000  # whose extensions are remembered
_CODED_MAX: Final = 180  # characters of an id that holds the name
# What all servers that people use have; told before one has been asked.
USUAL: Final = ("envelope", "fileinto", "imap4flags", "reject", "vacation")


@dataclass(frozen=True, slots=True)
class Script:
    """A script on the mail server."""

    id: str
    name: str
    active: bool
    text: str = field(repr=False)
    ours: bool = False  # written from the person's filters

    @property
    def digest(self) -> str:
        """What tells two texts apart."""
        return digest_of(self.text)


class Scripts:
    """The scripts of the callers' own accounts."""

    def __init__(self, access: MailAccess, choices: Choices) -> None:
        self._access = access
        self._choices = choices
        self._extensions: dict[str, Sequence[str]] = {}

    async def list(self, caller: Caller) -> list[Script]:
        """Return all scripts with their texts.

        Raises:
            Forbidden: scripts are closed here; Unsupported: the account has no filters.
            Unavailable: the server does not answer.
        """
        async with self._session(caller) as session:
            names = (await session.list_scripts())[:SCRIPTS_MAX]
            ids = await self._ids(caller)
            return [
                Script(
                    _id_of(one.name, ids), one.name, one.active, await session.get_script(one.name), _is_ours(one.name)
                )
                for one in names
            ]

    async def text(self, caller: Caller, id_: str) -> str:
        """Return a script's text.

        Raises:
            NotFound: there is none of this id.
        """
        async with self._session(caller) as session:
            return await session.get_script(await self._named(caller, session, id_))

    async def create(self, caller: Caller, name: str, text: str) -> str:
        """Store a new script and return its id.

        Raises:
            Conflict: there is one of that name.
            ScriptRefused: the server finds fault with it.
            OverQuota: the server takes no more.
        """
        _check_name(name)
        async with self._session(caller) as session:
            names = [one.name for one in await session.list_scripts()]
            if name in names:
                raise Conflict("there is a script of that name")
            if len(names) >= SCRIPTS_MAX:
                raise TooLarge(f"one person has at most {SCRIPTS_MAX} scripts")
            await session.put_script(name, text)
        ids = await self._ids(caller)
        if _coded(name) in ids.values():
            await self._keep_ids(caller, {**ids, name: f"r{secrets.token_hex(12)}"})
        await self._choices.tell(caller)
        return _id_of(name, await self._ids(caller))

    async def change(self, caller: Caller, id_: str, *, name: str | None = None, text: str | None = None) -> None:
        """Give a script another text, another name, or both.

        Raises:
            NotFound: there is none of this id.
            Forbidden: it is written from the person's filters.
            Conflict: another one has the name.
            ScriptRefused: the server finds fault with it; nothing has changed.
        """
        async with self._session(caller) as session:
            listed = await session.list_scripts()
            present = await self._named(caller, session, id_)
            if _is_ours(present):
                raise Forbidden("this script is written from your filters; change those")
            if name is None or name == present:
                if text is not None:
                    await session.put_script(present, text)
                    await self._choices.tell(caller)
                return
            _check_name(name)
            if any(one.name == name for one in listed):
                raise Conflict("there is a script of that name")
            was_active = any(one.name == present and one.active for one in listed)
            await session.put_script(name, text if text is not None else await session.get_script(present))
            if was_active:
                await session.set_active(name)
            await session.delete_script(present)
        ids = {key: value for key, value in (await self._ids(caller)).items() if key != present}
        await self._keep_ids(caller, ids | ({name: id_} if _coded(name) != id_ else {}))

    async def delete(self, caller: Caller, id_: str) -> None:
        """Delete a script.

        Raises:
            NotFound: there is none of this id.
            Forbidden: it is written from the person's filters.
            Conflict: it is the active one.
        """
        async with self._session(caller) as session:
            name = await self._named(caller, session, id_)
            if _is_ours(name):
                raise Forbidden("this script is written from your filters; switch those off")
            if any(one.name == name and one.active for one in await session.list_scripts()):
                raise Conflict("the script is active")
            await session.delete_script(name)
        ids = await self._ids(caller)
        if name in ids:
            await self._keep_ids(caller, {key: value for key, value in ids.items() if key != name})
        await self._choices.tell(caller)

    async def activate(self, caller: Caller, id_: str | None) -> None:
        """Let one script act on arriving mail, with None no script.

        Raises:
            NotFound: there is none of this id.
        """
        async with self._session(caller) as session:
            await session.set_active("" if id_ is None else await self._named(caller, session, id_))
        await self._choices.tell(caller)

    async def check(self, caller: Caller, text: str) -> str:
        """Let the server judge a script; return its warnings.

        Raises:
            ScriptRefused: the server finds fault with it.
        """
        async with self._session(caller) as session:
            return await session.check_script(text)

    def extensions(self) -> Sequence[str]:
        """Return what servers said that they know, as far as this worker has asked one."""
        return next(iter(self._extensions.values()), USUAL)

    async def _named(self, caller: Caller, session: Session, id_: str) -> str:
        ids = await self._ids(caller)
        for one in (await session.list_scripts())[:SCRIPTS_MAX]:
            if _id_of(one.name, ids) == id_:
                return one.name
        raise NotFound("there is no such script")

    async def _ids(self, caller: Caller) -> Mapping[str, str]:
        kept = dictionary(await self._access.profile(caller.principal), SETTINGS, MODULE).get(IDS)
        return {str(name): str(id_) for name, id_ in kept.items()} if isinstance(kept, dict) else {}

    async def _keep_ids(self, caller: Caller, ids: Mapping[str, str]) -> None:
        await self._choices.save(caller, caller.principal, {}, {MODULE: {IDS: dict(ids) or None}})

    @asynccontextmanager
    async def _session(self, caller: Caller) -> AsyncIterator[Session]:
        account = await self._access.account(caller, MAIN)
        person = await self._access.person(caller.principal)
        if not self._access.settings_of(person).sieve.scripts:
            raise Forbidden("scripts are closed here")
        if account.sieve is None:
            raise Unsupported("this account has no filters")
        credentials = (await self._access.login(caller, account)).credentials
        async with connect(account.sieve, credentials) as session:
            if len(self._extensions) < SERVERS_MAX:
                self._extensions[account.sieve.host] = tuple(sorted(session.capabilities.sieve))
            yield session


def digest_of(text: str) -> str:
    """Return what tells texts apart, in 16 hexadecimal digits."""
    return blake2b(text.encode(errors="surrogatepass"), digest_size=8).hexdigest()


def script_text(octets: bytes) -> str:
    """Return a script's octets as text.

    Raises:
        MalformedInput: no UTF-8, or NUL.
        TooLarge: more than a server takes.
    """
    if len(octets) > SCRIPT_MAX:
        raise TooLarge(f"a script has at most {SCRIPT_MAX} octets")
    try:
        text = octets.decode()
    except UnicodeDecodeError as error:
        raise MalformedInput("a script is UTF-8") from error
    if "\0" in text:
        raise MalformedInput("a script has no NUL")
    return text


def _is_ours(name: str) -> bool:
    return name.lower() == SCRIPT


def _check_name(name: str) -> None:
    if not name or len(name.encode(errors="replace")) > NAME_OCTETS_MAX or not name.isprintable():
        raise MalformedInput(f"a script's name has 1 to {NAME_OCTETS_MAX} octets and no control characters")
    if _is_ours(name):
        raise Conflict("a script of this name is written from your filters")


def _id_of(name: str, ids: Mapping[str, str]) -> str:
    return ids.get(name) or _coded(name)


def _coded(name: str) -> str:
    octets = name.encode(errors="surrogatepass")
    coded = urlsafe_b64encode(octets).decode().rstrip("=")
    return f"n{coded}" if len(coded) <= _CODED_MAX else f"h{blake2b(octets, digest_size=16).hexdigest()}"
