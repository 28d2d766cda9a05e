"""``Preferences/get``, ``/changes`` and ``/set``: one object, whose id is ``singleton``."""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final

import msgspec

from folkmoot.core.errors import MalformedInput
from folkmoot.jmap.accounts import Account
from folkmoot.jmap.preferences.describing import (
    CAPABILITY,
    CHOICES,
    PREFERENCES,
    SINGLETON,
    UI_OCTETS_MAX,
    WHITELIST_MAX,
)
from folkmoot.jmap.protocol.calling import Call, Capability, Context
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch
from folkmoot.jmap.protocol.standard import (
    ChangesArguments,
    Delta,
    GetArguments,
    Got,
    JsonObject,
    OneByOne,
    SetArguments,
    changes_method,
    get_method,
    set_method,
)
from folkmoot.sharing.choosing import read_defaults, read_settings

_UI: Final = "ui"
_OWN: Final = "Folkmoot"  # the module of settings that is not SOGo's
_CALENDAR: Final = "Calendar"
_SETTINGS: Final[Mapping[str, tuple[str, Any]]] = {
    "calendarPreventInvitations": ("PreventInvitations", False),
    "calendarInvitationWhitelist": ("PreventInvitationsWhitelist", {}),
    "calendarNoMailForDavReplies": ("InvitationNotificationsOnCalDavDisabled", False),
}


async def told_preferences(context: Context) -> dict[str, Any]:
    """Return the caller's preferences."""
    services, caller = context.services, context.caller
    person = await services.people.find(caller, caller.principal)
    settings = services.settings(person.domain if person else None)
    defaults, modules = await services.choices.get(caller, caller.principal)
    found: dict[str, Any] = {"id": SINGLETON, "chosen": []}
    for name, one in CHOICES.items():
        inherited = one.inherited(settings)
        found[name] = inherited
        if one.key in defaults:
            found[name] = _typed(name, defaults[one.key], inherited)
            found["chosen"].append(name)
    calendar, own = _module(modules, _CALENDAR), _module(modules, _OWN)
    for name, (key, default) in _SETTINGS.items():
        found[name] = _typed(name, calendar.get(key, default), default)
        if key in calendar:
            found["chosen"].append(name)
    kept = own.get(_UI)
    found[_UI] = kept if isinstance(kept, dict) else {}
    return found


def _typed(name: str, kept: Any, otherwise: Any) -> Any:
    """Return a kept value in the property's type: SOGo keeps 0 and 1, and imports may have left anything."""
    if isinstance(otherwise, bool):
        return bool(kept) if isinstance(kept, int | bool) else otherwise
    try:
        return PREFERENCES.check(name, kept)
    except InvalidProperties:
        return otherwise


def _module(modules: Mapping[str, object], name: str) -> Mapping[str, Any]:
    kept = modules.get(name)
    return kept if isinstance(kept, dict) else {}


def _state(told: Mapping[str, Any]) -> str:
    return blake2b(msgspec.json.encode(told, order="deterministic"), digest_size=12).hexdigest()


async def state(context: Context, _: Account) -> str:
    """Return the state of the preferences."""
    return _state(await told_preferences(context))


async def load(call: Call[GetArguments], ids: Sequence[str] | None, _: frozenset[str]) -> Got:
    """Return the one object."""
    told = await told_preferences(call.context)
    return Got(_state(told), {SINGLETON: told} if ids is None or SINGLETON in ids else {})


async def follow(call: Call[ChangesArguments], since: str, _: int) -> Delta:
    """Say whether the one object is another by now."""
    present = await state(call.context, call.account)
    return Delta(present, updated=() if since == present else (SINGLETON,))


class PreferencesSetter(OneByOne):
    """Keeps choices; all of a patch or nothing."""

    async def state(self) -> str:
        return await state(self.call.context, self.call.account)

    async def create_one(self, creation: str, value: dict[str, Any]) -> JsonObject:
        raise SetFailed("singleton", "there is one, and no more")

    async def destroy_one(self, id_: str) -> None:
        raise SetFailed("singleton", "there is one, always")

    async def update_one(self, id_: str, patch: Patch) -> JsonObject | None:
        if id_ != SINGLETON:
            raise SetFailed("notFound", "there is one object, singleton")
        present = await told_preferences(self.call.context)
        patch = PREFERENCES.refuse_fixed(patch, present)
        defaults: dict[str, object] = {}
        modules: dict[str, dict[str, object]] = {}
        for name in sorted(patch.properties):
            wanted = patch.of(name, present.get(name))
            if wanted is not None:
                PREFERENCES.check(name, wanted)
            if name in CHOICES:
                defaults |= _read(name, {CHOICES[name].key: wanted})
            elif name in _SETTINGS:
                modules[_CALENDAR] = modules.get(_CALENDAR, {}) | _read_setting(name, wanted)
            elif name == _UI:
                modules[_OWN] = {_UI: _checked_ui(wanted)}
        services, caller = self.call.services, self.call.caller
        await services.choices.save(caller, caller.principal, defaults, modules)
        after = await told_preferences(self.call.context)
        # What was taken back is inherited now, and some texts are kept in another form: tell what they are.
        return {
            name: after[name]
            for name in (*sorted(patch.properties), "chosen")
            if after[name] != (present["chosen"] if name == "chosen" else patch.of(name, present.get(name)))
        } or None


def _read(name: str, values: Mapping[str, object]) -> dict[str, object]:
    try:
        return read_defaults(values)
    except MalformedInput as error:
        raise InvalidProperties(str(error), name) from error


def _read_setting(name: str, wanted: Any) -> dict[str, object]:
    if isinstance(wanted, dict) and len(wanted) > WHITELIST_MAX:
        raise InvalidProperties(f"at most {WHITELIST_MAX} people", name)
    return read_settings({_CALENDAR: {_SETTINGS[name][0]: wanted}})[_CALENDAR]


def _checked_ui(wanted: Any) -> Any:
    if len(msgspec.json.encode(wanted)) > UI_OCTETS_MAX:
        raise InvalidProperties(f"at most {UI_OCTETS_MAX} octets", _UI)
    return wanted


def _account(context: Context, account: Account) -> Mapping[str, Any] | None:
    return {} if account == context.accounts.own else None


PREFERENCES_CAPABILITY: Final = Capability(
    CAPABILITY,
    methods=(
        get_method(PREFERENCES, load),
        changes_method(PREFERENCES, follow),
        set_method(PREFERENCES, lambda call: PreferencesSetter(PREFERENCES, call), SetArguments),
    ),
    types=(PREFERENCES,),
    states={"Preferences": state},
    account=_account,
    document="What one has chosen, in place of SOGo's jsonDefaults.",
)
