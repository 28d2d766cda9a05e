"""Finding the wishes in a script that ``writing`` has written; any other script is refused.

What a script does not hold is not found: names of filters, what is switched off, times of dates.  Of two wishes that
make the same script the plainer one is found, so a vacation answer that stands alone is not one that goes always.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from folkmoot.core.errors import FolkmootError, MalformedInput
from folkmoot.mailboxes.sieve.filter_texts import FLAGS, INDENT
from folkmoot.mailboxes.sieve.grammar import Command, Number, Tag, Test, parse
from folkmoot.mailboxes.sieve.surroundings import Surroundings
from folkmoot.mailboxes.sieve.values import (
    Action,
    Field,
    Filter,
    Forward,
    Match,
    Method,
    Notification,
    Period,
    Rule,
    Vacation,
    Wishes,
)
from folkmoot.mailboxes.sieve.writing import NOTICE_END, split_template, write

_ZONE: Final = re.compile(r':zone "[+-][0-9]{4}"')
_REQUIRE: Final = re.compile(r"require \[[^\]]*\];\r\n")
_MAILTO: Final = re.compile(r"mailto:([^?]*)\?body=\$\{body_param\}")
_SINGLE: Final = {"subject": Field.SUBJECT, "from": Field.FROM, "to": Field.TO, "cc": Field.CC}


class NotOurs(MalformedInput):
    """Written, or changed, by somebody else."""


def read(text: str, around: Surroundings) -> Wishes:
    """Return the wishes that make exactly this script under these circumstances.

    Raises:
        NotOurs: none do.
    """
    try:
        found = _read(text, around)
        again = write(found, around)
    except NotOurs:
        raise
    except (FolkmootError, ValueError) as error:
        raise NotOurs(f"not a script of ours: {error}") from error
    if _ZONE.sub("", again) != _ZONE.sub("", text):
        raise NotOurs("a script of ours that somebody has changed")
    return found


def _read(text: str, around: Surroundings) -> Wishes:
    require = _REQUIRE.match(text)
    body = text[require.end() :] if require else text
    head, tail = (split_template(part, _ignore) for part in (around.script_header, around.script_footer))
    body = body.removeprefix(head)
    if around.script_footer:
        body = body.removesuffix(f"\n{tail}")
    return _Finder(body, around).wishes()


def _ignore(_extension: str) -> None:
    """Take no note."""


class _Finder:
    """Goes through the commands of one script in order."""

    def __init__(self, text: str, around: Surroundings) -> None:
        self._text = text
        self._around = around
        self._commands = parse(text)
        self._at = 0

    def wishes(self) -> Wishes:
        first = self._steps()
        vacation = self._vacation()
        early = vacation is not None
        filters = self._filters()
        if vacation is None:
            vacation = self._vacation()
        elif not filters:
            early = False
        last = self._steps()
        notification = self._notification()
        if self._at != len(self._commands) or (first and last):
            raise NotOurs("not a script of ours: its parts are in another order")
        forward = _forward(last, always=False)
        if first:
            forward = _forward(first, always=bool(filters or vacation) or (len(first) > 1 and first[0].name == "keep"))
        if vacation is not None and early:
            vacation = _always(vacation)
        return Wishes(tuple(filters), vacation, forward, notification)

    def _next(self) -> Command | None:
        return self._commands[self._at] if self._at < len(self._commands) else None

    def _bare(self, command: Command) -> bool:
        return command.start >= len(INDENT) and self._text.startswith(INDENT, command.start - len(INDENT))

    def _steps(self) -> list[Command]:
        found = []
        while (command := self._next()) and command.name in {"keep", "redirect"} and not self._bare(command):
            found.append(command)
            self._at += 1
        return found

    def _filters(self) -> list[Filter]:
        found: list[Filter] = []
        while command := self._next():
            if command.block is None and self._bare(command):
                actions = []
                while (bare := self._next()) and bare.block is None and self._bare(bare):
                    actions.append(_action(bare, self._around))
                    self._at += 1
                found.append(Filter("", Match.EVERYTHING, (), tuple(actions)))
            elif command.block is not None and not _about_vacation(command) and not _about_notice(command):
                found.append(_filter(command, self._around))
                self._at += 1
            else:
                break
        return found

    def _vacation(self) -> Vacation | None:
        command = self._next()
        if command is None:
            return None
        if command.block is not None and _conditional(command):
            self._at += 1
            return _conditions(command.tests[0].tests, _answer(command.block, self._around))
        if not _about_vacation(command):
            return None
        taken = [command]
        self._at += 1
        if command.name == "if" and (answer := self._next()):
            taken.append(answer)
            self._at += 1
        after = self._next()
        if after is not None and after.name == "discard" and not self._bare(after):
            taken.append(after)
            self._at += 1
        return _answer(taken, self._around)

    def _notification(self) -> Notification | None:
        addresses: list[str] = []
        message = title = ""
        while (command := self._next()) and _about_notice(command):
            four = self._commands[self._at : self._at + 4]
            if [one.name for one in four] != ["if", "if", "set", "notify"] or not (
                four[2].arguments and len(four[3].arguments) > 1
            ):
                raise NotOurs("not a script of ours: another notice")
            message = _said(four[2].arguments[-1])
            title = _said(four[3].arguments[1]).removesuffix(NOTICE_END)
            target = _MAILTO.fullmatch(_said(four[3].arguments[-1]))
            if target is None:
                raise NotOurs("not a script of ours: another notice")
            addresses.append(target[1])
            self._at += 4
        return Notification(tuple(addresses), message, title) if addresses else None


def _always(vacation: Vacation) -> Vacation:
    return Vacation(
        vacation.text,
        vacation.addresses,
        vacation.days,
        vacation.subject,
        vacation.ignore_lists,
        always=True,
        discard=vacation.discard,
        period=vacation.period,
    )


def _forward(steps: Sequence[Command], *, always: bool) -> Forward | None:
    addresses = [_said(step.arguments[0]) for step in steps if step.name == "redirect" and step.arguments]
    keep = any(step.name == "keep" for step in steps)
    if not steps:
        return None
    return Forward(tuple(reversed(addresses) if always else addresses), keep, always)


def _conditional(command: Command) -> bool:
    return bool(command.block) and any(_about_vacation(inner) for inner in command.block or ())


def _about_vacation(command: Command) -> bool:
    if command.name == "vacation" or _conditional(command):
        return True
    return command.block is not None and any(inner.name == "set" for inner in command.block) and _upper(command)


def _about_notice(command: Command) -> bool:
    return command.block is not None and any(inner.name == "set" for inner in command.block) and not _upper(command)


def _upper(command: Command) -> bool:
    """Whether a subject is taken for a vacation answer; notices write the header's name in lower case."""
    return any("Subject" in test.arguments for test in command.tests)


