"""The DAV face over a database with one case's collections in it, and what happens to an operation there."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

import sqlalchemy as sa

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.calendars.content import CalendarContent
from folkmoot.calendars.limits import CalendarLimits
from folkmoot.calendars.zones import CalendarZones
from folkmoot.collections.content import Content, Place
from folkmoot.core.caller import Caller
from folkmoot.core.ids import ResourceName
from folkmoot.database import Database, Statement, Transaction, schema
from folkmoot.dav.face import DavFace
from folkmoot.dav.http import Request, Response
from folkmoot.dav.services import Services
from folkmoot.dav.settings import DavSettings
from folkmoot.store import collections, grants, subscriptions
from folkmoot.store.bulk import put_many
from folkmoot.store.records import Collection, Kind, NewObject, etag_of
from tests.authorisation.cases import ANNA, BEN, Case
from tests.authorisation.operations import Operation
from tests.authorisation.oracle import CLASSES
from tests.support.dav import PREFIX, card, event, services_on

HOMES: Final = {Kind.CALENDAR: "Calendar", Kind.ADDRESSBOOK: "Contacts"}
_COUNTED: Final = (
    schema.collection, schema.object_, schema.collection_grant, schema.lock, schema.subscription, schema.secret_link,
    schema.share_invitation, schema.outbox, schema.job, schema.web_calendar,
)  # fmt: skip
# Everything that an operation may leave behind changes one of these numbers.
STATE: Final = Statement(
    sa.select(
        sa.func.sum(schema.collection.c.revision),
        sa.func.sum(schema.collection.c.modified_at),
        *(sa.select(sa.func.count()).select_from(table).scalar_subquery() for table in _COUNTED),
    )
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One operation on one object, or on the collection."""

    operation: Operation
    class_name: str

    @property
    def object_name(self) -> str:
        own = slug(self.operation.key) if self.operation.changes is not None else "read"
        return f"{own}-{self.class_name}"

    def __str__(self) -> str:
        return f"{self.operation.key} ({self.class_name})" if self.operation.on_object else self.operation.key


class World:
    """One case's collections of one kind; ``mounted`` asks for them where a subscriber finds them."""

    def __init__(self, database: Database, kind: Kind, case: Case, *, mounted: bool = False) -> None:
        self._database = database
        self._kind = kind
        self._case = case
        self._services: Services = services_on(database)
        self._face = DavFace(self._services, DavSettings(public_access=True))
        contents: Mapping[Kind, Content] = {
            Kind.CALENDAR: CalendarContent(CalendarLimits(), CalendarZones(UTC)),
            Kind.ADDRESSBOOK: AddressBookContent(),
        }
        self._content = contents[kind]
        self._suffix = ".ics" if kind is Kind.CALENDAR else ".vcf"
        self._mounted = mounted
        self._turn = 0
        self._before: tuple[object, ...] | None = None  # the state that the last operation left

    async def fill(self, operations: tuple[Operation, ...]) -> None:
        """Make the homes of both people, and the case's collections in anna's."""
        for caller in (ANNA, BEN):
            for kind in HOMES:
                await self._services.collections.home(caller, caller.principal, kind)
        alone = [f"case-{slug(operation.key)}" for operation in operations if operation.alone]
        trials = [trial for operation in operations if operation.on_object for trial in trials_of(operation)]
        names = sorted({(trial.object_name, trial.class_name) for trial in trials})

        async def work(tx: Transaction) -> None:
            for name in ("case", *alone):
                properties: dict[str, object] = {"displayname": "SECRET-Name"}
                made = await collections.create(
                    tx, ANNA.principal, self._kind, name, properties, dead_properties={}, now=1
                )
                await grants.set_many(tx, made.id, self._case.rows)
                if self._mounted:
                    await subscriptions.add(tx, self._case.caller.principal, made.id, 1)
                if name == "case":
                    await self._put(tx, made, names)

        await self._database.write(work)

    async def _put(self, tx: Transaction, collection: Collection, names: list[tuple[str, str]]) -> None:
        new = []
        for name, class_name in names:
            body = self._body(name, class_name, f"SECRET-{class_name}")
            checked = self._content.check(body, "", collection)
            new.append(
                NewObject(ResourceName(name + self._suffix), body, etag_of(body), checked.content_type, checked.index)
            )
        await put_many(tx, collection.id, new, 1)

    def _body(self, uid: str, class_name: str, title: str) -> bytes:
        if self._kind is Kind.CALENDAR:
            return event(uid, title, extra=f"CLASS:{class_name.upper()}\r\n")
        return card(uid, title)

    async def attempt(self, trial: Trial) -> tuple[int, bytes, bool]:
        """Carry an operation out; return its status, its body, and whether anything has changed."""
        before = self._before or await self.state()
        response = await self._request(trial)
        self._before = await self.state()
        return _status(trial.operation, response), response.body, self._before != before

    async def status(self, trial: Trial) -> int:
        """Carry out an operation that changes nothing, and return its status; ``state`` says whether that is so."""
        return _status(trial.operation, await self._request(trial))

    async def text(self, trial: Trial) -> bytes:
        """Return an object as its owner reads it."""
        name = ResourceName(trial.object_name + self._suffix)
        place = Place(ANNA.principal, self._kind, "case")
        return (await self._services.objects.read(ANNA, place, name))[1].body

    async def state(self) -> tuple[object, ...]:
        """Return what every change changes."""
        row = await self._database.read(lambda tx: tx.fetch_one(STATE))
        return tuple(row or ())

    async def _request(self, trial: Trial) -> Response:
        self._turn += 1
        operation, caller = trial.operation, self._case.caller
        values = self._values(trial, caller)
        body = _filled(operation.body, values).encode()
        if operation.body in {"{event}", "{card}"}:
            replaced = trial.object_name if operation.on_object else f"new-{self._turn}"
            body = self._body(replaced, trial.class_name, "CHANGED")
        headers = {name.replace("_", "-"): _filled(text, values) for name, text in operation.headers.items()}
        public = "/public" if caller.anonymous else ""
        path = public + _filled(operation.path, values)
        return await self._face(
            Request(
                operation.method, path, "", {"host": "dav.test", **headers}, body, caller, PREFIX, "http://dav.test"
            )
        )

    def _values(self, trial: Trial, caller: Caller) -> Mapping[str, str]:
        home = f"/anna/{HOMES[self._kind]}/"
        own_home = f"/{'anna' if caller is ANNA else 'ben'}/{HOMES[self._kind]}/"
        name = f"case-{slug(trial.operation.key)}" if trial.operation.alone else "case"
        if self._mounted:
            home, name = own_home, f"anna_{name}"
        return {
            "{calendar}": f"{home}{name}/",
            "{bare}": f"{home}{name}",
            "{object}": f"{trial.object_name}{self._suffix}",
            "{home}": home,
            "{own_home}": own_home,
            "{own}": f"{own_home}personal/",
            "{new}": f"new-{self._turn}" + ("" if trial.operation.path.endswith("{new}/") else self._suffix),
        }


def trials_of(operation: Operation) -> Iterator[Trial]:
    """Return the trials of an operation: one for each class, or one."""
    for class_name in CLASSES if operation.on_object else CLASSES[:1]:
        yield Trial(operation, class_name)


def slug(key: str) -> str:
    """Return a key as it stands in names."""
    return "".join(letter if letter.isalnum() else "-" for letter in key)


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text


def _status(operation: Operation, response: Response) -> int:
    """Return the status, for properties that none of which could be set that of the refusal."""
    if operation.method == "PROPPATCH" and response.status == 207 and b" 200 OK" not in response.body:
        return 403
    return response.status
