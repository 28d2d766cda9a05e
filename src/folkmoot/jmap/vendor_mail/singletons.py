"""Filters, forwarding, notices and the finer points of vacation answers: parts of preferences that a script does.

Each is one object of an account.  Properties are SOGo's values under better names; what is not described stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, UnsetType, field

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, differing
from folkmoot.jmap.protocol.calling import Call, Context, Method
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, SetArguments, set_method
from folkmoot.jmap.vendor_mail.owning import require_own
from folkmoot.mailboxes.script_placing import Foreign
from folkmoot.mailboxes.sieve.choices import ADDRESSES_MAX, FILTERS, FILTERS_MAX, FORWARD, NOTIFICATION, VACATION
from folkmoot.sharing.preferences import flag

SINGLETON: Final = "singleton"
Addresses = Annotated[list[str], Meta(max_length=ADDRESSES_MAX)]
Time = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z")]


class Rule(Described):
    """One test of a filter."""

    field: Annotated[str, told("subject, from, to, cc, to_or_cc, size, header or body")]
    operator: Annotated[str, told("is, contains, matches, regex, each also with _not; of sizes over and under")]
    value: Annotated[str, told("of sizes kilobytes")] = ""
    custom_header: Annotated[str, told("the field's name, of header")] = ""


class Action(Described):
    """What a filter does."""

    method: Annotated[str, told("discard, keep, stop, addflag, fileinto, redirect or reject")]
    argument: Annotated[str, told("flag, mailbox with / between levels, address or text")] = ""


class Filter(Described):
    """Rules, and what is done where they hold."""

    name: str = ""
    active: bool = True
    match: Literal["any", "all", "allmessages"] = "any"
    rules: list[Rule] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)


class MailFilter(Described):
    """All filters of an account, in their order."""

    id: Annotated[Id, server_set] = SINGLETON
    filters: Annotated[list[Filter], Meta(max_length=FILTERS_MAX)] = field(default_factory=list)


class Forward(Described):
    """Where mail is sent on to."""

    id: Annotated[Id, server_set] = SINGLETON
    is_enabled: bool = False
    addresses: Addresses = field(default_factory=list)
    keep_copy: bool = False
    always_send: Annotated[bool, told("before the filters, which may stop")] = False


class DeliveryNotice(Described):
    """Who gets a short mail for each mail."""

    id: Annotated[Id, server_set] = SINGLETON
    is_enabled: bool = False
    addresses: Addresses = field(default_factory=list)
    message: str = ""


class VacationDetails(Described):
    """What ``VacationResponse`` has no property for."""

    id: Annotated[Id, server_set] = SINGLETON
    addresses: Annotated[Addresses, told("to whom mail is answered, beside what the server knows")] = field(
        default_factory=list
    )
    days_between_response: Annotated[int, Meta(ge=0, le=365)] | None = None
    ignore_lists: bool = False
    always_send: Annotated[bool, told("before the filters, which may stop")] = False
    discard_mails: bool = False
    start_time: Annotated[Time | None, told("of each day")] = None
    end_time: Time | None = None
    weekdays: Annotated[list[Annotated[int, Meta(ge=0, le=6)]] | None, told("0 is Sunday; null: every day")] = None


@dataclass(frozen=True, slots=True)
class Entry:
    """How a property stands in SOGo's values."""

    key: str
    read: Callable[[object], Any]
    write: Callable[[Any], object]
    enabled: bool = False  # the value counts only with a second key that ends with ``Enabled``


