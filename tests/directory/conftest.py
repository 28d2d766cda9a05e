"""The same small company in every kind of user source."""

from collections.abc import Callable
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.schema import CreateTable

from folkmoot.config.sources import SqlSource
from folkmoot.config.url import parse_database_url
from folkmoot.core.clock import SystemClock
from folkmoot.database import Database, Statement, Transaction
from folkmoot.directory.local import LocalUserSource, NewUser
from folkmoot.directory.principal import PrincipalKind
from folkmoot.directory.source import UserSource
from folkmoot.directory.sql_source import SqlUserSource
from folkmoot.directory.verifier import Verifier
from tests.support.cheap_hashes import cheap_hashes
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server

__all__ = ["cheap_hashes", "database", "empty_url", "mariadb_server", "postgresql_server"]

PEOPLE: Final = sa.table(
    "People",
    *(
        sa.column(name, sa.String())
        for name in ("c_uid", "c_name", "c_password", "c_cn", "mail", "Aliases", "kind", "c_o", "dom")
    ),
    sa.column("employee", sa.Integer()),
    sa.column("active", sa.Boolean()),
    sa.column("bookings", sa.Integer()),
)
_TABLE: Final = sa.Table(
    "People",
    sa.MetaData(),
    *(sa.Column(c.name, sa.String(190) if isinstance(c.type, sa.String) else c.type) for c in PEOPLE.c),
)
_ADD: Final = Statement(sa.insert(PEOPLE))
_SET: Final = Statement(
    sa.update(PEOPLE)
    .where(PEOPLE.c.c_uid == sa.bindparam("of"))
    .values(c_password=sa.bindparam("stored"), active=sa.bindparam("on"))
)
MakeSource = Callable[..., SqlUserSource]


@pytest.fixture
def verifier() -> Verifier:
    return Verifier(threads=2)


async def add_person(database: Database, **values: object) -> None:
    """Add a row to the administrator's table."""
    row: dict[str, object] = dict.fromkeys(PEOPLE.c.keys())
    row |= {"active": True, "c_name": values.get("c_uid")} | values

    async def work(tx: Transaction) -> int:
        return await tx.execute(_ADD, **row)

    await database.write(work)


async def change_person(database: Database, login: str, *, stored: str, active: bool = True) -> None:
    """Change a row of the administrator's table."""

    async def work(tx: Transaction) -> int:
        return await tx.execute(_SET, of=login, stored=stored, on=active)

    await database.write(work)


@pytest.fixture
async def table(database: Database) -> Database:
    """A database with the administrator's empty table."""
    ddl = str(CreateTable(_TABLE).compile(dialect=database.ddl_dialect))
    await database.exclusively(lambda session: session.run(ddl))
    return database


@pytest.fixture
def make_source(table: Database, empty_url: str, verifier: Verifier) -> MakeSource:
    """A function from settings of an SQL source to the source."""
    url = make_url(empty_url).render_as_string(hide_password=False)

    def make(
        *, domain: str | None = None, domain_in_ids: bool = False, key: bytes | None = None, **values: object
    ) -> SqlUserSource:
        settings = SqlSource(
            **{
                "id": "staff",
                "can_authenticate": True,
                "is_address_book": True,
                "view_url": parse_database_url(f"{url}/People", table=True),
                "kind_field": "kind",
                "multiple_bookings_field": "bookings",
                "mail_fields": ("mail", "Aliases"),
                "search_fields": ("c_cn", "mail"),
                **values,
            }  # type: ignore[arg-type]  # tests name the fields
        )
        return SqlUserSource(settings, table, verifier, key=key, domain=domain, domain_in_ids=domain_in_ids)

    return make


async def _sql(table: Database, make: MakeSource) -> UserSource:
    await add_person(
        table,
        c_uid="anna",
        c_password="secret",
        c_cn="Anna Čech",
        mail="anna@example.org",
        Aliases="a.cech@example.org  Anna.Old@example.net",
    )
    await add_person(table, c_uid="bert", c_password="o'brien%_", c_cn="Bert O'Brien 100%", mail="bert@example.org")
    await add_person(table, c_uid="room", c_cn="Big room", mail="room@example.org", kind="Location", bookings=1)
    return make()


async def _local(database: Database, verifier: Verifier) -> UserSource:
    source = LocalUserSource(database, verifier, SystemClock())
    aliases = ("a.cech@example.org", "Anna.Old@example.net")
    await source.add(NewUser("anna", "Anna Čech", "anna@example.org", aliases), "secret")
    await source.add(NewUser("bert", "Bert O'Brien 100%", "bert@example.org"), "o'brien%_")
    room = NewUser("room", "Big room", "room@example.org", kind=PrincipalKind.LOCATION, multiple_bookings=1)
    await source.add(room, None)
    return source


@pytest.fixture(params=["sql", "local"])
async def source(
    request: pytest.FixtureRequest, table: Database, make_source: MakeSource, verifier: Verifier
) -> UserSource:
    """Anna, Bert and a room, in each kind of user source on each kind of database; see ``ldap`` for directories."""
    return await (_sql(table, make_source) if request.param == "sql" else _local(table, verifier))
