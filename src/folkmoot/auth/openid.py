"""Access tokens of the configured OpenID provider, as a way in for clients that cannot keep a session.

A token is a JWT (RFC 9068, or what providers made before it) that the provider has signed for us: its keys are
fetched from where the provider's configuration document says, and kept for a while.  Opaque tokens are not taken:
asking the provider whose they are would not tell for whom they were made (RFC 6819 section 4.6.4).
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, Protocol

import msgspec
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from folkmoot.auth.errors import NotAuthenticated
from folkmoot.auth.failure_log import log_failure
from folkmoot.auth.proofs import Proven, Shown, Token, Visitor
from folkmoot.auth.protocols import Protocol as Door
from folkmoot.config.sso_section import SsoSettings
from folkmoot.core.clock import Clock
from folkmoot.core.errors import MalformedInput, Unavailable
from folkmoot.directory.directory import Directory
from folkmoot.directory.principal import Principal
from folkmoot.fetch.errors import FetchFailed

# Signatures with a key pair only: "none" proves nothing, and with HS256 the public key would be the secret.
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
KEYS_SECONDS: Final = 3600.0  # that keys are believed
UNKNOWN_SECONDS: Final = 60.0  # between two looks for a key that is not among them: anybody can name any
LEEWAY_SECONDS: Final = 30  # by which clocks may differ
CLAIM_MAX: Final = 320  # characters of an address
AUDIENCES_MAX: Final = 50  # of one token
_DOORS: Final = frozenset({Door.JMAP, Door.DAV})
_FORM_DOTS: Final = 2  # in a signed JWT (RFC 7515 section 3.1)

_log: Final = structlog.get_logger("folkmoot.auth")


class Fetched(Protocol):
    """What came back."""

    @property
    def body(self) -> bytes | None:
        """Return the document."""


class Fetcher(Protocol):
    """Fetches documents of the provider."""

    async def get(self, url: str) -> Fetched:
        """Fetch one."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What the configuration document says (OpenID Connect Discovery 1.0 section 3)."""

    issuer: str
    keys: KeySet
    fetched_at: float


class _Configuration(msgspec.Struct):
    issuer: str
    jwks_uri: str


