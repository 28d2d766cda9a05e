"""Password hashes that cost next to nothing, for tests about something else."""

import argon2
import pytest

from folkmoot.directory import crypt3, stretched


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """New hashes take about a millisecond; what is verified keeps the cost it names."""
    make_hashes_cheap(monkeypatch)


def make_hashes_cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the same for a fixture that lives longer than one test."""
    for name, kind in (("_ARGON2ID", argon2.Type.ID), ("_ARGON2I", argon2.Type.I)):
        hasher = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=kind)
        monkeypatch.setattr(stretched, name, hasher)
    monkeypatch.setattr(stretched, "PBKDF2_ROUNDS", 1000)
    monkeypatch.setattr(crypt3, "BCRYPT_COST", 4)
    monkeypatch.setattr(crypt3, "SHA_ROUNDS", 10_000)
