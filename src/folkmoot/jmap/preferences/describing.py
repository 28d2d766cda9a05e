"""The type ``Preferences``, made of the declarations of all parameters that a person may choose.

A property is named for its section and field: ``calendar.day_start_hour`` is ``calendarDayStart``; what concerns
everything has no section in its name: ``timeZone``.  What other types tell is left out: identities, filters, labels,
recovery of passwords.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, cast, get_type_hints

import msgspec
from msgspec import Meta

from folkmoot.config.declaring import Parameter
from folkmoot.config.settings import SECTIONS, Settings
from folkmoot.jmap.protocol.describing import DataType, Described, Feed, Id, server_set, told
from folkmoot.sharing.choosing import HOURS, plain_json, user_parameters

CAPABILITY: Final = "https://folkmoot.org/jmap/preferences"
SINGLETON: Final = "singleton"
UI_OCTETS_MAX: Final = 64 * 1024  # of JSON that the web application keeps for itself
WHITELIST_MAX: Final = 1_000
_PREFIXES: Final[Mapping[str, str]] = {
    "general": "",
    "web": "",
    "calendar": "calendar_",
    "contacts": "contacts_",
    "mail": "mail_",
    "imap": "mail_",
}
_ELSEWHERE: Final = frozenset(
    [
        "SOGoMailIdentities",
        "SOGoMailLabelsColors",
        "SOGoMailCustomFullName",
        "SOGoMailCustomEmail",
        "SOGoMailReplyTo",
        "SOGoMailSignature",
    ]
)
_NAMES: Final = {
    "SOGoDayStartTime": "calendar_day_start",
    "SOGoDayEndTime": "calendar_day_end",
    "SOGoDraftsFolderName": "mail_drafts_folder",
    "SOGoSentFolderName": "mail_sent_folder",
    "SOGoTrashFolderName": "mail_trash_folder",
    "SOGoJunkFolderName": "mail_junk_folder",
    "SOGoTemplatesFolderName": "mail_templates_folder",
}
Time = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):(00|15|30|45)\Z|^24:00\Z")]


@dataclass(frozen=True, slots=True)
class Choice:
    """One property: where its value is kept and inherited from."""

    key: str  # of SOGo's defaults
    section: str
    field: str
    parameter: Parameter

    def inherited(self, settings: Settings) -> Any:
        """Return what holds for who has not chosen."""
        value = getattr(getattr(settings, self.section), self.field)
        if self.key in HOURS:
            return f"{value:02d}:00"
        return value if isinstance(value, bool) else _json(value)


def _json(value: object) -> Any:
    return value if isinstance(value, bool) else plain_json(value)


def _hint(one: Choice) -> Any:
    if one.key in HOURS:
        return Time
    kind = one.parameter.kind
    if kind.choices:
        return Literal[kind.choices]
    hint = get_type_hints(SECTIONS[one.section])[one.field]
    if hint in {bool, int, str}:
        return hint
    return list[str] if getattr(hint, "__origin__", None) is tuple else dict[str, str]


def _found() -> dict[str, Choice]:
    found: dict[str, Choice] = {}
    for key, (section, field, parameter) in user_parameters().items():
        if section in _PREFIXES and key not in _ELSEWHERE:
            found[_NAMES.get(key, _PREFIXES[section] + field)] = Choice(key, section, field, parameter)
    return found


_CHOICES: Final = _found()


def _body() -> type[Described]:
    fields: list[tuple[str, Any]] = [
        ("id", Annotated[Id, server_set]),
        (
            "chosen",
            Annotated[list[str], server_set, told("the properties that are one's own; all others are inherited")],
        ),
        ("calendar_prevent_invitations", Annotated[bool, told("nobody may invite, but who is in the list")]),
        ("calendar_invitation_whitelist", Annotated[dict[str, str], told("who may invite all the same, by name")]),
        ("calendar_no_mail_for_dav_replies", Annotated[bool, told("no mail about answers given by CalDAV clients")]),
        ("ui", Annotated[dict[str, Any], told("whatever the web application keeps for itself, 64 kB at most")]),
    ]
    fields += [(name, Annotated[_hint(one), told(one.parameter.doc)]) for name, one in _CHOICES.items()]
    document = "What one has chosen, or inherits from the domain. Null takes a choice back."
    made = msgspec.defstruct(
        "PreferencesBody", fields, bases=(Described,), namespace={"__doc__": document}, kw_only=True, rename="camel"
    )
    return cast("type[Described]", made)


PREFERENCES: Final = DataType("Preferences", _body(), Feed.PERSON)
# By the name on the wire.
CHOICES: Final[Mapping[str, Choice]] = {
    one.encode_name: _CHOICES[one.name] for one in msgspec.structs.fields(PREFERENCES.described) if one.name in _CHOICES
}
