"""A filter as Sieve."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from folkmoot.mailboxes.sieve.quoting import quoted, string
from folkmoot.mailboxes.sieve.surroundings import Surroundings
from folkmoot.mailboxes.sieve.values import Action, Field, Filter, Match, Method, Rule

REGEX: Final = ':regex :comparator "i;octet"'  # Cyrus takes no other comparator
INDENT: Final = "    "
ADDRESSES: Final[Mapping[Field, str]] = MappingProxyType(
    {Field.FROM: '"from"', Field.TO: '"to"', Field.CC: '"cc"', Field.TO_OR_CC: '["to", "cc"]'}
)
FLAGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "seen": "\\Seen",
        "deleted": "\\Deleted",
        "answered": "\\Answered",
        "flagged": "\\Flagged",
        "draft": "\\Draft",
        "junk": "Junk",
        "not_junk": "NotJunk",
    }
)
Need = Callable[[str], None]


def filter_text(wanted: Filter, around: Surroundings, need: Need) -> str:
    """Return a filter, and tell ``need`` which extensions it uses, in order."""
    if wanted.match is Match.EVERYTHING:
        return "".join(_action(action, around, need) for action in wanted.actions)
    tests = ", ".join([_test(rule, need) for rule in wanted.rules])
    actions = "".join([_action(action, around, need) for action in wanted.actions])
    return f"if {wanted.match.value}of ({tests}) {{\r\n{actions}}}\r\n"


def flag_extension(around: Surroundings) -> str:
    """Return the extension for flags: that of RFC 5232, or of old Cyrus the draft before it."""
    return "imap4flags" if "imap4flags" in around.capabilities else "imapflags"


def _test(rule: Rule, need: Need) -> str:
    name, is_not, _ = rule.operator.partition("_not")
    if rule.field is Field.BODY:
        need("body")
    if name == "regex":
        need("regex")
    how = REGEX if name == "regex" else f":{name}"
    said = "not " if is_not else ""
    match rule.field:
        case Field.SIZE:
            return f"{said}size {how} {rule.value}K"
        case Field.BODY:
            return f"{said}body :text {how} {string(rule.value)}"
        case Field.HEADER:
            return f"{said}header {how} {quoted(rule.header)} {string(rule.value)}"
        case Field.SUBJECT:
            return f'{said}header {how} "subject" {string(rule.value)}'
        case _:
            return f"{said}address {how} {ADDRESSES[rule.field]} {string(rule.value)}"


def _action(action: Action, around: Surroundings, need: Need) -> str:
    argument = action.argument
    match action.method:
        case Method.ADD_FLAG:
            need(flag_extension(around))
            said = " " + quoted(FLAGS.get(argument, argument))
        case Method.FILE_INTO:
            need("fileinto")
            said = " " + quoted(argument.replace("/", around.separator))
        case Method.REJECT:
            need("reject")
            said = " " + string(argument)
        case Method.REDIRECT:
            said = " " + quoted(argument)
        case _:
            said = ""
    return f"{INDENT}{action.method.value}{said};\r\n"
