"""litmus, the WebDAV server test suite, on a collection below a home."""

import re
from pathlib import Path

import pytest

from tests.support.folkmoot import Folkmoot, Person
from tests.support.peers import run
from tests.support.servers import require

pytestmark = pytest.mark.peers

GROUPS = {"basic": 16, "copymove": 13, "props": 30, "locks": 41, "http": 4}  # tests that each group has


@pytest.mark.parametrize("group", GROUPS)
def test_every_test_of_the_group_passes_without_a_warning(
    group: str, folkmoot: Folkmoot, person: Person, home: Path
) -> None:
    url = f"{folkmoot.url}{person.path}/Files/"
    output = run(
        require("litmus", "litmus"), "-k", url, person.login, person.password, cwd=home, status=None, TESTS=group
    )
    verdicts = re.findall(r"\d+\. (\w+)\.* ([A-Za-z][^\r\n]*)", output)
    assert len(verdicts) == GROUPS[group], output
    assert [f"{name}: {verdict}" for name, verdict in verdicts if verdict != "pass"] == [], output
    assert "WARNING" not in output, output
