"""Asking LDAP servers, from a few threads, so that a slow directory holds up nobody else.

Connections that are signed in as Folkmoot are kept; signing in as somebody else takes a connection of its own.  The
first server that answers is asked.  Certificates are checked against the machine's authorities or
those of ``ldap.conf``.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import monotonic
from typing import Any, Final, TypeVar

import structlog

from folkmoot.core.errors import ConfigurationError, Unavailable
from folkmoot.directory.ldap.places import Place

try:
    import ldap
    from ldap.controls import SimplePagedResultsControl
    from ldap.controls.ppolicy import PasswordPolicyControl
except ImportError:  # without the extra, sources of this kind are refused where they are opened
    ldap = None

T = TypeVar("T")

THREADS: Final = 8
WAITING_MAX: Final = 200  # callers that wait for a thread; more are told to come back
CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 15
IDLE_SECONDS: Final = 120.0  # firewalls forget connections after a few minutes
KEPT_MAX: Final = 4
PAGE: Final = 500  # entries asked for at once; Active Directory gives no more than 1,000
PASSWORD_MODIFY: Final = "1.3.6.1.4.1.4203.1.11.1"  # noqa: S105  RFC 3062
PAGED_RESULTS: Final = "1.2.840.113556.1.4.319"  # RFC 2696
ACTIVE_DIRECTORY: Final = "1.2.840.113556.1.4.800"

Attributes = Mapping[str, tuple[bytes, ...]]  # by name in lower case

_log: Final = structlog.get_logger("folkmoot.directory")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the directory."""

    dn: str
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Bound:
    """What the server says of a password (draft-behera-ldap-password-policy, sections 6.2 and 9)."""

    accepted: bool
    error: int | None = None  # of the policy's answer
    expires_seconds: int | None = None
    grace: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the server says that it can do (RFC 4512 section 5.1)."""

    extensions: frozenset[str]
    controls: frozenset[str]
    active_directory: bool


class Refused(Exception):
    """The server does not do what was asked; ``error`` is the policy's reason, if it told one."""

    def __init__(self, message: str, error: int | None = None) -> None:
        super().__init__(message)
        self.error = error


def require() -> None:
    """Raise unless python-ldap is installed.

    Raises:
        ConfigurationError: it is not.
    """
    if ldap is None:
        raise ConfigurationError(
            "LDAP sources need python-ldap: apt install gcc python3-dev libldap2-dev libsasl2-dev, "
            "then pip install 'folkmoot[ldap]'"
        )


