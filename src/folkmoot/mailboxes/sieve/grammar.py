"""A Sieve script as commands, tests and arguments (RFC 5228 section 8.2), whatever they mean."""

from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.mailboxes.sieve.tokens import Kind, Token, tokens

DEPTH_MAX: Final = 16  # of tests and blocks; Pigeonhole takes 32, people write three
PARTS_MAX: Final = 50_000  # commands, tests and arguments of a script


@dataclass(frozen=True, slots=True)
class Tag:
    """An argument such as ``:contains``; in lower case."""

    name: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written, such as ``12K``."""

    text: str


Argument = Tag | Number | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """A test; also the head of a command."""

    __test__ = False  # pytest asks

    name: str  # in lower case
    arguments: tuple[Argument, ...] = ()
    tests: tuple["Test", ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command, with its block if it has one."""

    name: str
    arguments: tuple[Argument, ...] = ()
    tests: tuple[Test, ...] = ()
    block: tuple["Command", ...] | None = None
    start: int = field(default=0, compare=False)


def parse(text: str) -> tuple[Command, ...]:
    """Return the commands of a script.

    Raises:
        MalformedInput: no Sieve.
        TooLarge: too long, too deep, or too many parts.
    """
    reader = _Reader(text)
    found = reader.commands(0)
    if reader.next.kind is not Kind.END:
        raise MalformedInput(f"not Sieve: {reader.next.text!r:.20} at character {reader.next.start}")
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = tokens(text)
        self._parts = 0
        self.next: Token = next(self._tokens)

    def commands(self, depth: int) -> tuple[Command, ...]:
        if depth > DEPTH_MAX:
            raise TooLarge(f"a script has at most {DEPTH_MAX} levels")
        found = []
        while self.next.kind is Kind.NAME:
            start = self.next.start
            head = self._test(depth)
            block = None
            if self._is("{"):
                block = self.commands(depth + 1)
                self._expect("}")
            else:
                self._expect(";")
            found.append(Command(head.name, head.arguments, head.tests, block, start))
        return tuple(found)

    def _test(self, depth: int) -> Test:
        if depth > DEPTH_MAX:
            raise TooLarge(f"a script has at most {DEPTH_MAX} levels")
        name = self._take().text.lower()
        arguments = []
        while (argument := self._argument()) is not None:
            arguments.append(argument)
        tests: list[Test] = []
        if self.next.kind is Kind.NAME:
            tests.append(self._test(depth + 1))
        elif self._is("("):
            tests.append(self._test(depth + 1))
            while self._is(","):
                tests.append(self._test(depth + 1))
            self._expect(")")
        return Test(name, tuple(arguments), tuple(tests))

    def _argument(self) -> Argument | None:
        match self.next.kind:
            case Kind.TAG:
                return Tag(self._take().text[1:].lower())
            case Kind.NUMBER:
                return Number(self._take().text)
            case Kind.STRING:
                return self._take().text
            case Kind.MARK if self._is("["):
                strings = [self._string()]
                while self._is(","):
                    strings.append(self._string())
                self._expect("]")
                return tuple(strings)
        return None

    def _string(self) -> str:
        if self.next.kind is not Kind.STRING:
            raise MalformedInput(f"not Sieve: expected a string at character {self.next.start}")
        return self._take().text

    def _is(self, mark: str) -> bool:
        if self.next.kind is Kind.MARK and self.next.text == mark:
            self._take()
            return True
        return False

    def _expect(self, mark: str) -> None:
        if not self._is(mark):
            raise MalformedInput(f"not Sieve: expected {mark} at character {self.next.start}")

    def _take(self) -> Token:
        token = self.next
        if token.kind is Kind.END:
            raise MalformedInput("not Sieve: it ends too early")
        self._parts += 1
        if self._parts > PARTS_MAX:
            raise TooLarge(f"a script has at most {PARTS_MAX} words")
        self.next = next(self._tokens)
        return token
