"""User sources in SQL: a table or view that the administrator keeps (``type = sql``)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
import structlog

from folkmoot.config.sources import PasswordRule, SqlSource
from folkmoot.core.errors import ConfigurationError, Conflict, MalformedInput, TooLarge, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Row, Statement, Transaction
from folkmoot.database.catalogue import ColumnKind, columns_of
from folkmoot.database.dialect import like_escaped, within
from folkmoot.database.errors import ReadOnly
from folkmoot.directory.password_change import CLEAR_SCHEMES, GOOD, PasswordFault, PasswordRefused, Standing
from folkmoot.directory.password_policy import broken_rules
from folkmoot.directory.passwords import NEW_PASSWORD_SCHEME
from folkmoot.directory.principal import Principal
from folkmoot.directory.source import Authenticated, Refusal, askable, stored_tag
from folkmoot.directory.source_database import Tables
from folkmoot.directory.sql_condition import Columns, condition, contains, equal
from folkmoot.directory.sql_rows import PASSWORD, UID, RowReader, text_of
from folkmoot.directory.verifier import Verifier

CANDIDATES_MAX: Final = 16  # rows looked at for one login or address; more means that the columns are ambiguous
ADDRESS_MAX: Final = 320  # characters; 64 and 255 with the @ (RFC 5321 section 4.5.3.1)
TEXT_MAX: Final = 255  # characters of a login or search text

_log: Final = structlog.get_logger("folkmoot.directory")


@dataclass(frozen=True, slots=True)
class _Table:
    """The statements for a table whose columns are known."""

    names: tuple[str, ...]  # of the selected columns, in lower case
    login_columns: tuple[str, ...]
    mail_columns: tuple[str, ...]
    search_columns: tuple[str, ...]
    find_columns: tuple[str, ...]
    by_login: Statement
    to_log_in: Statement
    to_go_on: Statement
    by_uids: Statement
    replace: Statement
    by_mail: Statement
    by_mail_inside: Statement
    searched: Statement
    searched_in_domains: Statement | None


class SqlUserSource:
    """The people of one table; its columns are read once, at first use."""

    def __init__(
        self,
        source: SqlSource,
        database: Tables,
        verifier: Verifier,
        *,
        key: bytes | None = None,
        domain: str | None = None,
        domain_in_ids: bool = False,
    ) -> None:
        self._source = source
        self._database = database
        self._verifier = verifier
        self._key = key
        self._reader = RowReader(source, domain, domain_in_ids)
        self._table: _Table | None = None

    @property
    def id(self) -> str:
        return self._source.id

    @property
    def display_name(self) -> str:
        return self._source.display_name or self._source.id

    @property
    def domain(self) -> str | None:
        return self._reader.domain

    @property
    def can_authenticate(self) -> bool:
        return self._source.can_authenticate

    @property
    def is_address_book(self) -> bool:
        return self._source.is_address_book

    @property
    def list_requires_dot(self) -> bool:
        return self._source.list_requires_dot

    @property
    def first_entries_count(self) -> int:
        return self._source.first_entries_count

    async def check(self, login: str, password: str) -> Authenticated | Refusal:
        table = await self._prepared()
        row = await self._find(table.to_log_in, table.login_columns, login)
        stored = text_of(row.get(PASSWORD)) if row is not None else ""
        scheme = self._source.password_scheme
        if row is None or not stored:
            await self._verifier.pretend(password, scheme, self._key)
            return Refusal.UNKNOWN
        if not await self._verifier.verify(stored, password, default_scheme=scheme, key=self._key):
            return Refusal.WRONG
        principal = self._reader.principal(row)
        return Authenticated(principal, stored_tag(stored)) if principal is not None else Refusal.UNKNOWN

    async def recheck(self, authenticated: Authenticated) -> Authenticated | None:
        again = await self.current(authenticated.principal)
        return again if again is not None and again.stored_tag == authenticated.stored_tag else None

    async def current(self, principal: Principal) -> Authenticated | None:
        table = await self._prepared()
        for row in await self._select(table.to_go_on, uids=[principal.login]):
            found = self._reader.principal(row)
            if found is not None and found.id == principal.id:
                stored = text_of(row.get(PASSWORD))
                return Authenticated(found, stored_tag(stored)) if stored else None
        return None

    async def standing(self, principal: Principal, password: str) -> Standing:
        rules = self._source.password_policy
        try:
            weak = bool(broken_rules(password, rules))
        except ConfigurationError as error:
            _log.error("user source is wrong", source=self.id, fault=str(error))
            return GOOD
        return Standing(PasswordFault.TOO_WEAK if weak else None, tuple(rules))

    def rules(self) -> Sequence[PasswordRule]:
        return self._source.password_policy

    async def replace_password(self, principal: Principal, new: str, *, old: str | None) -> None:
        table = await self._prepared()
        before = await self._stored(principal)
        scheme = self._source.password_scheme
        if old is not None and not (
            before and await self._verifier.verify(before, old, default_scheme=scheme, key=self._key)
        ):
            raise PasswordRefused(PasswordFault.NONE, "the old password is wrong")
        clear = scheme.lower() in CLEAR_SCHEMES  # then the value must say by itself what it is
        stored = await self._verifier.hash(
            new,
            NEW_PASSWORD_SCHEME if clear else scheme,
            key=self._key,
            prefix=clear or self._source.prepend_scheme,
        )
        reached = False

        async def work(tx: Transaction) -> None:
            nonlocal reached
            await tx.fetch_all(table.by_uids, uids=[principal.login])
            reached = True
            changed = await tx.execute(table.replace, uid=principal.login, before=before, stored=stored)
            if changed != 1:
                raise Conflict("the password was changed by somebody else meanwhile")
            kept = {
                text_of(row[table.names.index(PASSWORD)])
                for row in await tx.fetch_all(table.by_uids, uids=[principal.login])
            }
            if stored not in kept:  # MariaDB may cut what is too long, where its mode says so
                raise TooLarge("the column of passwords is too short")

        try:
            await self._database.write(work)
        except (ReadOnly, TooLarge, Unavailable) as error:
            if isinstance(error, Unavailable) and not reached:
                raise
            _log.error("user source takes no password", source=self.id, fault=str(error))
            raise PasswordRefused(PasswordFault.NOT_ALLOWED, "this user source takes no new passwords") from error

    async def _stored(self, principal: Principal) -> str:
        for row in await self._select((await self._prepared()).to_go_on, uids=[principal.login]):
            found = self._reader.principal(row)
            if found is not None and found.id == principal.id:
                return text_of(row.get(PASSWORD))
        raise PasswordRefused(PasswordFault.NOT_ALLOWED, "nobody of this name may log in")

    async def find(self, login_or_id: str) -> Principal | None:
        table = await self._prepared()
        row = await self._find(table.by_login, table.find_columns, login_or_id)
        return self._reader.principal(row) if row is not None else None

    async def find_many(self, ids: Collection[PrincipalId]) -> Sequence[Principal]:
        table = await self._prepared()
        names = list(dict.fromkeys(name for wanted in ids for name in self._local_names(wanted)))
        rows = await self._select(table.by_uids, uids=names) if names else ()
        found = (self._reader.principal(row) for row in rows)
        return [principal for principal in found if principal is not None and principal.id in ids]

    async def find_by_mail(self, address: str) -> Principal | None:
        if not askable(address, ADDRESS_MAX):
            return None
        table = await self._prepared()
        lowered = address.lower()
        exact = {f"mail_{i}": address for i in range(len(table.mail_columns))}
        exact |= {f"lowered_{i}": lowered for i in range(len(table.mail_columns))}
        inside = {f"mail_{i}": f"%{like_escaped(lowered)}%" for i in range(len(table.mail_columns))}
        for statement, parameters in ((table.by_mail, exact), (table.by_mail_inside, inside)):
            for row in await self._select(statement, **parameters):
                principal = self._reader.principal(row)
                if principal is not None and lowered in (mail.lower() for mail in principal.mails):
                    return principal
        return None

    async def search(self, text: str, *, limit: int, domains: Collection[str] | None = None) -> Sequence[Principal]:
        if text and not askable(text, TEXT_MAX):
            return ()
        table = await self._prepared()
        pattern = f"%{like_escaped(text.lower())}%"
        parameters: dict[str, object] = {f"text_{i}": pattern for i in range(len(table.search_columns))}
        if domains is not None and table.searched_in_domains is not None:
            rows = await self._select(table.searched_in_domains, limit=limit, domains=list(domains), **parameters)
        else:
            rows = await self._select(table.searched, limit=limit, **parameters)
        return [principal for row in rows if (principal := self._reader.principal(row)) is not None]

    def _local_names(self, login_or_id: str) -> Sequence[str]:
        """Return what may stand in ``c_uid`` for a login or id, which may carry the domain."""
        if not askable(login_or_id, TEXT_MAX):
            return ()
        local, _, domain = login_or_id.rpartition("@")
        in_ids = self._reader.domain_in_ids and self.domain is None
        if local and (in_ids or domain.lower() == (self.domain or "").lower()):
            return (login_or_id, local)
        return (login_or_id,)

    async def _find(self, statement: Statement, columns: Sequence[str], login: str) -> Mapping[str, object] | None:
        """Return the row of one principal: the one with that ``c_uid``, else the only one another column leads to."""
        for name in self._local_names(login):
            parameters = {f"login_{i}": name for i in range(len(columns))}
            rows = [
                (row, principal)
                for row in await self._select(statement, **parameters)
                if (principal := self._reader.principal(row)) is not None
                and (name == login or (principal.domain or "").lower() == login.rpartition("@")[2].lower())
            ]
            named = [(row, principal) for row, principal in rows if principal.login == name]
            chosen = named or rows
            if len({principal.id for _, principal in chosen}) > 1:
                _log.warning("login is ambiguous", source=self.id, rows=len(chosen))
                return None
            if chosen:
                return chosen[0][0]
        return None

    async def _select(self, statement: Statement, **parameters: object) -> Sequence[Mapping[str, object]]:
        names = (await self._prepared()).names

        async def work(tx: Transaction) -> Sequence[Row]:
            return await tx.fetch_all(statement, **parameters)

        try:
            rows = await self._database.read(work)
        except MalformedInput:  # characters outside the table's character set, so nobody has that name
            return ()
        except Unavailable:
            self._table = None  # it may have been altered
            raise
        return [dict(zip(names, row, strict=True)) for row in rows]

    async def _prepared(self) -> _Table:
        """Return the statements, made from the table's present columns.

        Raises:
            Unavailable: the table is not there, or lacks a column that must be; the log says which.
        """
        if self._table is None:
            name = self._source.view_url.table
            described = await self._database.read(lambda tx: columns_of(tx, name))
            if not described:
                _log.error("user source has no table", source=self.id, table=name)
                raise Unavailable(f"user source {self.id}: the table cannot be read")
            try:
                self._table = self._prepare(Columns(name, described), [c.name.lower() for c in described])
            except ConfigurationError as error:
                _log.error("user source is wrong", source=self.id, fault=str(error))
                raise Unavailable(f"user source {self.id}: its settings do not fit its table") from error
        return self._table

    def _prepare(self, columns: Columns, names: Sequence[str]) -> _Table:
        source = self._source
        names = tuple(name for name in names if name == PASSWORD or not _is_binary(columns, name))
        columns.element(PASSWORD)
        columns.element(UID)
        login_columns = self._present(columns, "LoginFieldNames", source.login_fields)
        find_columns = self._present(columns, "LoginFieldNames", (UID, *source.login_fields))
        mail_columns = self._present(columns, "MailFieldNames", self._reader.mail_columns)
        search_columns = self._present(
            columns,
            "SearchFieldNames",
            [name for field in source.search_fields for name in (mail_columns if field == "mail" else (field,))],
        )
        rows = sa.select(*(columns.element(name) for name in names)).select_from(columns.table)
        to_log_in = [equal(columns, name, f"login_{i}") for i, name in enumerate(login_columns)]
        by_login = [equal(columns, name, f"login_{i}") for i, name in enumerate(find_columns)]
        by_uids = rows.where(within(columns.text(UID), "uids"))
        wanted = [equal(columns, name, f"mail_{i}") for i, name in enumerate(mail_columns)]
        wanted += [equal(columns, name, f"lowered_{i}") for i, name in enumerate(mail_columns)]
        inside = [contains(columns, name, f"mail_{i}") for i, name in enumerate(mail_columns)]
        found = [contains(columns, name, f"text_{i}") for i, name in enumerate(search_columns)]
        limit = sa.bindparam("limit", type_=sa.Integer(), required=True)
        searched = rows.where(sa.or_(sa.false(), *found)).order_by(columns.element("c_cn"), columns.element(UID))
        restricted = (
            searched.where(within(sa.func.lower(columns.text(source.domain_field)), "domains"))
            if source.domain_field
            else None
        )
        may_log_in = condition(source.authentication_filter, columns) if source.authentication_filter else sa.true()
        return _Table(
            names=tuple(names),
            login_columns=login_columns,
            mail_columns=mail_columns,
            search_columns=search_columns,
            find_columns=find_columns,
            by_login=Statement(rows.where(sa.or_(sa.false(), *by_login)).limit(CANDIDATES_MAX)),
            to_log_in=Statement(rows.where(sa.or_(sa.false(), *to_log_in), may_log_in).limit(CANDIDATES_MAX)),
            to_go_on=Statement(by_uids.where(may_log_in).limit(CANDIDATES_MAX)),
            by_uids=Statement(by_uids),
            replace=Statement(
                sa.update(columns.table)
                .where(equal(columns, UID, "uid"), equal(columns, PASSWORD, "before"))
                .values({columns.element(PASSWORD): sa.bindparam("stored", type_=sa.String(), required=True)})
            ),
            by_mail=Statement(rows.where(sa.or_(sa.false(), *wanted)).limit(CANDIDATES_MAX)),
            by_mail_inside=Statement(rows.where(sa.or_(sa.false(), *inside)).limit(CANDIDATES_MAX)),
            searched=Statement(searched.limit(limit)),
            searched_in_domains=Statement(restricted.limit(limit)) if restricted is not None else None,
        )

    def _present(self, columns: Columns, key: str, names: Sequence[str]) -> tuple[str, ...]:
        wanted = tuple(dict.fromkeys(name.lower() for name in names))
        missing = [name for name in wanted if name not in columns]
        if missing:
            _log.warning("user source lacks columns", source=self.id, key=key, missing=missing)
        return tuple(name for name in wanted if name in columns)


def _is_binary(columns: Columns, name: str) -> bool:
    described = columns.described(name)
    return described is not None and described.kind is ColumnKind.BINARY
