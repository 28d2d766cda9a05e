"""What people have chosen, for a browser's scripts (SOGo's ``jsonDefaults``, ``jsonSettings``, ``Preferences/save``).

Filters, vacation answers, forwarding and notices are kept only if the mail server has taken the script for them.
"""

from collections.abc import Mapping
from typing import Final

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound, Unavailable
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal
from folkmoot.mailboxes.account_lists import save_all
from folkmoot.mailboxes.script_placing import Foreign
from folkmoot.sharing.choosing import (
    ACCOUNTS,
    FILTERS,
    FOREIGN_SCRIPTS,
    HIDDEN,
    HOURS,
    MODULES,
    RECORDS,
    plain_json,
    read_defaults,
    read_settings,
    user_parameters,
)
from folkmoot.sharing.preferences import DEFAULTS, SETTINGS, Preferences, defaults_of, flag, preferences_of
from folkmoot.web.http import Asked, Response, answer
from folkmoot.web.locales import locale_of, words_of
from folkmoot.web.mail_accounts import main_changes, read_accounts, shown_accounts
from folkmoot.web.services import WebServices
from folkmoot.web.ways_in import save_ways_in, take_ways_in, told_ways_in

_PARAMETERS: Final = user_parameters()


async def json_defaults(services: WebServices, asked: Asked) -> Response:
    """Answer with all that the user has chosen or inherits.

    Raises:
        Forbidden: somebody else's.
    """
    person = await _own(services, asked.caller, asked.user)
    of_domain = services.settings(person.domain if person else None)
    mine = await preferences_for(services, asked.caller)
    values = await _values(services, asked, of_domain)
    values |= await told_ways_in(services, asked.caller)
    offset = services.clock.now().astimezone(mine.zone).utcoffset()
    values |= {
        ACCOUNTS: await _accounts(services, asked.caller, person, values),
        "locale": words_of(mine.language),
        "LocaleCode": str(locale_of(mine.language)),
        "UserTimeZoneSecondsFromGMT": int(offset.total_seconds()) if offset else 0,
        "SOGoAppointmentSendEMailNotifications": int(of_domain.calendar.notify_invitations),
        "SOGoLDAPGroupExpansionEnabled": int(of_domain.people.ldap_group_expansion),
    }
    return answer(200, values)


async def _values(services: WebServices, asked: Asked, of_domain: Settings) -> dict[str, object]:
    """Return what the user has chosen or inherits, by key."""
    defaults, _ = await services.choices.get(asked.caller, asked.user)
    values: dict[str, object] = {}
    for key, (section, name, _) in _PARAMETERS.items():
        inherited = getattr(getattr(of_domain, section), name)
        values[key] = f"{inherited:02d}:00" if key in HOURS else plain_json(inherited)
    values |= {key: {} for key in RECORDS} | {FILTERS: []}
    return values | {key: plain_json(value) for key, value in defaults.items() if key in values}


async def json_settings(services: WebServices, asked: Asked) -> Response:
    """Answer with what the modules keep for the user; secrets are not among it.

    Raises:
        Forbidden: somebody else's.
    """
    await _own(services, asked.caller, asked.user)
    _, settings = await services.choices.get(asked.caller, asked.user)
    shown: dict[str, object] = {}
    for module in MODULES:
        kept = settings.get(module)
        values = kept if isinstance(kept, dict) else {}
        shown[module] = {key: plain_json(value) for key, value in values.items() if key not in HIDDEN}
    return answer(200, shown)


async def save(services: WebServices, asked: Asked) -> Response:
    """Keep ``{defaults: {key: value}, settings: {module: {key: value}}}``: all of it or nothing.

    Raises:
        Forbidden: somebody else's, or something that is not offered.
        MalformedInput: an unknown key, or a value that is not of its kind.
        TooLarge: more than is kept about one person.
        ForeignScript: filters of somebody else's making are active; ``hasActiveExternalSieveScripts`` of 0 replaces
            them, 1 leaves them active.
        Unavailable: filters changed, and the mail server does not answer.
    """
    person = await _own(services, asked.caller, asked.user)
    fields = asked.request.json()
    sent = dict(_part(fields, DEFAULTS))
    ways_in = take_ways_in(sent)
    listed = sent.pop(ACCOUNTS, None)
    defaults = read_defaults(sent)
    settings = read_settings(_part(fields, SETTINGS))
    if fields.keys() - {DEFAULTS, SETTINGS}:
        raise MalformedInput("expected defaults and settings")
    await save_ways_in(services, asked.caller, ways_in)
    foreign = _foreign(_part(fields, DEFAULTS).get(FOREIGN_SCRIPTS))
    if not listed:  # the first is always there: without it a browser says nothing about accounts
        await services.filters.save(asked.caller, asked.user, defaults, settings, foreign=foreign)
        return answer(200, {})
    if not isinstance(listed, list):
        raise MalformedInput(f"{ACCOUNTS}: expected an array")
    of_domain = services.settings(person.domain if person else None)
    main, wanted = read_accounts(listed, allowed=of_domain.mail.auxiliary_accounts)
    shown = await _accounts(services, asked.caller, person, await _values(services, asked, of_domain))
    defaults |= read_defaults(main_changes(main, shown[0]) if "receipts" in shown[0] else {})

    async def keep() -> None:
        await services.filters.save(asked.caller, asked.user, defaults, settings, foreign=foreign)

    await save_all(services.accounts, asked.caller, wanted, keep) if wanted or len(shown) > 1 else await keep()
    return answer(200, {})


async def active_external_sieve_scripts(services: WebServices, asked: Asked) -> Response:
    """Answer 204 if a script acts on the user's mail that was not written here, else 404.

    Raises:
        Forbidden: somebody else's, or the mail server does not let the user in.
        Unavailable: the mail server does not answer.
    """
    await _own(services, asked.caller, asked.user)
    if await services.filters.has_foreign(asked.caller):
        return Response(204)
    return answer(404, {"message": "no other script is active"})


async def preferences_for(services: WebServices, caller: Caller) -> Preferences:
    """Return what the caller has chosen."""
    person = await services.people.find(caller, caller.principal)
    kept = await services.people.profile(caller.principal)
    return preferences_of(kept, defaults_of(services.settings(person.domain if person else None)))


async def _own(services: WebServices, caller: Caller, user: PrincipalId) -> Principal | None:
    if user != caller.principal:
        raise Forbidden("preferences are their owner's")
    return await services.people.find(caller, user)


def _foreign(believed: object) -> Foreign:
    if believed is None:
        return Foreign.REFUSE
    return Foreign.LEAVE if flag(believed) else Foreign.REPLACE


def _part(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name, {})
    if not isinstance(value, dict):
        raise MalformedInput(f"{name} is an object")
    return value


async def _accounts(
    services: WebServices, caller: Caller, person: Principal | None, values: Mapping[str, object]
) -> list[dict[str, object]]:
    """Return the accounts; where mail is closed or not set up rightly, who writes under which addresses."""
    try:
        return await shown_accounts(services, caller, services.settings(person.domain if person else None), values)
    except (Forbidden, NotFound, Unavailable):
        return [_account(person)]


def _account(person: Principal | None) -> dict[str, object]:
    """Return the main mail account as far as it is known without mail: who writes under which addresses."""
    mails = person.mails if person is not None else ()
    name = person.display_name if person is not None else ""
    return {
        "id": 0,
        "name": mails[0] if mails else name,
        "userName": person.login if person is not None else "",
        "identities": [
            {"email": mail, "fullName": name, "isDefault": int(number == 0)} for number, mail in enumerate(mails)
        ],
        "delegates": [],
    }
