"""No statement for one object, one collection's change or one home reads a whole table."""

import json
from typing import Any

import pytest

from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Session, Statement
from folkmoot.store import collections, feed, grants, home, locks, objects, reading, writing
from folkmoot.store.records import IndexRow, Kind, NewObject, etag_of
from tests.support.store import NOW, name

pytestmark = pytest.mark.anyio

COLLECTIONS = 60
OBJECTS = 60

STATEMENTS: dict[str, Statement] = {
    "find": collections._FIND,
    "list_home": collections._LIST_HOME,
    "list_tree": collections._LIST_TREE,
    "home_ctag": collections._HOME_STATE,
    "look": reading._LOOK,
    "read": reading._READ,
    "get": reading._GET,
    "find_uid": reading._FIND_UID,
    "get_many": reading._GET_MANY[True],
    "list": reading._LIST[False],
    "changes": reading._CHANGES,
    "numbered": home._NUMBERED,
    "since": home._SINCE,
    "lives": home._LIVES,
    "ranges": home._RANGES[True],
    "in_range": reading._in_range(component=True, start=True, end=True, bodies=True),
    "overwrite": writing._OVERWRITE_VERSION,
    "set_body": writing._SET_BODY,
    "in_the_way": writing._IN_THE_WAY,
    "bury": writing._BURY,
    "recent": feed._RECENT,
    "locks": locks._LIST,
    "grants": grants._OF,
    "grants_of_subjects": grants._OF_SUBJECTS,
    "grants_of_one": grants._OF_ONE,
    "for_subjects": grants._FOR_SUBJECTS,
}
PARAMS: dict[str, object] = {
    "owner": "u7", "kind": "calendar", "name": "n7", "collection_name": "personal", "collection_id": 7, "id": 7,
    "uid": "u7", "names": ["n1", "n2"], "ids": [1, 2], "subjects": ["berta"], "since": 30, "until": 40, "limit": 10,
    "component": "VEVENT", "start": 0, "end": 10, "if_match": "x", "body": b"", "now": NOW, "revision": 9, "path": "a",
    "first": "a/", "after": "a0", "etag": "", "size": 0, "content_type": "", "modified_at": 0, "starts_at": 0,
    "ends_at": 0, "exact": 0, "transparent": 0, "classification": 0, "status": "", "title": "", "search": "",
    "schedule_tag": None, "participation": "",
    "has_dead_properties": 0, "oids": [5, 6], "components": ["VEVENT"],
    **{f"{key}{number}": 7 for number in range(home.MARKS) for key in ("id", "since", "until")},
}  # fmt: skip


async def _fill(database: Database) -> None:
    for number in range(COLLECTIONS):
        owner = PrincipalId(f"u{number}")

        async def work(tx: Any, owner: PrincipalId = owner, number: int = number) -> None:
            made = await collections.create(tx, owner, Kind.CALENDAR, "personal", {}, now=NOW + number)
            rows = [
                NewObject(
                    name(f"n{i}"), b"x", etag_of(b"x"), "text/calendar", IndexRow(uid=f"u{i}", component="VEVENT")
                )
                for i in range(OBJECTS)
            ]
            await objects.put_many(tx, made.id, rows, NOW + number)
            await grants.set_(tx, made.id, f"s{number}", ["Viewer"])

        await database.write(work)
    if database.dialect != "sqlite":
        analyze = "ANALYZE TABLE collection, object, object_body" if database.dialect == "mysql" else "ANALYZE"
        await database.exclusively(lambda session: session.fetch(analyze))


def _literal(value: object) -> str:
    match value:
        case bytes():
            return "''"
        case int():
            return str(value)
        case list():
            return "'" + json.dumps(value) + "'"
        case _:
            return "'" + str(value) + "'"


def _plan_of_text(database: Database, statement: Statement) -> str:
    params = PARAMS | {"since": NOW + COLLECTIONS} if statement is feed._RECENT else PARAMS
    sql, arguments = statement.bind(database.dialect, params)
    if database.dialect == "sqlite":
        for argument in arguments:
            sql = sql.replace("?", _literal(argument), 1)
        return f"EXPLAIN QUERY PLAN {sql}"
    if database.dialect == "mysql":
        values = [
            "(" + ",".join(map(_literal, value)) + ")" if isinstance(value, tuple) else _literal(value)
            for value in arguments
        ]
        return "EXPLAIN " + sql.replace("%%", "%") % tuple(values)
    for number in range(len(arguments), 0, -1):
        value = arguments[number - 1]
        text = "ARRAY[" + ",".join(map(_literal, value)) + "]" if isinstance(value, list) else _literal(value)
        sql = sql.replace(f"${number}", text)
    return f"EXPLAIN {sql}"


async def _scans(database: Database, statement: Statement) -> list[str]:
    async def explain(session: Session) -> list[str]:
        if database.dialect == "postgresql":
            await session.run("SET LOCAL enable_seqscan = off")  # small tables are read whole on purpose
        rows = await session.fetch(_plan_of_text(database, statement))
        if database.dialect == "sqlite":
            return [row[3] for row in rows if row[3].startswith("SCAN") and "json_each" not in row[3]]
        if database.dialect == "mysql":
            return [str(row) for row in rows if row[3] in ("ALL", "index") and row[2][0] != "<"]
        return [row[0] for row in rows if "Seq Scan" in row[0]]

    return await database.exclusively(explain)


async def test_every_hot_statement_uses_an_index(database: Database) -> None:
    await _fill(database)
    found = {key: await _scans(database, statement) for key, statement in STATEMENTS.items()}
    # Tables with no or few rows are read whole by any planner's choice.
    small = ("dav_lock", "collection_grant")
    assert {
        key: scans for key, scans in found.items() if [scan for scan in scans if not any(t in scan for t in small)]
    } == {}
