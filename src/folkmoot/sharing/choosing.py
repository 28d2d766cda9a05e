"""What people may choose: known keys with values of their kind, or nothing at all."""

from collections.abc import Mapping
from typing import Any, Final, cast

from folkmoot.config.declaring import Level, Parameter, parameters_of
from folkmoot.config.faults import Faults
from folkmoot.config.kinds import Kind, anything, boolean, integer, mapping, names, text
from folkmoot.config.nodes import Plain, node_of
from folkmoot.config.settings import SECTIONS
from folkmoot.core.errors import Forbidden, MalformedInput

HOURS: Final = frozenset(["SOGoDayStartTime", "SOGoDayEndTime"])  # kept as 08:00, configured as 8
# Ways in: changed by ``auth``, which asks for a fresh proof and tells their owner.
GUARDED: Final = frozenset(
    [
        "SOGoTOTPEnabled",
        "SOGoPasswordRecoveryMode",
        "SOGoPasswordRecoveryQuestion",
        "SOGoPasswordRecoverySecondaryEmail",
    ]
)
FOREIGN_SCRIPTS: Final = "hasActiveExternalSieveScripts"  # what a browser believes, sent along with what is saved
# What jsonDefaults computes, and clients send back.
COMPUTED: Final = frozenset(
    [
        "locale",
        "LocaleCode",
        "UserTimeZoneSecondsFromGMT",
        "SOGoAppointmentSendEMailNotifications",
        "SOGoLDAPGroupExpansionEnabled",
        FOREIGN_SCRIPTS,
    ]
)
# Decided elsewhere, by subscribing and by delegating; clients send them back with the rest.
DECIDED: Final = frozenset(["SubscribedFolders", "WebCalendars", "DelegateTo", "DelegateFrom"])
HIDDEN: Final = frozenset(["WebCalendarsAuthentication"])

AnyKind = Kind[Any]  # of whatever type its values are
_FLAGS: Final = mapping(boolean)
_TEXTS: Final = mapping(text)
_VACATION: Final[Mapping[str, AnyKind]] = {
    **dict.fromkeys(
        (
            "enabled",
            "customSubjectEnabled",
            "ignoreLists",
            "alwaysSend",
            "discardMails",
            "startDateEnabled",
            "startTimeEnabled",
            "endDateEnabled",
            "endTimeEnabled",
            "weekdaysEnabled",
        ),
        boolean,
    ),
    **dict.fromkeys(("autoReplyText", "customSubject", "startTime", "endTime"), text),
    **dict.fromkeys(("daysBetweenResponse", "startDate", "endDate"), integer()),
    **dict.fromkeys(("autoReplyEmailAddresses", "days"), anything),
}
_FORWARD: Final[Mapping[str, AnyKind]] = {
    **dict.fromkeys(("enabled", "keepCopy", "alwaysSend"), boolean),
    "forwardAddress": names,
}
_NOTIFICATION: Final[Mapping[str, AnyKind]] = {
    "enabled": boolean,
    "notificationAddress": names,
    "notificationMessage": text,
}
RECORDS: Final = {"Vacation": _VACATION, "Forward": _FORWARD, "Notification": _NOTIFICATION}
ACCOUNTS: Final = "AuxiliaryMailAccounts"
FILTERS: Final = "SOGoSieveFilters"

_FOLDERS: Final[Mapping[str, AnyKind]] = {
    **dict.fromkeys(("FolderDisplayNames", "FolderColors"), _TEXTS),
    **dict.fromkeys(("FolderShowAlarms", "FolderShowTasks", "FolderSynchronize", "FreeBusyExclusions"), _FLAGS),
    **dict.fromkeys(
        (
            "NotifyOnPersonalModifications",
            "NotifyOnExternalModifications",
            "NotifyUserOnPersonalModifications",
            "NotifiedUserOnPersonalModifications",
        ),
        mapping(anything),
    ),
    **dict.fromkeys(("InactiveFolders", "FoldersOrder", "AutoReloadedWebCalendars"), names),
    **dict.fromkeys(("SortingState", "DragHandle", "View"), anything),
}
_CALENDAR: Final[Mapping[str, AnyKind]] = {
    **_FOLDERS,
    **dict.fromkeys(
        ("PreventInvitations", "InvitationNotificationsOnCalDavDisabled", "ShowCompletedTasks", "DavDescription"),
        boolean,
    ),
    "PreventInvitationsWhitelist": _TEXTS,
    **dict.fromkeys(("EventsFilterState", "TasksFilterState", "SelectedList", "ListState"), text),
}
_MAIL: Final[Mapping[str, AnyKind]] = {
    "folderForExpunge": text,
    "ListViewColumnsOrder": names,
    **dict.fromkeys(("ExpandedFolders", "ThreadsCollapsed", "SortingState", "DragHandle"), anything),
}
MODULES: Final = {"Calendar": _CALENDAR, "Contacts": _FOLDERS, "Mail": _MAIL}


