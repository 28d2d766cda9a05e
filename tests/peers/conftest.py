"""One server for all peers, and somebody new for each test."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.support.folkmoot import CARL, Folkmoot, Person, running

_serial = count(1)


@pytest.fixture(scope="session")
def folkmoot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    """Two workers on SQLite, as somebody who tries the server out has it."""
    with running(tmp_path_factory.mktemp("folkmoot"), people=(CARL,)) as server:
        yield server


@pytest.fixture
def person(folkmoot: Folkmoot) -> Person:
    """Somebody whose collections nobody has touched yet."""
    return folkmoot.add(Person(f"person{next(_serial)}", "secret"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home directory of the programs."""
    return tmp_path
