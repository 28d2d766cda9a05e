"""References of one call to the answer of an earlier one (RFC 8620 section 3.7)."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from folkmoot.jmap.protocol.errors import MethodFailed
from folkmoot.jmap.protocol.request import Arguments, Invocation

FOUND_MAX: Final = 100_000  # values that one path leads to
STEPS_MAX: Final = 32  # of a path


class ResultReference(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """Which answer, and where in it."""

    result_of: str
    name: str
    path: str


def resolved(arguments: Arguments, answers: Sequence[Invocation]) -> Arguments:
    """Return the arguments with each ``#name`` replaced by what it refers to.

    Raises:
        MethodFailed: ``invalidArguments`` where an argument stands there twice, ``invalidResultReference`` where a
            reference leads nowhere.
    """
    if not any(name.startswith("#") for name in arguments):
        return arguments
    found: Arguments = {}
    for name, value in arguments.items():
        if not name.startswith("#"):
            found[name] = value
            continue
        if name[1:] in arguments:
            raise MethodFailed("invalidArguments", f"{name[1:]} is given both as a value and as a reference")
        try:
            reference = msgspec.convert(value, ResultReference)
        except msgspec.ValidationError as error:
            raise MethodFailed("invalidResultReference", f"{name}: {error}") from error
        found[name[1:]] = _follow(reference, answers)
    return found


def _follow(reference: ResultReference, answers: Sequence[Invocation]) -> Any:
    answer = next((one for one in answers if one.id == reference.result_of), None)
    if answer is None:
        raise MethodFailed("invalidResultReference", f"no call {reference.result_of[:60]} was answered before")
    if answer.name != reference.name:
        raise MethodFailed("invalidResultReference", f"{reference.result_of[:60]} was answered by {answer.name}")
    return evaluate(answer.arguments, reference.path)


def evaluate(value: Any, path: str) -> Any:
    """Return what a JSON pointer leads to; ``*`` maps over an array, and arrays within arrays become one.

    Raises:
        MethodFailed: ``invalidResultReference``: it leads nowhere.
    """
    if path and not path.startswith("/"):
        raise MethodFailed("invalidResultReference", "a path starts with a slash")
    steps = [step.replace("~1", "/").replace("~0", "~") for step in path.split("/")[1:]]
    if len(steps) > STEPS_MAX:
        raise MethodFailed("invalidResultReference", "the path is too long")
    return _evaluate(value, steps)


def _evaluate(value: Any, steps: list[str]) -> Any:
    for position, step in enumerate(steps):
        if isinstance(value, list | tuple):
            if step == "*":
                found: list[Any] = []
                for one in value:
                    below = _evaluate(one, steps[position + 1 :])
                    found.extend(below) if isinstance(below, list | tuple) else found.append(below)
                    if len(found) > FOUND_MAX:
                        raise MethodFailed("invalidResultReference", "the path leads to too much")
                return found
            if not (step.isascii() and step.isdecimal() and len(step) <= 9 and int(step) < len(value)):  # noqa: PLR2004 - digits
                raise MethodFailed("invalidResultReference", f"there is no element {step[:60]}")
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            raise MethodFailed("invalidResultReference", f"there is no {step[:60]}")
    return value
