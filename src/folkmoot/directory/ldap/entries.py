"""One entry of an LDAP directory as a principal."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from folkmoot.config.sources import LdapSource
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.ldap.connections import Attributes, Entry
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.directory.source import TAG_KEY

VALUES_MAX: Final = 200  # of one attribute that are shown; members of groups are read elsewhere
VALUE_MAX: Final = 16_384  # octets of one value that is shown as text
_PROXY_ADDRESSES: Final = "proxyaddresses"  # Active Directory's, with a prefix before each address
_RESOURCE_CLASS: Final = "calendarresource"
_DISABLED: Final = 0x2  # of userAccountControl (MS-ADTS section 2.2.16)
_KINDS: Final = {kind.value: kind for kind in PrincipalKind}
# What changes with a password, or when somebody is locked out; servers keep one or the other.
_PASSWORD_SIGNS: Final = (
    "userpassword",
    "pwdchangedtime",
    "pwdlastset",
    "sambapwdlastset",
    "shadowlastchange",
    "krblastpwdchange",
    "passwordexpirationtime",
    "pwdaccountlockedtime",
    "nsaccountlock",
    "useraccountcontrol",
)
# Asked for beside ``*``, which leaves out what servers keep by themselves.
OPERATIONAL: Final = ("pwdChangedTime", "pwdAccountLockedTime", "nsAccountLock", "passwordExpirationTime")
_NEVER_SHOWN: Final = frozenset(
    {"userpassword", "unicodepwd", "sambantpassword", "sambalmpassword", "krbprincipalkey", "pwdhistory"}
)


@dataclass(frozen=True, slots=True)
class EntryReader:
    """How the entries of one source are read."""

    source: LdapSource
    domain: str | None
    domain_in_ids: bool

    def principal(self, entry: Entry) -> Principal | None:
        """Return the principal, or None if the entry has no name to know it by."""
        attributes = entry.attributes
        group = self.is_group(entry)
        login = first(attributes, self.source.uid_field) or (first(attributes, self.source.cn_field) if group else "")
        if not login or len(login) > self._length_max:
            return None
        identity = login
        if self.domain_in_ids and self.domain and "@" not in login:
            identity = f"{login}@{self.domain}"
        texts = self._texts(attributes)
        return Principal(
            id=PrincipalId(identity),
            login=login,
            display_name=first(attributes, self.source.cn_field) or first(attributes, "displayName") or login,
            mails=tuple(mails_of(attributes, self.source.mail_fields)),
            kind=self._kind(attributes, group=group),
            source=self.source.id,
            domain=self.domain,
            multiple_bookings=_number(first(attributes, self.source.multiple_bookings_field)),
            modules_denied=frozenset(
                module
                for module, wanted in self.source.module_constraints.items()
                if not all(
                    value.casefold() in (held.casefold() for held in texts.get(name.lower(), ()))
                    for name, value in wanted.items()
                )
            ),
            imap_server=first(attributes, self.source.imap_host_field),
            imap_login=first(attributes, self.source.imap_login_field),
            sieve_server=first(attributes, self.source.sieve_host_field),
            attributes=MappingProxyType(texts),
        )

    def is_group(self, entry: Entry) -> bool:
        """Return whether an entry is a group."""
        classes = {value.casefold() for value in values_of(entry.attributes, "objectClass")}
        return not classes.isdisjoint(name.casefold() for name in self.source.group_classes)

    @property
    def _length_max(self) -> int:
        return 255  # the columns that hold principals

    def _kind(self, attributes: Attributes, *, group: bool) -> PrincipalKind:
        told = _KINDS.get(first(attributes, self.source.kind_field).lower())
        if told is not None:
            return told
        if group:
            return PrincipalKind.GROUP
        classes = {value.casefold() for value in values_of(attributes, "objectClass")}
        return PrincipalKind.THING if _RESOURCE_CLASS in classes else PrincipalKind.INDIVIDUAL

    def _texts(self, attributes: Attributes) -> dict[str, tuple[str, ...]]:
        texts = {
            name: found
            for name in attributes
            if name not in _NEVER_SHOWN and (found := values_of(attributes, name)[:VALUES_MAX])
        }
        for name, sources in self.source.contact_mapping.items():
            taken = [value for one in sources for value in texts.get(one.lower(), ())]
            if taken:
                texts[name.lower()] = tuple(dict.fromkeys(taken))
        return texts


def may_log_in(entry: Entry) -> bool:
    """Return whether the directory lets anybody in by this entry at all."""
    attributes = entry.attributes
    control = _number(first(attributes, "userAccountControl")) or 0
    return not control & _DISABLED and first(attributes, "nsAccountLock").lower() != "true"


def password_tag(entry: Entry) -> bytes:
    """Return what changes with the entry's password, as far as the server shows."""
    made = hashlib.blake2b(entry.dn.casefold().encode("utf-8", "surrogatepass"), key=TAG_KEY, digest_size=16)
    for name in _PASSWORD_SIGNS:
        for value in sorted(entry.attributes.get(name, ())):
            made.update(name.encode() + b"\0" + value + b"\0")
    return made.digest()


def mails_of(attributes: Attributes, fields: Sequence[str]) -> Sequence[str]:
    """Return the addresses of an entry, once each, the main one first."""
    found: dict[str, str] = {}
    for field in fields:
        proxies = field.lower() == _PROXY_ADDRESSES
        # ``SMTP:`` in capitals marks the main one of them.
        values = values_of(attributes, field)
        for value in sorted(values, key=lambda one: not one.startswith("SMTP:")) if proxies else values:
            address = value.partition(":")[2] if proxies and value[:5].lower() == "smtp:" else value
            if "@" in address and not (proxies and ":" in address):
                found.setdefault(address.lower(), address)
    return tuple(found.values())


def first(attributes: Attributes, name: str) -> str:
    """Return the first value of an attribute that is text; empty if there is none."""
    return next(iter(values_of(attributes, name)), "") if name else ""


def values_of(attributes: Attributes, name: str) -> tuple[str, ...]:
    """Return the values of an attribute that are text."""
    return tuple(text for value in attributes.get(name.lower(), ()) if (text := _text(value)))


def _text(value: bytes) -> str:
    if len(value) > VALUE_MAX:
        return ""
    try:
        text = value.decode().strip()
    except UnicodeDecodeError:
        return ""  # a picture, a certificate, an identifier
    return "" if "\0" in text else text


def _number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