class Connections:
    """The servers of one source."""

    def __init__(
        self, source_id: str, places: Sequence[Place], bind_dn: str, bind_password: str, *, answer_seconds: int = 0
    ) -> None:
        require()
        self._id = source_id
        self._places = tuple(places)
        self._bind = (bind_dn, bind_password)
        self._seconds = answer_seconds or ANSWER_SECONDS
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix=f"ldap-{source_id}")
        self._waiting = 0
        self._lock = Lock()
        self._kept: list[tuple[float, Any]] = []
        self._abilities: Abilities | None = None

    @property
    def private(self) -> bool:
        """Whether nobody between can read along, whichever server is asked."""
        return all(place.private for place in self._places)

    async def search(
        self,
        base: str,
        filter_: str,
        *,
        scope: str = "SUB",
        names: Sequence[str] = ("*",),
        limit: int,
        as_: tuple[str, str] | None = None,
    ) -> Sequence[Entry]:
        """Return at most ``limit`` entries; none where the base does not exist.

        Raises:
            Unavailable: no server answers, or it refuses.
        """
        return await self._run(lambda: self._searched(base, filter_, scope, list(names), limit, as_))

    async def bind(self, dn: str, password: str) -> Bound:
        """Return whether a password is right; an empty one never is (RFC 4513 section 5.1.2).

        Raises:
            Unavailable: no server answers.
        """
        if not password:
            return Bound(accepted=False)
        return await self._run(lambda: self._bound(dn, password))

    async def abilities(self) -> Abilities:
        """Return what the servers can do, asked once.

        Raises:
            Unavailable: no server answers.
        """
        if self._abilities is None:
            self._abilities = await self._run(lambda: self._as_service(_abilities))
        return self._abilities

    async def new_password(self, dn: str, new: str, *, old: str | None) -> None:
        """Ask the server to store another password (RFC 3062), as its owner if ``old`` is given.

        Raises:
            Refused: it does not.
            Unavailable: no server answers.
        """
        await self._run(
            lambda: self._as(dn, old, lambda line: line.passwd_s(dn, old, new, serverctrls=[PasswordPolicyControl()]))
        )

    async def modify(self, dn: str, changes: Sequence[tuple[str, str, bytes | None]], *, old: str | None) -> None:
        """Change attributes: ``add``, ``delete`` or ``replace``, name, value; as the owner if ``old`` is given.

        Raises:
            Refused: the server does not.
            Unavailable: no server answers.
        """
        kinds = {"add": ldap.MOD_ADD, "delete": ldap.MOD_DELETE, "replace": ldap.MOD_REPLACE}
        edits = [(kinds[kind], name, None if value is None else [value]) for kind, name, value in changes]
        await self._run(
            lambda: self._as(dn, old, lambda line: line.modify_ext_s(dn, edits, serverctrls=[PasswordPolicyControl()]))
        )

    async def close(self) -> None:
        """Close all connections and end the threads."""
        with self._lock:
            kept, self._kept = self._kept, []
        for _, line in kept:
            await self._run(partial(_unbind, line))
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_MAX:
            raise Unavailable(f"user source {self._id}: too many are asking")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _searched(
        self, base: str, filter_: str, scope: str, names: list[str], limit: int, as_: tuple[str, str] | None
    ) -> Sequence[Entry]:
        depth = {"BASE": ldap.SCOPE_BASE, "ONE": ldap.SCOPE_ONELEVEL}.get(scope, ldap.SCOPE_SUBTREE)

        def pages(line: Any) -> list[Entry]:
            found: list[Entry] = []
            page = SimplePagedResultsControl(criticality=False, size=min(PAGE, limit), cookie="")
            while True:
                asked = line.search_ext(base, depth, filter_, names, serverctrls=[page])
                try:
                    _, data, _, controls = line.result3(asked, timeout=self._seconds)
                except ldap.PARTIAL_RESULTS:
                    return found
                found += [
                    Entry(dn, {name.lower(): tuple(values) for name, values in attributes.items()})
                    for dn, attributes in data
                    if dn is not None  # else a referral, which is not followed
                ]
                page.cookie = next((one.cookie for one in controls if one.controlType == PAGED_RESULTS), None) or ""
                if not page.cookie or len(found) >= limit:
                    return found[:limit]

        def least(line: Any) -> list[Entry]:
            try:
                return pages(line)
            except ldap.NO_SUCH_OBJECT:
                return []
            except (ldap.SIZELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED):
                return _as_many_as_it_gives(line, base, depth, filter_, names, limit, self._seconds)

        return self._as_service(least) if as_ is None else self._as(as_[0], as_[1], least)

    def _bound(self, dn: str, password: str) -> Bound:
        line = self._open()
        try:
            return _bind(line, dn, password)
        except ldap.LDAPError as error:
            raise self._unavailable(error) from error
        finally:
            _unbind(line)

    def _as(self, dn: str, password: str | None, work: Callable[[Any], T]) -> T:
        """Do something as somebody, or as Folkmoot where there is no password."""
        if password is None:
            return self._as_service(work)
        line = self._open()
        try:
            bound = _bind(line, dn, password)
            if not bound.accepted:
                raise Refused("the old password is wrong", bound.error)
            return work(line)
        except _REFUSALS as error:
            raise Refused(_words(error), _policy_error(error)) from error
        except ldap.LDAPError as error:
            raise self._unavailable(error) from error
        finally:
            _unbind(line)

    def _as_service(self, work: Callable[[Any], T]) -> T:
        """Do something on a connection that is kept; once more on a new one if that has died in its sleep."""
        line, fresh = self._take()
        try:
            try:
                answer = work(line)
            except (ldap.SERVER_DOWN, ldap.CONNECT_ERROR):
                if fresh:
                    raise
                _unbind(line)
                line = self._signed_in()
                answer = work(line)
        except _REFUSALS as error:
            _unbind(line)
            raise Refused(_words(error), _policy_error(error)) from error
        except ldap.LDAPError as error:
            _unbind(line)
            raise self._unavailable(error) from error
        self._give_back(line)
        return answer

    def _take(self) -> tuple[Any, bool]:
        with self._lock:
            while self._kept:
                since, line = self._kept.pop()
                if monotonic() - since < IDLE_SECONDS:
                    return line, False
                _unbind(line)
        return self._signed_in(), True

    def _give_back(self, line: Any) -> None:
        with self._lock:
            if len(self._kept) < KEPT_MAX:
                self._kept.append((monotonic(), line))
                return
        _unbind(line)

    def _signed_in(self) -> Any:
        line = self._open()
        try:
            line.simple_bind_s(*self._bind)
        except ldap.LDAPError as error:
            _unbind(line)
            raise self._unavailable(error) from error
        return line

    def _open(self) -> Any:
        """Return a connection to the first server that answers.

        Raises:
            Unavailable: none does.
        """
        fault: ldap.LDAPError | None = None
        for place in self._places:
            line = ldap.initialize(place.url, bytes_mode=False)
            line.set_option(ldap.OPT_NETWORK_TIMEOUT, CONNECT_SECONDS)
            line.set_option(ldap.OPT_TIMEOUT, self._seconds)
            line.set_option(ldap.OPT_REFERRALS, ldap.OPT_OFF)
            line.set_option(ldap.OPT_RESTART, ldap.OPT_ON)
            line.protocol_version = ldap.VERSION3
            try:
                if place.start_tls:
                    line.start_tls_s()
                else:
                    # Asking for nothing connects, so that a server that is down is found out here.
                    line.search_ext_s("", ldap.SCOPE_BASE, "(objectClass=*)", ["1.1"], timeout=self._seconds)
            except (ldap.SERVER_DOWN, ldap.CONNECT_ERROR, ldap.TIMEOUT, ldap.UNAVAILABLE, ldap.BUSY) as error:
                _unbind(line)
                _log.warning("LDAP server does not answer", source=self._id, server=place.url, fault=_words(error))
                fault = error
                continue
            except ldap.LDAPError:
                pass  # it answers, though nobody may read there unless signed in
            return line
        raise self._unavailable(fault)

    def _unavailable(self, error: Exception | None) -> Unavailable:
        if error is not None:
            _log.error("user source does not answer", source=self._id, fault=_words(error))
        return Unavailable(f"user source {self._id} does not answer")