def _answer(commands: Sequence[Command], around: Surroundings) -> Vacation:
    answer = next((command for command in commands if command.name == "vacation"), None)
    if answer is None:
        raise NotOurs("not a script of ours: no vacation answer")
    given = answer.arguments
    named = {tag.name: given[place + 1] for place, tag in enumerate(given[:-1]) if isinstance(tag, Tag)}
    days, subject, addresses = named.get("days"), named.get("subject"), named.get("addresses", ())
    text = _said(given[-1]).removeprefix(around.vacation_header).removesuffix(around.vacation_footer)
    if not isinstance(days, Number) or isinstance(addresses, Tag | Number):
        raise NotOurs("not a script of ours: another vacation answer")
    return Vacation(
        text=text,
        addresses=(addresses,) if isinstance(addresses, str) else addresses,
        days=int(days.text),
        subject=None if not isinstance(subject, str) or subject == (around.default_subject or None) else subject,
        discard=any(command.name == "discard" for command in commands),
    )


def _conditions(tests: Sequence[Test], vacation: Vacation) -> Vacation:
    first = last = start = end = weekdays = None
    flat = [inner for test in tests for inner in (test.tests if test.name == "anyof" else (test,))]
    for test in flat:
        given = test.arguments
        match test.name, given:
            case "currentdate", (Tag("value"), "ge", "date", str(day)):
                first = date.fromisoformat(day)
            case "currentdate", (Tag("value"), "le", "date", str(day)):
                last = date.fromisoformat(day)
            case "currentdate", (Tag("is"), "weekday", tuple(days)):
                weekdays = days
            case "date", (Tag("value"), "ge", Tag("zone"), str(), "date", "time", str(time)):
                start = time[:5]
            case "date", (Tag("value"), "lt", Tag("zone"), str(), "date", "time", str(time)):
                end = time[:5]
    lists = any(test.name == "not" for test in flat)
    return Vacation(
        vacation.text,
        vacation.addresses,
        vacation.days,
        vacation.subject,
        ignore_lists=lists,
        discard=vacation.discard,
        period=Period(first, last, start, end, weekdays),
    )


def _filter(command: Command, around: Surroundings) -> Filter:
    if command.name != "if" or len(command.tests) != 1 or command.tests[0].name not in {"anyof", "allof"}:
        raise NotOurs(f"not a script of ours: {command.name[:40]}")
    outer = command.tests[0]
    actions = tuple(_action(inner, around) for inner in command.block or ())
    return Filter("", Match(outer.name.removesuffix("of")), tuple(map(_rule, outer.tests)), actions)


def _rule(test: Test) -> Rule:
    suffix = ""
    if test.name == "not" and len(test.tests) == 1:
        test, suffix = test.tests[0], "_not"
    given = test.arguments
    if test.name == "body":
        given = given[1:]
    if len(given) < 2 or not isinstance(given[0], Tag):  # noqa: PLR2004 - how, and what with
        raise NotOurs(f"not a script of ours: {test.name[:40]}")
    operator = given[0].name + suffix
    value = given[-1]
    match test.name, value, given[-2]:
        case "size", Number(text), _:
            return Rule(Field.SIZE, operator, text.removesuffix("K"))
        case "body", str(), _:
            return Rule(Field.BODY, operator, value)
        case "header", str(), "subject":
            return Rule(Field.SUBJECT, operator, value)
        case "header", str(), str(header):
            return Rule(Field.HEADER, operator, value, header)
        case "address", str(), ("to", "cc"):
            return Rule(Field.TO_OR_CC, operator, value)
        case "address", str(), str(header) if header in _SINGLE:
            return Rule(_SINGLE[header], operator, value)
    raise NotOurs(f"not a script of ours: {test.name[:40]}")


_FLAG_NAMES: Final = {written: name for name, written in FLAGS.items()}


def _action(command: Command, around: Surroundings) -> Action:
    try:
        method = Method(command.name)
    except ValueError as error:
        raise NotOurs(f"not a script of ours: {command.name[:40]}") from error
    argument = _said(command.arguments[0]) if command.arguments else ""
    if method is Method.ADD_FLAG:
        argument = _FLAG_NAMES.get(argument, argument)
    elif method is Method.FILE_INTO:
        argument = argument.replace(around.separator, "/")
    return Action(method, argument)


def _said(argument: object) -> str:
    if not isinstance(argument, str):
        raise NotOurs("not a script of ours: expected a string")
    return argument
