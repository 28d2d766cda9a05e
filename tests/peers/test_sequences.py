"""What clients ask of a server, in their order and with their words, sent with curl."""

from pathlib import Path

import pytest

from tests.support.folkmoot import Folkmoot, Person
from tests.support.sequences import play

pytestmark = pytest.mark.peers

SEQUENCES = sorted(Path(__file__).with_name("sequences").glob("*.txt"))


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda path: path.stem)
def test_the_client_gets_what_it_needs(sequence: Path, folkmoot: Folkmoot, person: Person, home: Path) -> None:
    text = sequence.read_text("utf-8")
    somebody = folkmoot.add(Person(f"{person.login}@example.org")) if "{quoted}" in text else person
    play(text, folkmoot, somebody, home)
