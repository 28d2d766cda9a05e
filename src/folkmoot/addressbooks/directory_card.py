"""What the directory says about a principal, as a card that nobody wrote."""

from collections.abc import Callable, Sequence
from typing import Final

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.core.ids import ResourceName, Revision
from folkmoot.directory.principal import Principal, PrincipalKind
from folkmoot.store.records import ObjectMeta, StoredObject, etag_of
from folkmoot.vcard import Card
from folkmoot.vcard import format as format_card

CONTENT_TYPE: Final = "text/vcard; charset=utf-8"

# Attributes by the names that SOGo maps columns and LDAP attributes to, the property and its TYPE.
_TELEPHONES: Final = (
    ("telephonenumber", ("WORK", "VOICE")),
    ("homephone", ("HOME", "VOICE")),
    ("mobile", ("CELL",)),
    ("facsimiletelephonenumber", ("WORK", "FAX")),
    ("pager", ("PAGER",)),
)
_TEXTS: Final = (
    ("NICKNAME", "mozillanickname"),
    ("TITLE", "title"),
    ("NOTE", "description"),
    ("URL", "mozillaworkurl"),
)
_WORK: Final = ("", "mozillaworkstreet2", "street", "l", "st", "postalcode", "c")
_HOME: Final = (
    "",
    "mozillahomestreet2",
    "mozillahomestreet",
    "mozillahomelocalityname",
    "mozillahomestate",
    "mozillahomepostalcode",
    "mozillahomecountryname",
)


def directory_object(principal: Principal) -> StoredObject:
    """Return the card of a principal as an object; its ETag changes with what the directory says."""
    body = directory_card(principal).encode()
    return StoredObject(
        ObjectMeta(
            name=ResourceName(principal.id),
            uid=principal.id,
            etag=etag_of(body),
            size=len(body),
            content_type=CONTENT_TYPE,
            revision=Revision(0),
            has_dead_properties=False,
            created_at=0,
            modified_at=0,
            component="VCARD",
            starts_at=None,
            ends_at=None,
            exact=False,
            transparent=False,
            classification=0,
            status="",
            title=principal.display_name,
        ),
        body,
        {},
    )


def directory_card(principal: Principal) -> str:
    """Return the vCard 3.0 of a principal (RFC 2426)."""

    def first(name: str) -> str:
        return next(iter(principal.attributes.get(name, ())), "") if name else ""

    given, _, family = principal.display_name.partition(" ")
    if first("sn") or not family:
        family, given = first("sn") or principal.display_name, first("givenname")
    lines = [
        Line("VERSION", "3.0"),
        Line("UID", escape_text(principal.id)),
        Line("FN", escape_text(principal.display_name)),
        _structured("N", [family, given, "", "", ""]),
    ]
    if principal.kind is PrincipalKind.GROUP:
        lines.append(Line("X-ADDRESSBOOKSERVER-KIND", "group"))
    lines += [_typed("EMAIL", escape_text(mail), ("WORK",)) for mail in principal.mails]
    lines += [_typed("TEL", escape_text(first(name)), types) for name, types in _TELEPHONES if first(name)]
    lines += [Line(name, escape_text(first(attribute))) for name, attribute in _TEXTS if first(attribute)]
    if first("o") or first("ou"):
        lines.append(_structured("ORG", [first("o"), first("ou")]))
    lines += _address(_WORK, "WORK", first) + _address(_HOME, "HOME", first)
    return format_card(Card("VCARD", lines))


def _address(attributes: Sequence[str], kind: str, first: Callable[[str], str]) -> list[Line]:
    parts = [first(name) for name in attributes]
    return [_structured("ADR", parts, (kind,))] if any(parts) else []


def _structured(name: str, parts: Sequence[str], types: Sequence[str] = ()) -> Line:
    return _typed(name, ";".join(map(escape_text, parts)), types)


def _typed(name: str, value: str, types: Sequence[str]) -> Line:
    return Line(name, value, [Parameter("TYPE", tuple(types))] if types else [])
