"""What the domain's mail servers are signed in to with: the caller's own password, a master user, or a token."""

from collections.abc import Awaitable, Callable
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal
from folkmoot.mail.credentials import Credentials, Master, Password, Token
from folkmoot.mailboxes.errors import NoCredentials

Mint = Callable[[PrincipalId], Awaitable[str]]
"""Returns a token that opens somebody's mailboxes, for longer than ``TOKEN_SECONDS``."""

TOKEN_SECONDS: Final = 300  # that one token serves, so that connections made with it are found again
TOKENS_MAX: Final = 10_000  # people whose token is remembered
SESSION: Final = "session"
MASTER: Final = "master"
TOKEN: Final = "token"  # noqa: S105 - the name of a strategy


def login_name(settings: Settings, principal: Principal) -> str:
    """Return what mail servers call somebody (IMAPLoginFieldName, SOGoForceExternalLoginWithEmail)."""
    if principal.imap_login:
        return principal.imap_login
    if settings.imap.login_with_address and principal.mails:
        return principal.mails[0]
    return principal.login


class SigningIn:
    """Chooses credentials by FolkmootMailCredentials."""

    def __init__(self, clock: Clock, mint: Mint | None = None) -> None:
        self._clock = clock
        self._mint = mint
        self._tokens: dict[PrincipalId, tuple[int, str]] = {}  # until when, and the token

    def reaches_others(self, settings: Settings) -> bool:
        """Whether these credentials open anybody's mailboxes, and not only those of who gave a password."""
        return settings.imap.credentials in {MASTER, TOKEN}

    async def credentials(self, settings: Settings, caller: Caller, principal: Principal) -> Credentials:
        """Return what opens the mailboxes of ``principal``, for a caller who may use them.

        Raises:
            NoCredentials: a password is needed and the caller's is not known, as in the background.
            Unavailable: the settings lack what their way of signing in needs.
        """
        name = login_name(settings, principal)
        match settings.imap.credentials:
            case "master":
                imap = settings.imap
                if not imap.master_user_name or not imap.master_user_password:
                    raise Unavailable("FolkmootMailCredentials is master, and there is no master user")
                return Master(name, imap.master_user_name, imap.master_user_password)
            case "token":
                return Token(name, await self._token(principal.id))
            case _:
                if caller.principal != principal.id or not caller.password:
                    raise NoCredentials(
                        "the mail server wants a password, and none came with this; "
                        "with FolkmootMailCredentials master or token it would not"
                    )
                if settings.imap.mechanism == "xoauth2":
                    return Token(name, caller.password)
                return Password(name, caller.password)

    async def _token(self, principal: PrincipalId) -> str:
        now = self._clock.milliseconds()
        until, token = self._tokens.get(principal, (0, ""))
        if until > now:
            return token
        if self._mint is None:
            raise Unavailable("FolkmootMailCredentials is token, and nothing here mints tokens")
        token = await self._mint(principal)
        self._tokens.pop(principal, None)
        while len(self._tokens) >= TOKENS_MAX:
            del self._tokens[next(iter(self._tokens))]
        self._tokens[principal] = (now + TOKEN_SECONDS * 1000, token)
        return token
