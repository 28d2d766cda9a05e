"""What a patch does to an email: other keywords, another mailbox (RFC 8621 section 4.6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from folkmoot.jmap.mail.ids import EmailId, parse_email_id
from folkmoot.jmap.mail.keyword_names import checked_flag, flags_of
from folkmoot.jmap.mail.keywords import keywords_of
from folkmoot.jmap.mail.views import Mailboxes
from folkmoot.jmap.protocol.calling import CREATED, Context
from folkmoot.jmap.protocol.errors import InvalidProperties, SetFailed
from folkmoot.jmap.protocol.patches import Patch

_MUTABLE: Final = frozenset({"keywords", "mailboxIds"})
_POINTER_STEPS: Final = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where an email is."""

    id: str
    email: EmailId
    path: str


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one email."""

    place: Place
    add: frozenset[str]  # flags
    remove: frozenset[str]
    target: str | None = None  # path of the mailbox that it goes to


def place_of(mailboxes: Mailboxes, id_: str) -> Place:
    """Return where an email of this id would be.

    Raises:
        SetFailed: ``notFound``: the id names no mailbox of the account, or one that was made anew since.
    """
    email = parse_email_id(id_)
    path = mailboxes.path(email.mailbox) if email is not None else None
    state = mailboxes.states.get(email.mailbox) if email is not None else None
    if email is None or path is None or state is None or state.uid_validity != email.uid_validity:
        raise SetFailed("notFound", "there is no such email")
    return Place(id_, email, path)


def change_of(context: Context, mailboxes: Mailboxes, place: Place, flags: frozenset[str], patch: Patch) -> Change:
    """Return what a patch does to an email that has these flags.

    Raises:
        SetFailed: it changes what stays, or names what is not there.
    """
    fixed = sorted(patch.properties - _MUTABLE)
    if fixed:
        raise InvalidProperties(f"{fixed[0]} of an email stays", *fixed)
    add, remove = _flag_change(patch, flags)
    target = _target(context, mailboxes, place, patch)
    return Change(place, add, remove, target)


def _flag_change(patch: Patch, flags: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    present = {checked_flag(keyword) for keyword in keywords_of(flags)}
    add: set[str] = set()
    remove: set[str] = set()
    for steps, value in patch:
        if steps[0] != "keywords":
            continue
        if len(steps) == 1:
            wanted = set(flags_of(value))
            add, remove = wanted - present, present - wanted
        elif len(steps) > _POINTER_STEPS or value not in (True, None):
            raise SetFailed("invalidPatch", "a keyword is set to true or taken away by null", properties=("keywords",))
        else:
            (add if value else remove).add(checked_flag(steps[1]))
    return frozenset(add), frozenset(remove)


def _target(context: Context, mailboxes: Mailboxes, place: Place, patch: Patch) -> str | None:
    if "mailboxIds" not in patch.properties:
        return None
    resolved: dict[tuple[str, ...], Any] = {}
    for steps, value in patch:
        if steps[0] != "mailboxIds":
            continue
        if len(steps) > _POINTER_STEPS or (len(steps) == _POINTER_STEPS and value not in (True, None)):
            raise SetFailed(
                "invalidPatch", "a mailbox is set to true or taken away by null", properties=("mailboxIds",)
            )
        resolved[steps[:1] + tuple(context.id_of(step) for step in steps[1:])] = value
    wanted = Patch(resolved).applied({"mailboxIds": {place.email.mailbox: True}}).get("mailboxIds")
    path = only_mailbox(context, mailboxes, wanted)
    return path if path != place.path else None


def only_mailbox(context: Context, mailboxes: Mailboxes, wanted: Mapping[str, Any] | None) -> str:
    """Return the path of the one mailbox that ``mailboxIds`` names.

    Raises:
        SetFailed: it names none, or more; ``mailboxIds`` is not what it should be.
    """
    if not wanted or any(value is not True for value in wanted.values()):
        raise InvalidProperties("an email is in one mailbox", "mailboxIds")
    ids = {context.id_of(id_) if id_.startswith(CREATED) else id_ for id_ in wanted}
    if len(ids) > 1:
        raise SetFailed("tooManyMailboxes", "an email is in one mailbox here", properties=("mailboxIds",))
    path = mailboxes.path(next(iter(ids)))
    if path is None:
        raise InvalidProperties("there is no such mailbox", "mailboxIds")
    return path
