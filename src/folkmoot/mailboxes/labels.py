"""Labels: IMAP keywords with the names and colours that a person gave them (SOGoMailLabelsColors)."""

import re
import unicodedata
from collections.abc import Callable, Container, Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from typing import Final

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import Conflict, MalformedInput, NotFound, TooLarge
from folkmoot.database import Database, Transaction
from folkmoot.mailboxes.access import MailAccess, dictionary
from folkmoot.mailboxes.keywords import KEYWORD_MAX, is_keyword
from folkmoot.sharing.preferences import DEFAULTS
from folkmoot.store import profiles
from folkmoot.store.records import Profile

KEY: Final = "SOGoMailLabelsColors"
LABELS_MAX: Final = 100  # of one person; servers keep a few hundred keywords in a mailbox
NAME_MAX: Final = 100  # characters
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}|", re.ASCII)
_NOT_ATOM: Final = re.compile(r"[^a-z0-9_.$-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Label:
    """A keyword, and how it is shown."""

    keyword: str
    name: str
    colour: str = ""  # #RRGGBB, or empty


Change = Callable[[MutableSequence[Label]], Label]


class Labels:
    """Each person's labels."""

    def __init__(self, access: MailAccess, database: Database, clock: Clock) -> None:
        self._access = access
        self._database = database
        self._clock = clock

    async def list(self, caller: Caller) -> Sequence[Label]:
        """Return the caller's labels, or those of the domain if the caller has not chosen any.

        Raises:
            Forbidden: mail is closed to the caller.
        """
        return _labels_of(await self._access.profile(caller.principal), await self._usual(caller))

    async def add(self, caller: Caller, name: str, colour: str = "") -> Label:
        """Add a label; its keyword is made of its name.

        Raises:
            MalformedInput: not a name, not a colour.
            Conflict: there is a label of this name.
            TooLarge: too many labels.
        """
        name = _checked(name, colour)

        def change(labels: MutableSequence[Label]) -> Label:
            if any(label.name.casefold() == name.casefold() for label in labels):
                raise Conflict(f"there is a label of this name: {name}")
            if len(labels) >= LABELS_MAX:
                raise TooLarge(f"at most {LABELS_MAX} labels")
            label = Label(keyword_of(name, {label.keyword.lower() for label in labels}), name, colour)
            labels.append(label)
            return label

        return await self._change(caller, change)

    async def set(self, caller: Caller, keyword: str, *, name: str, colour: str) -> Label:
        """Rename or recolour a label; messages keep its keyword.

        Raises:
            NotFound: no such label.
            MalformedInput: not a name, not a colour.
            Conflict: another label has this name.
        """
        name = _checked(name, colour)

        def change(labels: MutableSequence[Label]) -> Label:
            at = _index(labels, keyword)
            if any(label.name.casefold() == name.casefold() for index, label in enumerate(labels) if index != at):
                raise Conflict(f"there is a label of this name: {name}")
            labels[at] = Label(labels[at].keyword, name, colour)
            return labels[at]

        return await self._change(caller, change)

    async def remove(self, caller: Caller, keyword: str) -> Label:
        """Take a label away from those that are offered; messages keep its keyword.

        Raises:
            NotFound: no such label.
        """
        return await self._change(caller, lambda labels: labels.pop(_index(labels, keyword)))

    async def _change(self, caller: Caller, change: Change) -> Label:
        usual = await self._usual(caller)

        async def work(tx: Transaction) -> Label:
            profile = await profiles.hold(tx, caller.principal)
            labels = [*_labels_of(profile, usual)]
            label = change(labels)
            chosen = {one.keyword: [one.name, one.colour] for one in labels}
            properties = {**profile.properties, DEFAULTS: {**dictionary(profile, DEFAULTS), KEY: chosen}}
            await profiles.set_(
                tx,
                caller.principal,
                properties=properties,
                dead_properties=profile.dead_properties,
                now=self._clock.milliseconds(),
            )
            return label

        return await self._database.write(work)

    async def _usual(self, caller: Caller) -> Mapping[str, Sequence[str]]:
        self._access.check(caller)
        return self._access.settings_of(await self._access.person(caller.principal)).mail.labels


def keyword_of(name: str, taken: Container[str]) -> str:
    """Return a keyword for a label of this name that none of ``taken`` (lower case) is."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = _NOT_ATOM.sub("_", plain).strip("_$.-")[: KEYWORD_MAX - 4] or "label"
    keyword, number = stem, 1
    while keyword in taken:
        number += 1
        keyword = f"{stem}_{number}"
    return keyword


def _labels_of(profile: Profile, usual: Mapping[str, Sequence[str]]) -> Sequence[Label]:
    chosen: object = dictionary(profile, DEFAULTS).get(KEY)
    source: Mapping[str, object] = chosen if isinstance(chosen, dict) else dict(usual)
    found = []
    for keyword, value in list(source.items())[:LABELS_MAX]:
        shown = value if isinstance(value, list | tuple) else ()
        name = str(shown[0]) if shown else keyword
        colour = str(shown[1]) if len(shown) > 1 else ""
        if is_keyword(keyword):
            found.append(Label(keyword, name[:NAME_MAX], colour if _COLOUR.fullmatch(colour) else ""))
    # JSON objects have no order: registered keywords first, then by name.
    return sorted(found, key=lambda label: (*_place(label.keyword), label.name.casefold(), label.keyword))


def _place(keyword: str) -> tuple[bool, str]:
    registered = keyword.startswith("$")
    return not registered, keyword if registered else ""


def _checked(name: str, colour: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_MAX or not name.isprintable():
        raise MalformedInput(f"a label's name has 1 to {NAME_MAX} characters")
    if not _COLOUR.fullmatch(colour):
        raise MalformedInput("a label's colour is written as #RRGGBB")
    return name


def _index(labels: Sequence[Label], keyword: str) -> int:
    for index, label in enumerate(labels):
        if label.keyword.lower() == keyword.lower():
            return index
    raise NotFound("no such label")
