"""Mails about rights that were given, changed or taken, and about calendars and address books made or removed.

What is to be mailed is decided in the transaction of the change; whether the owner's domain wants such mails, and who
the people are, is looked up when the mail goes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec

from folkmoot.config.settings import Settings
from folkmoot.core.caller import Caller
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.letter import Letter, Row
from folkmoot.mail.words import Reader
from folkmoot.sharing.rights import NONE_ROLE
from folkmoot.store.outbox import NewMail, key_of
from folkmoot.store.records import Collection, Kind

KIND: Final = "notice"
SUBJECTS_MAX: Final = 50  # people told of one change; who shares with more tells them otherwise
_CLASSES: Final = ("Public", "Confidential", "Private")
# From the least to the most.
_LEVELS: Final = (("DAndTViewer", "dates"), ("Viewer", "reader"), ("Responder", "responder"), ("Modifier", "editor"))
_BOOK_LEVELS: Final = (("ObjectViewer", "reader"), ("ObjectEditor", "editor"))
_SHOWN: Final = frozenset({Kind.CALENDAR, Kind.ADDRESSBOOK})


@dataclass(frozen=True, slots=True)
class NoticePolicy:
    """Which mails any domain of this server wants."""

    rights: bool = False  # SOGoACLsSendEMailNotifications
    folders: bool = False  # SOGoFoldersSendEMailNotifications


Event = Literal["rights_given", "rights_changed", "rights_taken", "folder_created", "folder_removed"]
NO_NOTICES: Final = NoticePolicy()


class Notice(msgspec.Struct, frozen=True):
    """The payload of an outbox mail of kind ``notice``."""

    event: Event
    folder: str  # its name, as it is shown
    kind: str  # of collection
    owner: str
    actor: str  # principal who did it
    roles: list[str] = msgspec.field(default_factory=list)  # after the change

    @property
    def about_rights(self) -> bool:
        return self.event.startswith("rights_")


def notice_policy(settings: Settings) -> NoticePolicy:
    """Return what the system or any of its domains wants."""
    return NoticePolicy(
        rights=anywhere(settings, lambda one: one.calendar.notify_acl_changes),
        folders=anywhere(settings, lambda one: one.calendar.notify_folders),
    )


def anywhere(settings: Settings, wanted: Callable[[Settings], bool]) -> bool:
    """Return whether the system or any domain wants something."""
    return wanted(settings) or any(map(wanted, settings.domains.values()))


def of_rights(
    collection: Collection,
    caller: Caller,
    before: Mapping[str, frozenset[str]],
    after: Mapping[str, frozenset[str]],
    now: int,
) -> Sequence[NewMail]:
    """Return a mail to each person whose rights have changed; groups and everybody get none.

    ``before`` and ``after`` hold the rows of the subjects that were written.
    """
    found: list[NewMail] = []
    for subject in dict.fromkeys([*after, *before]):
        had, has = (rows.get(subject, frozenset()) - {NONE_ROLE} for rows in (before, after))
        if had == has or not _is_person(subject) or subject == caller.principal or len(found) == SUBJECTS_MAX:
            continue
        event = "rights_taken" if not has else "rights_changed" if had else "rights_given"
        found.append(_mail(collection, caller, event, PrincipalId(subject), sorted(has), now))
    return found if collection.kind in _SHOWN else []


def of_folder(collection: Collection, caller: Caller, event: str, now: int) -> Sequence[NewMail]:
    """Return the mail that tells the owner of a collection that was made (``folder_created``) or removed."""
    if collection.kind not in _SHOWN:
        return []
    return [_mail(collection, caller, event, collection.owner, [], now)]


def notice_of(payload: Mapping[str, object]) -> Notice:
    """Return a payload as a value.

    Raises:
        MalformedInput: something is missing or of another type.
    """
    try:
        return msgspec.convert(payload, Notice)
    except msgspec.ValidationError as error:
        raise MalformedInput(f"outbox: {error}") from error


def notice_letter(notice: Notice, actor_name: str, owner_name: str, reader: Reader) -> Letter:
    """Return the words of a notice."""
    words = reader.words
    rows = []
    if notice.about_rights and owner_name != actor_name:
        rows.append(Row(words.text("label.owner"), owner_name))
    if notice.roles:
        rows += [
            Row(words.text("label.rights") if not n else "", text) for n, text in enumerate(_rights(notice, reader))
        ]
    return Letter(
        kind=notice.event.replace("_", "-"),
        language=words.language,
        subject=words.text(f"subject.{notice.event}", sender=actor_name, folder=notice.folder),
        heading=words.text(f"heading.{notice.event}", sender=actor_name, folder=notice.folder),
        title=notice.folder,
        rows=tuple(rows),
        footer=words.text("text.automatic"),
        tone="gone" if notice.event in {"rights_taken", "folder_removed"} else "news",
        values={"sender": actor_name, "owner": owner_name, "folder": notice.folder},
    )


def _mail(
    collection: Collection, caller: Caller, event: str, recipient: PrincipalId, roles: Sequence[str], now: int
) -> NewMail:
    name = collection.properties.get("displayname")
    return NewMail(
        key=key_of(KIND, event, str(collection.id), recipient, ",".join(roles), str(now)),
        kind=KIND,
        sender=caller.principal,
        recipient=recipient,
        payload={
            "event": event,
            "folder": name if isinstance(name, str) and name else collection.name,
            "kind": collection.kind.value,
            "owner": collection.owner,
            "actor": caller.principal,
            "roles": list(roles),
        },
    )


def _is_person(subject: str) -> bool:
    return bool(subject) and subject[0] not in "@<" and subject != "anonymous"


def _rights(notice: Notice, reader: Reader) -> list[str]:
    words, roles = reader.words, set(notice.roles)
    found = []
    if notice.kind == Kind.ADDRESSBOOK:
        names = [name for role, name in _BOOK_LEVELS if role in roles]
        found += [words.text(f"right.{names[-1]}")] if names else []
    else:
        levels = {
            section: next((name for role, name in reversed(_LEVELS) if section + role in roles), "")
            for section in _CLASSES
        }
        if len(set(levels.values())) == 1 and levels["Public"]:
            found.append(words.text(f"right.{levels['Public']}"))
        else:
            found += [
                words.text(f"right.{section.lower()}", right=words.text(f"right.{level}"))
                for section, level in levels.items()
                if level
            ]
    if "ObjectCreator" in roles:
        found.append(words.text("right.create"))
    if "ObjectEraser" in roles:
        found.append(words.text("right.erase"))
    return found
