"""Brings a database's tables to the present schema: Alembic's numbered migrations, run over our own connection.

Alembic renders the steps as SQL, so that no synchronous driver is needed; hence migrations may not read rows in
Python, only write SQL.
"""

import io
import re
from pathlib import Path
from typing import Any, Final

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy.engine import Dialect

from folkmoot.core.errors import ConfigurationError
from folkmoot.database.database import Database
from folkmoot.database.dialect import TABLE_EXISTS
from folkmoot.database.statement import Session

VERSION_TABLE: Final = "folkmoot_version"
_SCRIPTS: Final = Path(__file__).parent / "migrations"
_REPEATED: Final = re.compile(r"/\* while (.+?) \*/")


async def migrate(database: Database) -> None:
    """Run the migrations that the database lacks; safe to call from all workers at once.

    Raises:
        ConfigurationError: the database was made by a later version of the program.
    """

    async def upgrade(session: Session) -> None:
        version = await _version(session, database)
        for sql in _steps(version, database.ddl_dialect):
            await _run(session, sql)

    await database.exclusively(upgrade)


def repeated(sql: str, condition: str) -> str:
    """Return a step of a migration that is run as long as the query ``condition`` has rows: a batch each time."""
    return f"/* while {condition} */ {sql}"


async def _run(session: Session, sql: str) -> None:
    marked = _REPEATED.match(sql)
    if marked is None:
        await session.run(sql)
        return
    while await session.fetch(marked[1]):
        await session.run(sql)


async def _version(session: Session, database: Database) -> str | None:
    if not await session.fetch(TABLE_EXISTS[database.dialect].format(VERSION_TABLE)):
        return None
    rows = await session.fetch(f"SELECT version_num FROM {VERSION_TABLE}")  # noqa: S608  # a constant
    return str(rows[0][0]) if rows else None


def _steps(version: str | None, dialect: Dialect) -> list[str]:
    """Return the SQL statements that lead from a version to the latest."""
    script = ScriptDirectory(str(_SCRIPTS))
    output = _Statements()

    def upgrade(revision: Any, _: MigrationContext) -> Any:
        return script._upgrade_revs("head", revision or "base")  # noqa: SLF001  # as alembic.command does

    context = MigrationContext.configure(
        dialect=dialect,
        opts={
            "as_sql": True,
            "fn": upgrade,
            "output_buffer": output,
            "script": script,
            "starting_rev": version,
            "transactional_ddl": False,
            "version_table": VERSION_TABLE,
        },
    )
    try:
        with Operations.context(context):
            context.run_migrations()
    except (ResolutionError, CommandError) as error:
        raise ConfigurationError(f"the database is of a later version, {version}") from error
    return output.statements


class _Statements(io.StringIO):
    """Alembic writes one statement at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.statements: list[str] = []

    def write(self, text: str) -> int:
        statement = text.strip().removesuffix(";")
        if statement and not statement.startswith("--"):
            self.statements.append(statement)
        return len(text)
