"""Ways to reach somebody, and what they are called and do: one line, one entry (RFC 9553 sections 2.2 to 2.4)."""

import re
from collections.abc import Mapping
from typing import Any, Final

from folkmoot.contentline import Line, escape_text
from folkmoot.jmap.jscontact.sight import Sight, Value, parts, plain
from folkmoot.jmap.jscontact.written import Dialect, Written, structured
from folkmoot.vcard import types
from folkmoot.vcard.moments import basic_stamp, extended_stamp
from folkmoot.vcard.terms import SCHEME_OF_MESSENGER

_FEATURES: Final = {
    "cell": "mobile",
    "voice": "voice",
    "text": "text",
    "msg": "text",
    "video": "video",
    "fax": "fax",
    "pager": "pager",
    "textphone": "textphone",
    "main-number": "main-number",
    "main": "main-number",
}
_FEATURE_WORDS: Final = {"mobile": "cell"}
_SERVICES: Final = {
    "X-AIM": "AIM",
    "X-ICQ": "ICQ",
    "X-JABBER": "Jabber",
    "X-MSN": "MSN",
    "X-YAHOO": "Yahoo",
    "X-SKYPE": "Skype",
    "X-GADUGADU": "Gadu-Gadu",
    "X-GROUPWISE": "GroupWise",
    "X-QQ": "QQ",
}
MESSENGERS: Final = frozenset(SCHEME_OF_MESSENGER)
IM_SCHEMES: Final = frozenset({*SCHEME_OF_MESSENGER.values(), "sip", "sips", "im", "xmpp", "matrix", "irc"})
_TYPE_WORD: Final = re.compile(r"[a-z0-9]{1,30}")
_LEVELS: Final = {"beginner": "low", "average": "medium", "expert": "high"}
_LEVEL_WORDS: Final = {
    "expertise": {"low": "beginner", "medium": "average", "high": "expert"},
    "hobby": {},
    "interest": {},
}


def read_email(line: Line, sight: Sight) -> Value | None:
    """Return an EmailAddress."""
    address = plain(line)
    return sight.common(line, {"address": address}) if address else None