def _strings(value: object) -> list[str]:
    items = value.split(",") if isinstance(value, str) else value
    return [str(one).strip() for one in items if str(one).strip()] if isinstance(items, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _days(value: object) -> int | None:
    text = str(value).strip() if value is not None else ""
    return min(int(text), 365) if text.isascii() and text.isdecimal() else None


def _weekdays(value: object) -> list[int] | None:
    named = value if isinstance(value, list) else []
    return [int(day) for day in map(str, named) if len(day) == 1 and day in "0123456"] or None


def _same(value: Any) -> object:
    return value


_FLAG: Final[tuple[Callable[[object], Any], Callable[[Any], object]]] = (flag, int)
_LIST: Final[tuple[Callable[[object], Any], Callable[[Any], object]]] = (_strings, _same)
FORWARD_ENTRIES: Final[Mapping[str, Entry]] = {
    "isEnabled": Entry("enabled", *_FLAG),
    "addresses": Entry("forwardAddress", *_LIST),
    "keepCopy": Entry("keepCopy", *_FLAG),
    "alwaysSend": Entry("alwaysSend", *_FLAG),
}
NOTICE_ENTRIES: Final[Mapping[str, Entry]] = {
    "isEnabled": Entry("enabled", *_FLAG),
    "addresses": Entry("notificationAddress", *_LIST),
    "message": Entry("notificationMessage", _text, _same),
}
VACATION_ENTRIES: Final[Mapping[str, Entry]] = {
    "addresses": Entry("autoReplyEmailAddresses", *_LIST),
    "daysBetweenResponse": Entry("daysBetweenResponse", _days, _same),
    "ignoreLists": Entry("ignoreLists", *_FLAG),
    "alwaysSend": Entry("alwaysSend", *_FLAG),
    "discardMails": Entry("discardMails", *_FLAG),
    "startTime": Entry("startTime", lambda value: _text(value) or None, _same, enabled=True),
    "endTime": Entry("endTime", lambda value: _text(value) or None, _same, enabled=True),
    "weekdays": Entry("days", _weekdays, lambda value: None if value is None else [str(day) for day in value]),
}


class SingletonSetArguments(SetArguments):
    """Of the ``set`` of a type that is done by a script."""

    foreign_script: Annotated[
        Literal["refuse", "leave", "replace"], told("what becomes of an active script of somebody else")
    ] = "refuse"


@dataclass(frozen=True, slots=True)
class Singleton:
    """One such type: its description, SOGo's key, and how its properties stand there; no entries: a list of filters."""

    kind: DataType
    key: str
    entries: Mapping[str, Entry] | None

    @property
    def small(self) -> SmallType:
        """What reads it."""
        return SmallType(self.kind, self._all)

    def methods(self) -> Sequence[Method]:
        """Return ``get``, ``changes`` and ``set``."""
        set_ = set_method(self.kind, lambda call: _Setter(self, call), SingletonSetArguments)
        return (self.small.get(), self.small.changes(), set_)

    async def kept(self, context: Context, account: Account) -> object:
        """Return what stands in the preferences."""
        require_own(context, account)
        values, _ = await context.services.choices.get(context.caller, account.owner)
        return values.get(self.key)

    async def _all(self, context: Context, account: Account) -> dict[str, JsonObject]:
        return {SINGLETON: {"id": SINGLETON, **self.read(await self.kept(context, account))}}

    def read(self, kept: object) -> dict[str, Any]:
        """Return the properties."""
        if self.entries is None:
            listed = kept if isinstance(kept, list) else []
            return {"filters": [_filter(one) for one in listed[:FILTERS_MAX] if isinstance(one, dict)]}
        record = kept if isinstance(kept, dict) else {}
        return {
            name: None if one.enabled and not flag(record.get(f"{one.key}Enabled")) else one.read(record.get(one.key))
            for name, one in self.entries.items()
        }

    def written(self, kept: object, changed: Mapping[str, Any]) -> object:
        """Return the values with properties changed."""
        if self.entries is None:
            return [_kept_filter(one) for one in changed.get("filters", [])]
        record = dict(kept) if isinstance(kept, dict) else {}
        for name, value in changed.items():
            one = self.entries[name]
            record[one.key] = one.write(value)
            if one.enabled or one.key == "days":
                prefix = "weekdays" if one.key == "days" else one.key
                record[f"{prefix}Enabled"] = int(value is not None)
        return {key: value for key, value in record.items() if value is not None}


def _filter(kept: Mapping[str, Any]) -> dict[str, Any]:
    rules, actions = kept.get("rules"), kept.get("actions")
    match = kept.get("match")
    return {
        "name": _text(kept.get("name")),
        "active": flag(kept.get("active")),
        "match": match if match in {"any", "all", "allmessages"} else "any",
        "rules": [
            {
                "field": _text(one.get("field")),
                "operator": _text(one.get("operator")),
                "value": str(one.get("value", "")),
                "customHeader": _text(one.get("custom_header")),
            }
            for one in (rules if isinstance(rules, list) else [])
            if isinstance(one, dict)
        ],
        "actions": [
            {"method": _text(one.get("method")), "argument": _text(one.get("argument"))}
            for one in (actions if isinstance(actions, list) else [])
            if isinstance(one, dict)
        ],
    }


def _kept_filter(one: Mapping[str, Any]) -> dict[str, object]:
    rules = [
        {
            "field": rule["field"],
            "operator": rule["operator"],
            "value": rule.get("value", ""),
            **({"custom_header": rule["customHeader"]} if rule.get("customHeader") else {}),
        }
        for rule in one.get("rules", [])
    ]
    actions = [
        {"method": action["method"], **({"argument": action["argument"]} if action.get("argument") else {})}
        for action in one.get("actions", [])
    ]
    return {
        "name": one.get("name", ""),
        "active": int(one.get("active", True)),
        "match": one.get("match", "any"),
        "rules": rules,
        "actions": actions,
    }


class _Setter(OneByOne):
    call: Call[SingletonSetArguments]

    def __init__(self, single: Singleton, call: Call[Any]) -> None:
        super().__init__(single.kind, call)
        self._single = single

    async def state(self) -> str:
        return await self._single.small.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("singleton", "there is one, and it is changed")

    async def destroy_one(self, id_: str) -> None:
        raise SetFailed("singleton", "it is switched off, not destroyed")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        if id_ != SINGLETON:
            raise SetFailed("notFound", f"the only id is {SINGLETON}")
        single, call = self._single, self.call
        kept = await single.kept(call.context, call.account)
        before = {"id": SINGLETON, **single.read(kept)}
        patch = self.kind.refuse_fixed(patch, before)
        after = patch.applied(before)
        changed: dict[str, Any] = {}
        for name in patch.properties:
            value = after.get(name, UNSET)
            value = self.kind.default_of(name) if isinstance(value, UnsetType) else value
            changed[name] = self.kind.check(name, value)
        wanted = {single.key: single.written(kept, changed)}
        foreign = Foreign(call.arguments.foreign_script)
        try:
            await call.services.mail.filters.save(call.caller, call.account.owner, wanted, {}, foreign=foreign)
        except MalformedInput as error:
            raise InvalidProperties(str(error), *sorted(changed)) from error
        now = {"id": SINGLETON, **single.read(await single.kept(call.context, call.account))}
        return differing(now, {**before, **changed}) or None


SINGLETONS: Final = (
    Singleton(DataType("MailFilter", MailFilter, Feed.PERSON), FILTERS, None),
    Singleton(DataType("Forward", Forward, Feed.PERSON), FORWARD, FORWARD_ENTRIES),
    Singleton(DataType("DeliveryNotice", DeliveryNotice, Feed.PERSON), NOTIFICATION, NOTICE_ENTRIES),
    Singleton(DataType("VacationDetails", VacationDetails, Feed.PERSON), VACATION, VACATION_ENTRIES),
)