class OpenIdWay:
    """Believes tokens that the provider signed for us."""

    def __init__(
        self,
        settings: SsoSettings,
        directory: Directory,
        fetcher: Fetcher,
        clock: Clock,
        *,
        for_mail: bool = False,
        time: Callable[[], float] = monotonic,
    ) -> None:
        """Take what is configured; ``for_mail``: mail servers take the same tokens (``NGImap4AuthMechanism``)."""
        self._settings = settings
        self._directory = directory
        self._fetcher = fetcher
        self._clock = clock
        self._for_mail = for_mail
        self._time = time
        self._provider: Provider | None = None
        self._fetching = asyncio.Lock()

    async def prove(self, shown: Shown, visitor: Visitor) -> Proven | None:
        """Return whose token it is."""
        if not isinstance(shown, Token) or shown.text.count(".") != _FORM_DOTS:
            return None
        try:
            claims = await self._claims(shown.text)
            expires_at = self._checked(claims)
            principal = await self._principal(claims)
        except NotAuthenticated as error:
            log_failure(visitor.client, "bearer")
            _log.info("token refused", reason=str(error))
            raise
        return Proven(
            principal,
            self,
            opens=_DOORS,
            closed="This token is not for this.",
            expires_at=expires_at,
            with_password=self._for_mail,
        )

    async def again(self, proven: Proven, visitor: Visitor) -> Proven | None:
        """Return whose it is, while it has not expired and its owner may log in."""
        if proven.expires_at <= self._clock.milliseconds():
            return None
        current = await self._directory.current(proven.principal)
        if current is None:
            return None
        return Proven(
            current.principal,
            self,
            opens=_DOORS,
            closed=proven.closed,
            expires_at=proven.expires_at,
            with_password=proven.with_password,
        )

    async def _claims(self, token: str) -> Mapping[str, object]:
        provider = await self._known(after=None)
        try:
            return await _verified(token, provider)
        except JoseError as error:
            if self._time() - provider.fetched_at < UNKNOWN_SECONDS:
                raise NotAuthenticated("The token is not signed by the provider.") from error
        # The provider may have changed its keys since.
        provider = await self._known(after=provider.fetched_at)
        try:
            return await _verified(token, provider)
        except JoseError as error:
            raise NotAuthenticated("The token is not signed by the provider.") from error

    def _checked(self, claims: Mapping[str, object]) -> int:
        """Check for whom and when a token is, and return its end in milliseconds since 1970."""
        provider = self._provider
        if provider is None or claims.get("iss") != provider.issuer:
            raise NotAuthenticated("The token is of another provider.")
        wanted = {self._settings.openid_client, *self._settings.openid_audiences} - {""}
        audience = claims.get("aud")
        named = {audience} if isinstance(audience, str) else set(_texts(audience))
        named |= {text for text in (claims.get("azp"), claims.get("client_id")) if isinstance(text, str)}
        if not wanted & named:
            raise NotAuthenticated("The token is for somebody else.")
        if claims.get("typ") == "ID" or "nonce" in claims:  # tells a client who signed in; it opens nothing
            raise NotAuthenticated("This is no access token.")
        now = self._clock.milliseconds() / 1000
        expires, begins = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(expires, int | float) or expires + LEEWAY_SECONDS <= now:
            raise NotAuthenticated("The token has expired.")
        if not isinstance(begins, int | float) or begins - LEEWAY_SECONDS > now:
            raise NotAuthenticated("The token is not valid yet.")
        return int((min(expires, now + 365 * 86400) + LEEWAY_SECONDS) * 1000)

    async def _principal(self, claims: Mapping[str, object]) -> Principal:
        told = claims.get(self._settings.openid_email_claim)
        if not isinstance(told, str) or not 0 < len(told) <= CLAIM_MAX or claims.get("email_verified") is False:
            raise NotAuthenticated("The token does not say whose it is.")
        found = await self._directory.find_by_mail(told) if "@" in told else None
        found = found or await self._directory.find_login(told)
        current = None if found is None else await self._directory.current(found)
        if current is None or current.principal.bookable:
            raise NotAuthenticated("Nobody here has the token's address.")
        return current.principal

    async def _known(self, *, after: float | None) -> Provider:
        """Return the provider; ``after`` is when the keys were fetched that will not do."""
        async with self._fetching:
            known = self._provider
            now = self._time()
            if known is not None and now - known.fetched_at < KEYS_SECONDS and known.fetched_at != after:
                return known
            try:
                self._provider = await self._fetch(now)
            except (FetchFailed, MalformedInput, JoseError, ValueError, TypeError) as error:
                _log.warning("OpenID provider does not answer", fault=str(error))
                if known is None:
                    raise Unavailable("the OpenID provider does not answer") from error
                self._provider = Provider(known.issuer, known.keys, now)  # asked again after a while
            return self._provider

    async def _fetch(self, now: float) -> Provider:
        configuration = _decoded(await self._fetcher.get(self._settings.openid_configuration_url))
        document = await self._fetcher.get(configuration.jwks_uri)
        keys = msgspec.json.decode(document.body or b"", type=dict[str, object])
        return Provider(configuration.issuer, KeySet.import_key_set(keys), now)  # type: ignore[arg-type]  # checked there


async def _verified(token: str, provider: Provider) -> Mapping[str, object]:
    decoded = await asyncio.to_thread(jwt.decode, token, provider.keys, list(ALGORITHMS))
    return decoded.claims


def _decoded(fetched: Fetched) -> _Configuration:
    try:
        return msgspec.json.decode(fetched.body or b"", type=_Configuration)
    except msgspec.DecodeError as error:
        raise MalformedInput("the provider's configuration document is none") from error


def _texts(value: object) -> Sequence[str]:
    return [one for one in value[:AUDIENCES_MAX] if isinstance(one, str)] if isinstance(value, list) else ()


def is_configured(settings: SsoSettings) -> bool:
    """Return whether there is a provider whose tokens could be believed."""
    return bool(settings.openid_configuration_url and settings.openid_client)
