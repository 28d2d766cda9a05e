"""User sources: the SQL and LDAP directories of people named by `SOGoUserSources`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from folkmoot.config.declaring import nested
from folkmoot.config.faults import Faults, Severity, Unreadable
from folkmoot.config.kinds import (
    Kind,
    array,
    boolean,
    choice,
    database_url,
    decimal,
    describe,
    expression,
    integer,
    mapping,
    path,
    text,
)
from folkmoot.config.nodes import Dictionary, Node
from folkmoot.config.qualifier import Expression
from folkmoot.config.reading import dictionary, read_dictionary
from folkmoot.config.url import DatabaseUrl, Dialect

SCHEMES: Final = (
    "none", "plain", "cleartext", "crypt", "md5-crypt", "sha256-crypt", "sha512-crypt", "blf-crypt", "pbkdf2",
    "argon2i", "argon2id", "argon2", "md4", "md5", "plain-md5", "sha", "cram-md5", "ldap-md5", "smd5", "ssha",
    "sha256", "ssha256", "sha512", "ssha512", "sym-aes-128-cbc",
)  # fmt: skip
_ENCODINGS: Final = ("", ".hex", ".b64", ".base64")
NOWHERE: Final = DatabaseUrl(Dialect.SQLITE)  # never read: the key is mandatory
_list: Final = array(text, separator=",")
_scheme: Final = Kind("password scheme", choice(*(name + suffix for name in SCHEMES for suffix in _ENCODINGS)).read)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRule:
    """One rule that new passwords of an SQL source must satisfy."""

    label: str = nested("label", text, "", "Name of the rule, or one of the `POLICY_MIN_…` names.", served=True)
    regex: str = nested("regex", text, "", "Regular expression that must match.", served=True)
    value: float = nested("value", decimal, 0.0, "The least number of what a `POLICY_MIN_…` label names.", served=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    id: str = nested("id", text, "", "Unique name; also the address book's URL segment.", served=True, mandatory=True)
    display_name: str = nested("displayName", text, "", "Shown name of the address book.", served=True)
    can_authenticate: bool = nested("canAuthenticate", boolean, default=False, doc="Used for log-in.", served=True)
    is_address_book: bool = nested(
        "isAddressBook",
        boolean,
        default=False,
        doc="Shown as a global address book, and used for completion and free-busy.",
        served=True,
    )
    list_requires_dot: bool = nested(
        "listRequiresDot",
        boolean,
        default=True,
        doc="People are listed only for a search, or for a single `.`.",
        served=True,
    )
    first_entries_count: int = nested(
        "globalAddressBookFirstEntriesCount",
        integer(-1),
        -1,
        "Entries shown without a search, -1 for all; looked at only beside `listRequiresDot`.",
        served=True,
    )
    mail_fields: tuple[str, ...] = nested(
        "MailFieldNames",
        _list,
        ("mail",),
        "Attributes or columns with addresses; of one named `proxyAddresses` the prefix `smtp:` is cut off.",
        served=True,
    )
    imap_host_field: str = nested(
        "IMAPHostFieldName", text, "", "Attribute or column with the user's IMAP server, a host or a URL.", served=True
    )
    sieve_host_field: str = nested(
        "SieveHostFieldName",
        text,
        "",
        "Attribute or column with the user's Sieve server, a host or a URL.",
        served=True,
    )
    imap_login_field: str = nested(
        "IMAPLoginFieldName", text, "", "Attribute or column with the user's IMAP log-in.", served=True
    )
    kind_field: str = nested(
        "KindFieldName",
        text,
        "",
        "Attribute or column that makes the entry a resource if it says `group`, `location` or `thing`.",
        served=True,
    )
    multiple_bookings_field: str = nested(
        "MultipleBookingsFieldName",
        text,
        "",
        "Attribute or column with the bookings a resource takes at one time: 0 any number, -1 any number but shown "
        "busy, n that many.",
    )
    module_constraints: Mapping[str, Mapping[str, str]] = nested(
        "ModulesConstraints",
        mapping(mapping(text)),
        {},
        "For the modules `Mail`, `Calendar`, `ActiveSync`: attributes and values a user must have to be let in.",
    )
    password_scheme: str = nested(
        "userPasswordAlgorithm",
        _scheme,
        "none",
        "Scheme of stored passwords that do not name theirs, and of new ones.",
        served=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlSource(_Source):
    """People in a table or view."""

    view_url: DatabaseUrl = nested(
        "viewURL",
        database_url(table=True),
        NOWHERE,
        "The table or view, with columns `c_uid`, `c_name`, `c_password`, `c_cn` and `mail`; a `c_` prefix of other "
        "columns is dropped.",
        served=True,
        mandatory=True,
    )
    login_fields: tuple[str, ...] = nested(
        "LoginFieldNames", _list, ("c_uid",), "Columns of which one must hold the log-in.", served=True
    )
    search_fields: tuple[str, ...] = nested(
        "SearchFieldNames",
        _list,
        ("c_cn", "mail"),
        "Columns that are searched; `mail` stands for all of `MailFieldNames`.",
        served=True,
    )
    authentication_filter: Expression | None = nested(
        "authenticationFilter", expression, None, "Condition on the row of a user who logs in.", served=True
    )
    domain_field: str = nested("DomainFieldName", text, "", "Column with the user's domain.", served=True)
    prepend_scheme: bool = nested(
        "prependPasswordScheme",
        boolean,
        default=False,
        doc="New passwords are stored with `{scheme}` before them.",
        served=True,
    )
    key_path: str = nested("keyPath", path, "", "File with the key of `sym-aes-128-cbc`.", served=True)
    password_policy: tuple[PasswordRule, ...] = nested(
        "userPasswordPolicy",
        array(dictionary("password rule", PasswordRule)),
        (),
        "Rules that a password must satisfy; where `SOGoPasswordChangeEnabled` is on, who signs in with one that does "
        "not must choose another.",
        served=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LdapSource(_Source):
    """People in an LDAP directory or Active Directory."""

    hosts: str = nested(
        "hostname",
        text,
        "localhost",
        "One or more hosts or URLs parted by blanks; the extension `????!StartTLS` asks for TLS.",
        served=True,
    )
    port: int = nested("port", integer(1, 65_535), 389, "Port for hosts that name none.", served=True)
    encryption: str = nested(
        "encryption", choice("", "SSL", "STARTTLS"), "", "Use `ldaps://` or `StartTLS` instead.", served=True
    )
    base_dn: str = nested(
        "baseDN",
        text,
        "",
        "Where to search; `%d` stands for the domain that the source belongs to.",
        mandatory=True,
        served=True,
    )
    scope: str = nested("scope", choice("BASE", "ONE", "SUB"), "SUB", "How deep to search.", served=True)
    bind_dn: str = nested("bindDN", text, "", "Who Folkmoot signs in as; empty for anonymous.", served=True)
    bind_password: str = nested("bindPassword", text, "", "The password for that.", secret=True, served=True)
    bind_as_user: bool = nested(
        "bindAsCurrentUser", boolean, default=False, doc="Search with the signed-in user's own rights."
    )
    bind_fields: tuple[str, ...] = nested(
        "bindFields",
        _list,
        (),
        "Attributes of which one must hold the log-in; without them the DN is built from `IDFieldName` and `baseDN`.",
        served=True,
    )
    lookup_fields: tuple[str, ...] = nested("lookupFields", _list, ("*",), "Attributes to ask for.", served=True)
    entry_filter: Expression | None = nested("filter", expression, None, "Condition on all entries.", served=True)
    cn_field: str = nested("CNFieldName", text, "cn", "Attribute with the full name.", served=True)
    id_field: str = nested("IDFieldName", text, "uid", "Attribute that begins an entry's DN.", served=True)
    uid_field: str = nested("UIDFieldName", text, "uid", "Attribute that names the user.", served=True)
    search_fields: tuple[str, ...] = nested(
        "SearchFieldNames",
        _list,
        ("sn", "displayName", "cn", "mail", "telephoneNumber"),
        "Attributes that are searched.",
        served=True,
    )
    group_classes: tuple[str, ...] = nested(
        "GroupObjectClasses",
        _list,
        ("group", "groupOfNames", "groupOfUniqueNames", "posixGroup"),
        "Object classes of groups.",
        served=True,
    )
    subgroups_disabled: bool = nested(
        "disableSubgroups", boolean, default=False, doc="Groups within groups are not followed.", served=True
    )
    contact_mapping: Mapping[str, tuple[str, ...]] = nested(
        "mapping",
        mapping(_list),
        {},
        "Contact attributes, each with the LDAP attributes it is taken from.",
        served=True,
    )
    object_classes: tuple[str, ...] = nested("objectClasses", _list, (), "Object classes of entries that are written.")
    modifiers: tuple[str, ...] = nested("modifiers", _list, (), "Users who may write to the address book.")
    personal_ou: str = nested("abOU", text, "", "Organisational unit below a user's entry with personal address books.")
    password_policy: bool = nested(
        "passwordPolicy",
        boolean,
        default=False,
        doc="New passwords are stored by the server's own operation (RFC 3062), so that its policy sees them; "
        "what that says of expiry and grace at sign-in is told in any case.",
        served=True,
    )
    update_samba_hashes: bool = nested(
        "updateSambaNTLMPasswords", boolean, default=False, doc="Write Samba's NT and LM hashes with a new password."
    )
    exchange_host: str = nested(
        "MSExchangeHostname", text, "", "Exchange server to ask for the free-busy times of this source's people."
    )
    contact_attribute: str = nested(
        "SOGoLDAPContactInfoAttribute", text, "", "As the parameter of the domain, for this source."
    )
    query_limit: int = nested(
        "SOGoLDAPQueryLimit", integer(), 0, "As the parameter of the domain, for this source.", served=True
    )
    query_timeout_seconds: int = nested(
        "SOGoLDAPQueryTimeout",
        integer(),
        0,
        "As the parameter of the domain, for this source.",
        unit="seconds",
        served=True,
    )
    group_expansion: bool = nested(
        "SOGoLDAPGroupExpansionEnabled", boolean, default=False, doc="As the parameter of the domain, for this source."
    )


UserSource = SqlSource | LdapSource
SOURCE_KINDS: Final[Mapping[str, type[SqlSource] | type[LdapSource]]] = {"sql": SqlSource, "ldap": LdapSource}
SERVED_KINDS: Final = frozenset(SOURCE_KINDS)


def _read_source(node: Node, faults: Faults) -> UserSource:
    if not isinstance(node.value, Dictionary):
        raise Unreadable(f"expected a dictionary, found {describe(node)}")
    kind = node.value.find("type")
    section = SOURCE_KINDS.get(str(kind.node.value).lower()) if kind is not None else None
    if section is None:
        found = "nothing" if kind is None else describe(kind.node)
        raise Unreadable(f"expected `type = sql` or `type = ldap`, found {found}", severity=Severity.FATAL)
    return read_dictionary(section, node.value, faults, known=("type",))


user_source: Final = Kind("user source", _read_source)
