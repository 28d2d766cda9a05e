"""One row of a user source's table as a principal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from folkmoot.config.sources import SqlSource
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal, PrincipalKind

PASSWORD: Final = "c_password"  # noqa: S105  a column's name
UID: Final = "c_uid"
_PROXY_ADDRESSES: Final = "proxyaddresses"  # Active Directory's, exported with a prefix before each address
_KINDS: Final = {kind.value: kind for kind in PrincipalKind}


@dataclass(frozen=True, slots=True)
class RowReader:
    """How one source's rows are read; ``row`` is column name in lower case to the driver's value."""

    source: SqlSource
    domain: str | None  # configured domain of the source
    domain_in_ids: bool  # SOGoEnableDomainBasedUID

    def principal(self, row: Mapping[str, object]) -> Principal | None:
        """Return the principal, or ``None`` if the row has no ``c_uid`` to know it by."""
        login = text_of(row.get(UID))
        if not login:
            return None
        domain = self.domain or (text_of(row.get(self.source.domain_field.lower())) or None)
        identity = login
        if self.domain_in_ids and domain and "@" not in login:
            identity = f"{login}@{domain}"
        attributes = _attributes(row)
        return Principal(
            id=PrincipalId(identity),
            login=login,
            display_name=text_of(row.get("c_cn")) or login,
            mails=tuple(mails_of(row, self.mail_columns)),
            kind=_KINDS.get(text_of(row.get(self.source.kind_field.lower())).lower(), PrincipalKind.INDIVIDUAL),
            source=self.source.id,
            domain=domain,
            multiple_bookings=_number(row.get(self.source.multiple_bookings_field.lower())),
            modules_denied=frozenset(
                module
                for module, wanted in self.source.module_constraints.items()
                if not _satisfies(wanted, attributes)
            ),
            imap_server=self._mail(row, self.source.imap_host_field, "c_imaphostname"),
            imap_login=self._mail(row, self.source.imap_login_field, "c_imaplogin"),
            sieve_server=self._mail(row, self.source.sieve_host_field, "c_sievehostname"),
            attributes=attributes,
        )

    def _mail(self, row: Mapping[str, object], field: str, usual: str) -> str:
        return text_of(row.get((field or usual).lower()))

    @property
    def mail_columns(self) -> tuple[str, ...]:
        """The columns with addresses, in lower case, the main one first."""
        return tuple(dict.fromkeys(["mail", *(name.lower() for name in self.source.mail_fields)]))


def mails_of(row: Mapping[str, object], columns: Sequence[str]) -> Sequence[str]:
    """Return the addresses of a row, once each; a column may hold several, separated by blanks."""
    found: dict[str, str] = {}
    for column in columns:
        for address in text_of(row.get(column)).split():
            if column == _PROXY_ADDRESSES and address[:5].lower() == "smtp:":
                address = address[5:]
            if "@" in address:
                found.setdefault(address.lower(), address)
    return tuple(found.values())


def text_of(value: object) -> str:
    """Return a column's value as text; NULL and octets that are no text are empty."""
    match value:
        case None:
            return ""
        case str():
            return value.strip()
        case bool():
            return "1" if value else "0"
        case bytes():
            try:
                return value.decode().strip()
            except UnicodeDecodeError:
                return ""
        case _:
            return str(value)


def _attributes(row: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    # LDAP-like names, so that address books read every kind of source alike.
    attributes = {
        name.removeprefix("c_"): (text,) for name, value in row.items() if name != PASSWORD and (text := text_of(value))
    }
    return MappingProxyType(attributes)


def _satisfies(wanted: Mapping[str, str], attributes: Mapping[str, tuple[str, ...]]) -> bool:
    return all(
        value.casefold() in (held.casefold() for held in attributes.get(name.lower().removeprefix("c_"), ()))
        for name, value in wanted.items()
    )


def _number(value: object) -> int | None:
    try:
        return int(text_of(value))
    except ValueError:
        return None