def user_parameters() -> Mapping[str, tuple[str, str, Parameter]]:
    """Return the parameters that a person may choose, by key: section, field and declaration; none that is secret."""
    return {
        parameter.key: (section, name, parameter)
        for section, declared in SECTIONS.items()
        for name, parameter in parameters_of(declared)
        if parameter.level is Level.USER and not parameter.secret
    }


_PARAMETERS: Final = user_parameters()


def read_defaults(values: Mapping[str, object]) -> dict[str, object]:
    """Return the defaults of a request as they are kept; None removes one.

    Raises:
        MalformedInput: an unknown key, or a value that is not of its kind.
        Forbidden: a way in, which is changed elsewhere.
    """
    return {
        key: None if value is None else _default(key, value)
        for key, value in values.items()
        if key not in COMPUTED and not _guarded(key)
    }


def read_settings(values: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """Return the settings of a request as they are kept, by module and key; None removes one.

    Raises:
        MalformedInput: an unknown module or key, or a value that is not of its kind.
    """
    found: dict[str, dict[str, object]] = {}
    for module, chosen in values.items():
        known = MODULES.get(module)
        if known is None:
            raise MalformedInput(f"no such module: {module[:60]}")
        if not isinstance(chosen, dict):
            raise MalformedInput(f"{module}: expected an object")
        found[module] = {
            key: None if value is None else _of_kind(f"{module}.{key}", known.get(key), value)
            for key, value in chosen.items()
            if key not in DECIDED
        }
    return found


def plain_json(value: object) -> object:
    """Return a value as SOGo writes it: booleans are 0 and 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    return value


def _guarded(key: str) -> bool:
    if key in GUARDED:
        raise Forbidden(f"{key} is changed where signing in is, with a fresh proof of who asks")
    return False


def _default(key: str, value: object) -> object:
    record = RECORDS.get(key)
    if record is not None:
        if not isinstance(value, dict):
            raise MalformedInput(f"{key}: expected an object")
        return {name: _of_kind(f"{key}.{name}", record.get(name), item) for name, item in value.items()}
    if key == FILTERS:
        if not isinstance(value, list):
            raise MalformedInput(f"{key}: expected an array")
        return plain_json(value)
    if key in HOURS:
        return _hour(key, value)
    found = _PARAMETERS.get(key)
    return _of_kind(key, None if found is None else found[2].kind, value)


def _hour(key: str, value: object) -> str:
    hour, colon, minutes = str(value).strip().partition(":")
    if not (hour.isascii() and hour.isdigit() and len(hour) <= 2) or (colon and minutes not in _QUARTERS):  # noqa: PLR2004 - digits of an hour
        raise MalformedInput(f"{key}: expected a time such as 08:00")
    if int(hour) > 24 - bool(minutes.strip("0")):
        raise MalformedInput(f"{key}: a day has 24 hours")
    return f"{int(hour):02d}:{minutes or '00'}"


_QUARTERS: Final = frozenset(["00", "15", "30", "45"])


def _of_kind(key: str, kind: AnyKind | None, value: object) -> object:
    if kind is None:
        raise MalformedInput(f"no such preference: {key[:100]}")
    faults = Faults()
    try:
        read = kind.read(node_of(cast("Plain", value)), faults)
    except MalformedInput as error:
        raise MalformedInput(f"{key}: {error}") from error
    if faults.found():
        raise MalformedInput(f"{key}: {faults.found()[0].message}")
    return plain_json(read)
