"""Which account a call means, whether the caller may use it, and a connection to its mail server.

Every other service of mail goes through here.  Names of mailboxes are the server's own, with its separator.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, Forbidden, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal
from folkmoot.mail.imap.connection import Connection
from folkmoot.mail.imap.pool import Pool
from folkmoot.mail.imap.values import Listed, Namespaces
from folkmoot.mailboxes import external
from folkmoot.mailboxes.sealing import SealingKey
from folkmoot.mailboxes.servers import imap_server, sieve_server
from folkmoot.mailboxes.signing_in import Mint, SigningIn, login_name
from folkmoot.mailboxes.special import (
    ATTRIBUTES,
    MADE,
    Layout,
    Use,
    Wish,
    foreign_prefixes,
    lay_out,
    other_root,
    own_root,
    wishes_of,
)
from folkmoot.mailboxes.values import MAIN, Account, Identity, Login, Special
from folkmoot.sharing.preferences import DEFAULTS, SETTINGS
from folkmoot.store import mail_accounts, profiles
from folkmoot.store.mail_accounts import StoredMailAccount
from folkmoot.store.records import Profile

MODULE: Final = "Mail"
SPECIAL_SECONDS: Final = 30  # that the names of special mailboxes are believed
SPECIAL_MAX: Final = 10_000  # accounts whose names are remembered
DELEGATES: Final = "DelegateTo"  # in the owner's settings of the module; SOGo's names
OWNERS: Final = "DelegateFrom"  # in the delegate's
ID_DIGITS_MAX: Final = 18  # of an external account's number
_MARK: Final = "="  # before a principal that could be taken for a number


class MailAccess:
    """The way to mailboxes."""

    def __init__(
        self,
        settings: Callable[[str | None], Settings],
        directory: Directory,
        database: Database,
        pool: Pool,
        clock: Clock,
        tokens: Mint | None = None,
    ) -> None:
        """Take the settings by domain; ``tokens`` mints what lets a person in, for the strategy ``token``.

        Raises:
            ConfigurationError: SOGoSecretValue is no key.
        """
        self._settings = settings
        self._directory = directory
        self._database = database
        self._pool = pool
        self._clock = clock
        self._signing_in = SigningIn(clock, tokens)
        self._layouts: dict[tuple[str, ...], tuple[int, Layout]] = {}
        self.sealing = SealingKey(database, settings(None).security)

    async def account(self, caller: Caller, account_id: str = MAIN) -> Account:
        """Return an account that the caller may use: the own one, one added elsewhere, or that of who delegated.

        Raises:
            Forbidden: mail is closed to the caller.
            NotFound: no such account, or it is not the caller's to use.
            Unavailable: the directory or the database does not answer, or the mail server is not configured rightly.
        """
        self.check(caller)
        if account_id in {MAIN, account_id_of(caller.principal)}:
            return self._main(await self.person(caller.principal), MAIN)
        if is_number(account_id):
            return external.account_of(await self.stored(caller, account_id))
        owner = await self._directory.find(principal_of(account_id))
        if owner is None or not await self._is_delegate(caller, owner):
            raise NotFound("no such mail account")
        return self._main(owner, account_id_of(owner.id), delegated=True)

    async def login(self, caller: Caller, account: Account) -> Login:
        """Return how an account's mail server is signed in to.

        Raises:
            NoCredentials: it wants the caller's password, which is not known.
            Forbidden: the stored password of an external account cannot be read.
        """
        if account.external:
            stored = await self.stored(caller, account.id)
            return Login(account.imap, external.open_password(await self.sealing.known(), stored), external=True)
        owner = await self.person(account.owner)
        settings = self.settings_of(owner)
        if account.delegated and not self._signing_in.reaches_others(settings):
            # The owner's mailboxes are reached among those of others, with what the delegate may do there.
            owner = await self.person(caller.principal)
            settings = self.settings_of(owner)
        credentials = await self._signing_in.credentials(settings, caller, owner)
        return Login(imap_server(settings, owner), credentials)

    @asynccontextmanager
    async def connection(self, caller: Caller, account_id: str = MAIN) -> AsyncIterator[Connection]:
        """Lend a connection to an account's mail server, whatever it has selected.

        Raises, beside what ``account`` and ``login`` raise:
            SignInRefused: the mail server does not accept what it was signed in to with.
            Unavailable: it does not answer, or there are too many connections.
        """
        async with self.lend(await self.login(caller, await self.account(caller, account_id))) as connection:
            yield connection

    @asynccontextmanager
    async def lend(self, login: Login) -> AsyncIterator[Connection]:
        """Lend a connection that is signed in so; raises as ``connection`` does."""
        async with self._pool.connection(login.server, login.credentials, external=login.external) as connection:
            yield connection

    @asynccontextmanager
    async def selected(
        self, caller: Caller, account_id: str, mailbox: str, *, write: bool = False
    ) -> AsyncIterator[Connection]:
        """Lend a connection that has a mailbox selected, read-only unless ``write``.

        Raises, beside what ``connection`` raises:
            NotFound: no such mailbox.
            Forbidden: the caller has no right to it.
        """
        login = await self.login(caller, await self.account(caller, account_id))
        async with self._pool.selected(
            login.server, login.credentials, mailbox, write=write, external=login.external
        ) as connection:
            yield connection

    async def special(self, caller: Caller, account_id: str = MAIN, *, make: Sequence[Use] = MADE) -> Special:
        """Return the names of the special mailboxes; those of ``make`` that are missing are made.

        Raises: what ``connection`` raises.
        """
        return (await self.layout(caller, account_id, make=make)).special

    async def layout(self, caller: Caller, account_id: str = MAIN, *, make: Sequence[Use] = ()) -> Layout:
        """Return which mailboxes are special, as ``special`` does."""
        self.check(caller)
        now = self._clock.milliseconds()
        key = (caller.principal, account_id)
        until, layout = self._layouts.get(key, (0, None))
        if layout is not None and until > now and not layout.missing & set(make):
            return layout
        account = await self.account(caller, account_id)
        wishes = await self._wishes(caller, account)
        async with self.connection(caller, account_id) as connection:
            layout = await self._laid_out(connection, account, wishes)
            if layout.missing & set(make):
                await _make(connection, layout, [use for use in make if use in layout.missing])
                layout = await self._laid_out(connection, account, wishes)
        self._layouts.pop(key, None)
        while len(self._layouts) >= SPECIAL_MAX:
            del self._layouts[next(iter(self._layouts))]
        self._layouts[key] = (now + SPECIAL_SECONDS * 1000, layout)
        return layout

    def forget(self, caller: Caller, account_id: str) -> None:
        """Look anew for the special mailboxes, as some were renamed, deleted or chosen."""
        self._layouts.pop((caller.principal, account_id), None)

    def check(self, caller: Caller) -> None:
        """Let people pass to whom mail is open.

        Raises:
            Forbidden: nobody is signed in, or mail is closed to the caller.
        """
        if caller.anonymous:
            raise Forbidden("sign in to read mail")
        if MODULE in caller.denied:
            raise Forbidden("mail is closed to this user")

    async def person(self, principal: PrincipalId) -> Principal:
        """Return a principal.

        Raises:
            NotFound: there is none.
            Unavailable: the directory does not answer.
        """
        found = await self._directory.find(principal)
        if found is None:
            raise NotFound("no such mail account")
        return found

    async def profile(self, principal: PrincipalId) -> Profile:
        """Return what somebody has chosen."""
        return await self._database.read(lambda tx: profiles.get(tx, principal))

    async def stored(self, caller: Caller, account_id: str) -> StoredMailAccount:
        """Return what is kept about an account that the caller added.

        Raises:
            NotFound: the caller has added none with this number, or accounts elsewhere are not allowed any more.
        """
        allowed = self.settings_of(await self.person(caller.principal)).mail.auxiliary_accounts
        if not allowed or len(account_id) > ID_DIGITS_MAX or not is_number(account_id):
            raise NotFound("no such mail account")
        found = await self._database.read(lambda tx: mail_accounts.find(tx, caller.principal, int(account_id)))
        if found is None:
            raise NotFound("no such mail account")
        return found

    def settings_of(self, principal: Principal) -> Settings:
        """Return the settings of somebody's domain."""
        return self._settings(principal.domain)

    def login_name(self, principal: Principal) -> str:
        """Return what mail servers call somebody."""
        return login_name(self.settings_of(principal), principal)

    def reaches_others(self, principal: Principal) -> bool:
        """Whether somebody's mailboxes open without the person's password."""
        return self._signing_in.reaches_others(self.settings_of(principal))

    async def _is_delegate(self, caller: Caller, owner: Principal) -> bool:
        # Superusers, too, must be named: mail is private, and who runs the server is not its reader.
        named = dictionary(await self.profile(owner.id), SETTINGS, MODULE).get(DELEGATES)
        return isinstance(named, list) and not {caller.principal, *caller.groups}.isdisjoint(map(str, named))

    def _main(self, owner: Principal, account_id: str, *, delegated: bool = False) -> Account:
        settings = self.settings_of(owner)
        address = next(iter(self._directory.addresses(owner)), "")
        identity = Identity(owner.display_name, address, default=True)
        return Account(
            id=account_id,
            owner=owner.id,
            name=address or owner.id,
            user_name=login_name(settings, owner),
            imap=imap_server(settings, owner),
            smtp=None,
            sieve=sieve_server(settings, owner),
            identities=(identity,) if address else (),
            delegated=delegated,
        )

    async def _wishes(self, caller: Caller, account: Account) -> Mapping[Use, Wish]:
        if account.external:
            chosen: Mapping[str, object] = external.mailboxes_of(await self.stored(caller, account.id))
        else:
            chosen = dictionary(await self.profile(account.owner), DEFAULTS)
        return wishes_of(self.settings_of(await self.person(account.owner)), chosen)

    async def _laid_out(self, connection: Connection, account: Account, wishes: Mapping[Use, Wish]) -> Layout:
        namespaces = await connection.namespaces()
        listed = await connection.list("*")
        root, separator = await self.root(account, listed, namespaces)
        return lay_out(listed, wishes, root=root, separator=separator, foreign=foreign_prefixes(namespaces))

    async def root(self, account: Account, listed: Sequence[Listed], namespaces: Namespaces) -> tuple[str, str]:
        """Return the prefix below which an account's mailboxes lie, and the separator of levels.

        Raises:
            NotFound: the mail server shows nobody the mailboxes of others.
        """
        if not account.delegated or self.reaches_others(await self.person(account.owner)):
            return own_root(listed, namespaces)
        found = other_root(namespaces, account.user_name)
        if found is None:
            raise NotFound("the mail server does not show mailboxes of others")
        return found


async def _make(connection: Connection, layout: Layout, uses: Sequence[Use]) -> None:
    """Make special mailboxes; who may not, in the mailboxes of another, goes without."""
    for use in uses:
        name = layout.name(use)
        with suppress(Conflict, Forbidden):  # somebody else was faster
            await connection.create(name, special_use=ATTRIBUTES.get(use, ""))
            await connection.subscribe(name)


def account_id_of(owner: PrincipalId) -> str:
    """Return the id of the account that somebody has delegated: never a number, as those are accounts elsewhere."""
    return f"{_MARK}{owner}" if is_number(owner) or owner.startswith(_MARK) else owner


def principal_of(account_id: str) -> PrincipalId:
    """Return whose account an id means that is no number; each person has one id only."""
    owner = PrincipalId(account_id.removeprefix(_MARK))
    return owner if account_id_of(owner) == account_id else PrincipalId("")


def is_number(text: str) -> bool:
    """Whether an account's id is that of one elsewhere, or ``MAIN``."""
    return text.isascii() and text.isdigit()


def dictionary(profile: Profile, *keys: str) -> Mapping[str, object]:
    """Return a dictionary among what somebody has chosen; empty where there is none."""
    value: object = profile.properties
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
