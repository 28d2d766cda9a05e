"""Values in the one form in which a card says them again, so that what means the same is the same."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from folkmoot.jmap.jscontact import names, places
from folkmoot.jmap.jscontact.channels import IM_SCHEMES
from folkmoot.jmap.jscontact.errors import JsError

_TEL: Final = re.compile(r"tel:(?=[+0-9])", re.IGNORECASE)
_VERBATIM: Final = frozenset({"defaultSeparator"})


def normal(property_: str, value: Any, *, new: bool) -> Any:
    """Return a checked value of a property as a card of this age can say it.

    Raises:
        JsError: a date that does not exist.
    """
    if property_ == "localizations":
        return {tongue: patch for tongue, patch in value.items() if patch}
    if property_ in MAPS:  # entries stay, however little they say
        value = {key.strip() if property_ in _TEXT_KEYS else key: _plain(one, "") for key, one in value.items()}
    else:
        value = _plain(value, property_)
    rule = _ENTRIES.get(property_)
    if rule is not None:
        return {key: rule(one, new, f"{property_}/{key}") for key, one in value.items()}
    return _written(value, names.rank) if property_ == "name" else value


def _plain(value: Any, key: str) -> Any:
    if isinstance(value, str):
        text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
        return text if key in _VERBATIM else text.strip()
    if isinstance(value, list):
        return [_plain(one, "") for one in value]
    if not isinstance(value, Mapping):
        return value
    made = {}
    separator = value.get("kind") == "separator"
    for name, one in value.items():
        if name == "@type":
            continue
        if ":" in name and key != "relation":
            made[name] = one  # a vendor's
        elif separator and name == "value":
            made[name] = one
        else:
            found = _plain(one, name)
            if found != {}:
                made[name] = found
    return made


def _written(value: dict[str, Any], rank: Callable[[Mapping[str, Any]], int]) -> dict[str, Any]:
    """Return a name or an address: without empty components, and in one order if the order does not count."""
    components = [one for one in value.get("components", ()) if one["value"]]
    if not value.get("isOrdered"):
        components = sorted((one for one in components if one["kind"] != "separator"), key=rank)
        value.pop("isOrdered", None)
        value.pop("defaultSeparator", None)
    value.pop("components", None)
    if components:
        value["components"] = components
    else:
        value.pop("isOrdered", None)
    return value


def _address(value: dict[str, Any], _new: bool, at: str) -> dict[str, Any]:
    value = _written(value, places.rank)
    if not value:
        raise JsError(f"{at}: an Address needs something to say", at)
    return value


def _title(value: dict[str, Any], _new: bool, _at: str) -> dict[str, Any]:
    if value.get("kind") == "title":
        del value["kind"]
    return value


def _phone(value: dict[str, Any], new: bool, _at: str) -> dict[str, Any]:
    if not new:  # 3.0 has no URIs here, and its readers dial what they find
        value["number"] = _TEL.sub("", value["number"], count=1)
    return value


def _service(value: dict[str, Any], _new: bool, at: str) -> dict[str, Any]:
    if not value.get("uri") and not value.get("user"):
        raise JsError(f"{at}: an OnlineService needs uri or user", at)
    scheme = value.get("uri", "").partition(":")[0].lower()
    if "vCardName" not in value and scheme in IM_SCHEMES:
        value["vCardName"] = "impp"
    return value


def _day(value: dict[str, Any], _new: bool, at: str) -> dict[str, Any]:
    date = value.get("date") or {}
    if "utc" in date:
        value["date"] = {"@type": "Timestamp", **date}
    else:
        places.partial_date(date, f"{at}/date")
        value["date"] = {"@type": "PartialDate", **date}
    if "place" in value:
        value["place"] = _written(value["place"], places.rank)
    return value


def _organization(value: dict[str, Any], _new: bool, at: str) -> dict[str, Any]:
    if not value.get("name") and not value.get("units"):
        raise JsError(f"{at}: an Organization needs a name or units", at)
    return {key: one for key, one in value.items() if one != []}


_ENTRIES: Final[dict[str, Callable[[dict[str, Any], bool, str], dict[str, Any]]]] = {
    "addresses": _address,
    "titles": _title,
    "phones": _phone,
    "onlineServices": _service,
    "anniversaries": _day,
    "organizations": _organization,
}
_TEXT_KEYS: Final = frozenset({"relatedTo", "members", "keywords"})
MAPS: Final = _TEXT_KEYS | {
    *("nicknames", "organizations", "titles", "emails", "onlineServices", "phones", "preferredLanguages", "calendars"),
    *("schedulingAddresses", "addresses", "cryptoKeys", "directories", "links", "media", "anniversaries", "notes"),
    "personalInfo",
}