def write_email(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return EMAIL; 3.0's readers want to know that it is of the Internet."""
    words = () if dialect.new else ("internet",)
    return Written([dialect.text("EMAIL", value["address"], of=value, types=words)], value.get("label"))


def read_phone(line: Line, sight: Sight) -> Value | None:
    """Return a Phone."""
    number = plain(line)
    if not number:
        return None
    value: Value = {"number": number}
    if line.has_params:
        features = {}
        for word in types(line):
            feature = _FEATURES.get(word)
            if feature is not None:
                features[feature] = True
        if features:
            value["features"] = features
    return sight.common(line, value)


def write_phone(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return TEL; a number that is a URI says so in 4.0 (RFC 6350 section 6.4.1)."""
    words = [_FEATURE_WORDS.get(feature, feature) for feature in value.get("features") or ()]
    number = value["number"]
    if dialect.new and number[:4].lower() in {"tel:", "sip:"}:
        line = dialect.line("TEL", number, of=value, types=words, params={"VALUE": "uri"})
    else:
        line = dialect.text("TEL", number, of=value, types=words)
    return Written([line], value.get("label"))


def read_nickname(line: Line, sight: Sight) -> Value | None:
    """Return a Nickname; lists are split before."""
    name = plain(line)
    return sight.common(line, {"name": name}) if name else None


def write_nickname(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return NICKNAME."""
    return Written([dialect.text("NICKNAME", value["name"], of=value)])


def read_organization(line: Line, sight: Sight) -> Value | None:
    """Return an Organization."""
    found = [", ".join(part) for part in parts(line)]
    if not any(found):
        return None
    sorted_as = [word.strip() for one in line.param_values("SORT-AS") for word in one.split(",")]
    value: Value = {"name": found[0]} if found[0] else {}
    if sorted_as and sorted_as[0]:
        value["sortAs"] = sorted_as[0]
    units: list[Value] = []
    for place, name in enumerate(found[1:], 1):
        if name:
            units.append({"name": name})
            if len(sorted_as) > place and sorted_as[place]:
                units[-1]["sortAs"] = sorted_as[place]
    if units:
        value["units"] = units
    value = sight.common(line, value)
    value.pop("pref", None)
    return value


def write_organization(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return ORG."""
    units = value.get("units") or []
    names = [value.get("name", ""), *(unit["name"] for unit in units)]
    sort_as = ",".join([value.get("sortAs", ""), *(unit.get("sortAs", "") for unit in units)]).rstrip(",")
    written = structured([[name] if name else [] for name in names])
    return Written([dialect.line("ORG", written, of=value, params={"SORT-AS": sort_as or None})], value.get("label"))


def read_title(line: Line, _: Sight) -> Value | None:
    """Return a Title: TITLE or ROLE."""
    name = plain(line)
    if not name:
        return None
    return {"name": name, "kind": "role"} if line.name == "ROLE" else {"name": name}


def write_title(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return TITLE or ROLE."""
    return Written([dialect.text("ROLE" if value.get("kind") == "role" else "TITLE", value["name"])])


def read_pronouns(line: Line, sight: Sight) -> Value | None:
    """Return Pronouns."""
    text = plain(line)
    return sight.common(line, {"pronouns": text}) if text else None


def write_pronouns(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return PRONOUNS (RFC 9554 section 3.4)."""
    return Written([dialect.text("PRONOUNS", value["pronouns"], of=value)])


def read_language(line: Line, sight: Sight) -> Value | None:
    """Return a LanguagePref."""
    text = plain(line)
    return sight.common(line, {"language": text}) if text else None


def write_language(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return LANG."""
    return Written([dialect.line("LANG", value["language"], of=value)])


def read_messenger(line: Line, sight: Sight) -> Value | None:
    """Return an OnlineService: IMPP, or what came before it, such as X-SKYPE."""
    text = plain(line)
    if not text:
        return None
    if line.name != "IMPP":
        value: Value = {"service": _SERVICES[line.name], "user": text, "vCardName": line.name.lower()}
        return sight.common(line, value)
    value = {"vCardName": "impp", "uri": text}
    service = line.param("SERVICE-TYPE") or line.param("X-SERVICE-TYPE")
    if service:
        value["service"] = service
    if line.param("USERNAME"):
        value["user"] = line.param("USERNAME")
    return sight.common(line, value)


def read_profile(line: Line, sight: Sight) -> Value | None:
    """Return an OnlineService: SOCIALPROFILE (RFC 9554 section 3.5), or Apple's X-SOCIALPROFILE."""
    text = plain(line)
    words = [word for word in types(line) if word not in {"home", "work", "pref"}]
    service = line.param("SERVICE-TYPE") or (words[0] if words else None)
    user = line.param("USERNAME") or line.param("X-USER")
    value: Value = {"service": service} if service else {}
    if (line.param("VALUE") or "").lower() == "text":
        user = text or user
    elif text:
        value["uri"] = text
    if user:
        value["user"] = user
    return sight.common(line, value) if value else None


def write_service(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return IMPP, SOCIALPROFILE, or the property that the entry came from."""
    origin = (value.get("vCardName") or "").upper()
    service, user, address = value.get("service"), value.get("user"), value.get("uri")
    if origin in MESSENGERS:
        line = dialect.text(origin, user or address or "", of=value)
    elif origin == "IMPP" and address:
        name = "SERVICE-TYPE" if dialect.new else "X-SERVICE-TYPE"
        line = dialect.line("IMPP", address, of=value, params={name: service, "USERNAME": user})
    else:
        property_ = "SOCIALPROFILE" if dialect.new else "X-SOCIALPROFILE"
        word = (service or "").lower()
        words = (word,) if not dialect.new and _TYPE_WORD.fullmatch(word) and word not in {"home", "work"} else ()
        told = None if words == (service,) else service
        if address:
            account = {"USERNAME" if dialect.new else "X-USER": user}
            line = dialect.line(property_, address, of=value, types=words, params={"SERVICE-TYPE": told, **account})
        else:
            params = {"SERVICE-TYPE": told, "VALUE": "text"}
            line = dialect.text(property_, user or "", of=value, types=words, params=params)
    return Written([line], value.get("label"))


def read_note(line: Line, _: Sight) -> Value | None:
    """Return a Note."""
    text = plain(line)
    if not text:
        return None
    value: Value = {"note": text}
    if line.has_params:
        author = {key: one for key, one in (("name", line.param("AUTHOR-NAME")), ("uri", line.param("AUTHOR"))) if one}
        if author:
            value["author"] = author
        stamp = extended_stamp(line.param("CREATED") or "")
        if stamp is not None and stamp.endswith("Z"):
            value["created"] = stamp
    return value


def write_note(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return NOTE, with who wrote it and when (RFC 9554 section 4)."""
    author = value.get("author") or {}
    params = {
        "AUTHOR-NAME": author.get("name"),
        "AUTHOR": author.get("uri"),
        "CREATED": basic_stamp(value.get("created") or ""),
    }
    return Written([dialect.text("NOTE", value["note"], params=params)])


def read_personal(line: Line, sight: Sight) -> Value | None:
    """Return a PersonalInfo: EXPERTISE, HOBBY or INTEREST (RFC 6715)."""
    text = plain(line)
    if not text:
        return None
    value: Value = {"kind": line.name.lower(), "value": text}
    level = (line.param("LEVEL") or "").lower()
    level = _LEVELS.get(level, level)
    if level in {"high", "medium", "low"}:
        value["level"] = level
    place = line.param("INDEX") or ""
    if place.isascii() and place.isdigit() and int(place[:9]) > 0:
        value["listAs"] = int(place[:9])
    value = sight.common(line, value)
    value.pop("contexts", None)
    value.pop("pref", None)
    return value


def write_personal(value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return EXPERTISE, HOBBY or INTEREST."""
    level = value.get("level")
    words = _LEVEL_WORDS.get(value["kind"], {})
    place = value.get("listAs")
    params = {"LEVEL": level and words.get(level, level), "INDEX": None if place is None else str(place)}
    return Written([dialect.text(value["kind"].upper(), value["value"], params=params)], value.get("label"))


def read_relation(line: Line, sight: Sight) -> tuple[str, Value] | None:
    """Return a key and its Relation: RELATED, or Apple's X-ABRELATEDNAMES."""
    text = plain(line)
    if not text:
        return None
    if line.name == "RELATED":
        words = [word for word in types(line) if word != "pref"]
    else:
        label = sight.label(line)
        words = [label.lower()] if label else []
    return text, {"relation": dict.fromkeys(words, True)} if words else {}


def write_relation(key: str, value: Mapping[str, Any], dialect: Dialect) -> Written:
    """Return RELATED; names of 3.0 stand where Apple's devices look for them."""
    words = list(value.get("relation") or ())
    is_uri = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", key) is not None
    if not dialect.new and not is_uri and len(words) == 1:
        return Written([Line("X-ABRELATEDNAMES", escape_text(key))], f"_$!<{words[0].capitalize()}>!$_")
    if is_uri:
        return Written([dialect.line("RELATED", key, types=words)])
    return Written([dialect.text("RELATED", key, types=words, params={"VALUE": "text"})])
