"""``VacationResponse``: the answer that senders get while somebody is away (RFC 8621 section 8).

It is the part of SOGo's ``Vacation`` that has days and a text; whatever else stands there stays.  Days are those of
the person's zone, so a time within a day is told back as the midnight that it means.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from msgspec import Meta

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.mail.small_states import SmallType, differing
from folkmoot.jmap.protocol.calling import Context
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, UTCDate, server_set, told
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import JsonObject, OneByOne, set_method
from folkmoot.mailboxes.sieve.choices import TEXT_MAX, VACATION, VALUE_MAX
from folkmoot.mime.html_text import text_of_html
from folkmoot.sharing.preferences import DEFAULTS, defaults_of, flag, preferences_of
from folkmoot.store.records import Profile

SINGLETON: Final = "singleton"


class VacationResponse(Described):
    """The one vacation answer of an account (RFC 8621 section 8)."""

    id: Annotated[Id, server_set] = SINGLETON
    is_enabled: bool = False
    from_date: Annotated[UTCDate | None, told("the beginning of a day in the person's time zone")] = None
    to_date: Annotated[UTCDate | None, told("the end of a day in the person's time zone")] = None
    subject: Annotated[str, Meta(max_length=VALUE_MAX)] | None = None
    text_body: Annotated[str, Meta(max_length=TEXT_MAX)] | None = None
    html_body: Annotated[
        Annotated[str, Meta(max_length=TEXT_MAX)] | None, told("becomes the text, if there is no text")
    ] = None


VACATION_RESPONSE: Final = DataType("VacationResponse", VacationResponse, Feed.PERSON)


async def _all(context: Context, account: Account) -> dict[str, JsonObject]:
    kept, zone = await _kept(context, account)
    subject = kept.get("customSubject") if flag(kept.get("customSubjectEnabled")) else None
    text = kept.get("autoReplyText")
    first, last = _day(kept, "startDate", zone), _day(kept, "endDate", zone)
    return {
        SINGLETON: {
            "id": SINGLETON,
            "isEnabled": flag(kept.get("enabled")),
            "fromDate": _moment(first, zone) if first else None,
            "toDate": _moment(last + timedelta(days=1), zone) if last else None,
            "subject": subject if isinstance(subject, str) and subject else None,
            "textBody": text if isinstance(text, str) and text else None,
            "htmlBody": None,
        }
    }


async def _kept(context: Context, account: Account) -> tuple[Mapping[str, object], ZoneInfo]:
    services = context.services
    values, _ = await services.choices.get(context.caller, account.owner)
    person = await services.people.find(context.caller, account.owner)
    settings = services.settings(person.domain if person is not None else None)
    zone = preferences_of(Profile(account.owner, {DEFAULTS: dict(values)}, {}, 0), defaults_of(settings)).zone
    kept = values.get(VACATION)
    return (kept if isinstance(kept, dict) else {}), zone


def _day(kept: Mapping[str, object], name: str, zone: ZoneInfo) -> date | None:
    value = kept.get(name)
    if not flag(kept.get(f"{name}Enabled")):
        return None
    try:
        return datetime.fromtimestamp(int(str(value)), UTC).astimezone(zone).date()
    except (ValueError, OverflowError, OSError):  # somebody else's, and of no effect
        return None


def _moment(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time(), zone).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _Setter(OneByOne):
    async def state(self) -> str:
        return await VACATIONS.state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("singleton", "there is one vacation answer")

    async def destroy_one(self, id_: str) -> None:
        raise SetFailed("singleton", "the vacation answer is switched off, not destroyed")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        if id_ != SINGLETON:
            raise SetFailed("notFound", f"the only id is {SINGLETON}")
        call = self.call
        before = (await _all(call.context, call.account))[SINGLETON]
        changed = {
            name: value if value is not None else self.kind.default_of(name)
            for name, value in self.kind.refuse_fixed(patch, before).applied(before).items()
            if name in patch.properties
        }
        changed |= {name: self.kind.default_of(name) for name in patch.properties if name not in changed}
        for name, value in changed.items():
            self.kind.check(name, value)
        kept, zone = await _kept(call.context, call.account)
        new = {**kept, **_entries(changed, zone)}
        try:
            await call.services.mail.filters.save(call.caller, call.account.owner, {VACATION: new}, {})
        except MalformedInput as error:
            raise InvalidProperties(str(error)) from error
        after = (await _all(call.context, call.account))[SINGLETON]
        return differing(after, {**before, **changed}) or None


def _entries(changed: Mapping[str, Any], zone: ZoneInfo) -> dict[str, object]:
    """Return properties as SOGo's ``Vacation`` has them."""
    entries: dict[str, object] = {}
    if "isEnabled" in changed:
        entries["enabled"] = int(changed["isEnabled"])
    if "subject" in changed:
        subject = changed["subject"] or ""
        entries |= {"customSubject": subject, "customSubjectEnabled": int(bool(subject))}
    if "textBody" in changed or changed.get("htmlBody"):
        html = changed.get("htmlBody") or ""
        entries["autoReplyText"] = changed.get("textBody") or (text_of_html(html) if html else "")
    for name, key, shift in (("fromDate", "startDate", timedelta()), ("toDate", "endDate", timedelta(microseconds=1))):
        if name in changed:
            entries |= _date_entries(key, changed[name], shift, zone)
    return entries


def _date_entries(key: str, value: str | None, shift: timedelta, zone: ZoneInfo) -> dict[str, object]:
    if value is None:
        return {f"{key}Enabled": 0}
    try:
        day = (datetime.fromisoformat(value) - shift).astimezone(zone).date()
        midnight = int(datetime.combine(day, time(), zone).timestamp())
    except (ValueError, OverflowError) as error:
        raise InvalidProperties(f"no such date: {value[:40]}") from error
    return {key: midnight, f"{key}Enabled": 1}


VACATIONS: Final = SmallType(VACATION_RESPONSE, _all)
METHODS: Final = (VACATIONS.get(), set_method(VACATION_RESPONSE, lambda call: _Setter(VACATION_RESPONSE, call)))
