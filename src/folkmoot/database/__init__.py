"""One small interface to SQLite, MariaDB/MySQL and PostgreSQL.

SQLAlchemy Core builds and compiles statements, once per dialect; the raw drivers execute them (its own execution
layer costs three to five times the driver's CPU).  Work is done in units: ``await database.read(work)`` and
``await database.write(work)``, where ``work`` is a coroutine function that takes a ``Transaction`` and awaits nothing
else, so that it may be repeated after a deadlock, and run whole in one thread on SQLite.

Entry points: ``Database``, ``Statement``, ``Transaction``, ``dialect`` for what the databases do differently,
``schema`` for the tables, ``migrate``.  Nobody else writes dialect SQL.
"""

from folkmoot.database.database import Database
from folkmoot.database.errors import DuplicateKey
from folkmoot.database.migrate import migrate
from folkmoot.database.statement import Channel, DialectName, Row, Session, Statement, Transaction, insert_if_absent

__all__ = [
    "Channel",
    "Database",
    "DialectName",
    "DuplicateKey",
    "Row",
    "Session",
    "Statement",
    "Transaction",
    "insert_if_absent",
    "migrate",
]
