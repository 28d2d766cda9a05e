"""The documentation is complete and true, as far as a program can tell."""

import re
from pathlib import Path

import pytest

from folkmoot.tool.main import COMMANDS
from tests.tidy.test_repository import ROOT, tracked

ROOMS = [path.parent for path in tracked("src/folkmoot/*/__init__.py")]
CONFORMANCE = sorted((ROOT / "docs/conformance").glob("*.md"))
SOGO = (ROOT / "docs/conformance/sogo.md").read_text().splitlines()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented(name: str) -> None:
    assert f"`folkmoot {name}" in (ROOT / "docs/admin/commands.md").read_text()


@pytest.mark.parametrize("page", tracked("*.md"), ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text()):
        assert (page.parent / link).exists(), link


def test_every_page_is_reached_from_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text()
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").glob("*/*.md")}
    unreached = {
        page for page in pages - set(re.findall(r"\]\(([^)#\s]+)", index)) if not page.startswith("conformance/")
    }
    assert unreached == set(), "a directory of tables is one entry, all others are named"


@pytest.mark.parametrize("table", CONFORMANCE, ids=lambda table: table.name)
def test_what_a_conformance_table_names_exists(table: Path) -> None:
    for named in re.findall(r"`((?:src/folkmoot|tests|folkmoot|[a-z]+)/[\w./-]+\.(?:py|txt))", table.read_text()):
        places = (ROOT / named, ROOT / "src" / named, ROOT / "src/folkmoot" / named, ROOT / "tests" / named)
        assert any(place.exists() for place in places), named


@pytest.mark.parametrize("row", [line for line in SOGO if "test_" in line])
def test_a_row_of_sogos_table_names_tests_that_exist(row: str) -> None:
    cell = row.rpartition(" | ")[2] if row.startswith("|") else ""
    for name, words in re.findall(r"`((?:tests/)?[\w/]*test_\w+\.py)`((?: \w+_\w+,?)*)", cell):
        path = ROOT / name if name.startswith("tests/") else ROOT / "tests/dav" / name
        tests = " ".join(re.findall(r"def test_(\w+)", path.read_text()))
        assert [word for word in re.findall(r"\w+", words) if word not in tests] == [], name
    for case in re.findall(r"`([\w.]+(?:-[\w.]+)+)`", cell):
        golden = ROOT / "tests/scheduling/golden"
        assert any(golden.glob(f"*/{case}*")), case


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_a_page_and_a_place_in_the_architecture(room: Path) -> None:
    assert (room / "__init__.py").read_text().startswith('"""'), "the docstring of a room is its page"
    if room.parent.name == "folkmoot":
        assert re.search(rf"^.*\b{room.name}\b", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(
    "path", tracked("*.md", "*.toml", "*.sh", "*.conf", "run", "test", "scripts/*", "requirements/*")
)
def test_no_file_names_places_of_one_machine(path: Path) -> None:
    text = path.read_text("utf-8", "replace")
    found = re.findall(r"(?<![\w.])/(?:work|root|home/\w+|opt/(?:pypi|wheels))/\S*", text)
    assert not found
