"""The corpus: every message of every kind, in a fixed order, the same octets each time."""

from functools import cache

from tests.corpus.kinds import (
    broken,
    broken_bodies,
    carried,
    charsets,
    invitations,
    lists,
    phishing,
    programs,
    reports,
    signed,
    threads,
    vendors,
    winmail,
)
from tests.corpus.sample import Sample

_KINDS = (
    charsets,
    broken,
    broken_bodies,
    vendors,
    programs,
    lists,
    reports,
    signed,
    carried,
    invitations,
    phishing,
    winmail,
    threads,
)


@cache
def samples() -> tuple[Sample, ...]:
    """Return all messages."""
    return tuple(sample for kind in _KINDS for sample in kind.samples())


def sample(name: str) -> Sample:
    """Return the message of this name."""
    return next(one for one in samples() if one.name == name)