def _bind(line: Any, dn: str, password: str) -> Bound:
    try:
        asked = line.simple_bind(dn, password, serverctrls=[PasswordPolicyControl()])
        _, _, _, controls = line.result3(asked)
    except (ldap.INVALID_CREDENTIALS, ldap.INVALID_DN_SYNTAX, ldap.NO_SUCH_OBJECT, ldap.INAPPROPRIATE_AUTH) as error:
        return Bound(accepted=False, error=_policy_error(error), message=_words(error))
    except (ldap.UNWILLING_TO_PERFORM, ldap.INSUFFICIENT_ACCESS, ldap.CONSTRAINT_VIOLATION) as error:
        return Bound(accepted=False, error=_policy_error(error), message=_words(error))
    for one in controls or ():
        if isinstance(one, PasswordPolicyControl):
            return Bound(
                accepted=True,
                error=one.error,
                expires_seconds=one.timeBeforeExpiration,
                grace=one.graceAuthNsRemaining,
            )
    return Bound(accepted=True)


def _as_many_as_it_gives(
    line: Any, base: str, depth: int, filter_: str, names: list[str], limit: int, seconds: int
) -> list[Entry]:
    """Return what comes before the server says that it is enough."""
    found: list[Entry] = []
    asked = line.search_ext(base, depth, filter_, names, sizelimit=min(limit, PAGE))
    try:
        while len(found) < limit:
            kind, data = line.result(asked, all=0, timeout=seconds)
            found += [
                Entry(dn, {name.lower(): tuple(values) for name, values in attributes.items()})
                for dn, attributes in data
                if dn is not None
            ]
            if kind == ldap.RES_SEARCH_RESULT:
                break
    except (ldap.SIZELIMIT_EXCEEDED, ldap.ADMINLIMIT_EXCEEDED):
        pass
    return found


def _abilities(line: Any) -> Abilities:
    names = ["supportedExtension", "supportedControl", "supportedCapabilities"]
    ((_, found),) = line.search_s("", ldap.SCOPE_BASE, "(objectClass=*)", names) or [("", {})]
    told = {
        name.lower(): frozenset(value.decode("ascii", "replace") for value in values) for name, values in found.items()
    }
    nothing: frozenset[str] = frozenset()
    return Abilities(
        told.get("supportedextension", nothing),
        told.get("supportedcontrol", nothing),
        ACTIVE_DIRECTORY in told.get("supportedcapabilities", nothing),
    )


def _policy_error(error: Exception) -> int | None:
    """Return the reason of a password policy that came with a refusal."""
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    for kind, _, value in told.get("ctrls") or ():
        if kind == PasswordPolicyControl.controlType:
            control = PasswordPolicyControl()
            control.decodeControlValue(value)
            return int(control.error) if control.error is not None else None
    return None


def _words(error: Exception) -> str:
    told = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return " ".join(str(told[part]) for part in ("desc", "info") if told.get(part)) or type(error).__name__


def _unbind(line: Any) -> None:
    with suppress(ldap.LDAPError):  # it was gone already
        line.unbind_s()


_REFUSALS: Final[tuple[type[Exception], ...]] = (
    ()
    if ldap is None
    else (
        ldap.CONSTRAINT_VIOLATION,
        ldap.UNWILLING_TO_PERFORM,
        ldap.INSUFFICIENT_ACCESS,
        ldap.NO_SUCH_ATTRIBUTE,
        ldap.INVALID_SYNTAX,
        ldap.OBJECT_CLASS_VIOLATION,
        ldap.PROTOCOL_ERROR,
    )
)
