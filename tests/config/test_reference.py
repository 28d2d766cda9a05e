"""The manual's list of parameters: complete, each once, and up to date."""

import re
from collections import Counter
from pathlib import Path

import pytest

from folkmoot.config.check import check
from folkmoot.config.declaring import parameters_of
from folkmoot.config.legacy import ACCEPTED, REMOVED
from folkmoot.config.reference import settings_page
from folkmoot.config.settings import SECTIONS, Settings
from folkmoot.config.sources import LdapSource, SqlSource
from folkmoot.config.tree import DOMAINS_KEY

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "config"
DECLARED = [parameter for section in SECTIONS.values() for _, parameter in parameters_of(section)]


def test_every_parameter_of_sogo_is_known() -> None:
    known = {parameter.key for parameter in DECLARED} | set(ACCEPTED) | set(REMOVED) | {DOMAINS_KEY}
    assert set((FIXTURES / "sogo_parameters.txt").read_text().split()) - known == set()


def test_every_key_of_a_user_source_is_known() -> None:
    known = {parameter.key for kind in (SqlSource, LdapSource) for _, parameter in parameters_of(kind)} | {"type"}
    assert set((FIXTURES / "sogo_source_keys.txt").read_text().split()) - known == set()


def test_every_parameter_is_declared_once() -> None:
    names = Counter(name for parameter in DECLARED for name in (parameter.key, *parameter.aliases))
    names.update([*ACCEPTED, *REMOVED])
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("parameter", DECLARED, ids=lambda parameter: parameter.key)
def test_every_parameter_is_documented_by_a_sentence(parameter: object) -> None:
    doc: str = getattr(parameter, "doc", "")
    assert doc.endswith((".", "`")), doc
    assert doc[0].isupper() or doc[0] == "`"


def test_every_section_is_a_field_of_the_settings() -> None:
    tree = Settings()
    assert {name: type(getattr(tree, name)) for name in SECTIONS} == dict(SECTIONS)


def test_the_page_in_the_manual_is_up_to_date() -> None:
    page = (ROOT / "docs" / "admin" / "settings.md").read_text()
    assert page == settings_page(), "run: python -m folkmoot.config.reference > docs/admin/settings.md"


def test_a_file_with_every_parameter_in_it_has_no_unknown_key() -> None:
    names = (FIXTURES / "sogo_parameters.txt").read_text().split()
    report = check("{" + "".join(f"{name} = x;\n" for name in names) + "}")
    assert [fault for fault in report.faults if "unknown key" in fault.message] == []


def test_what_is_called_served_is_read_by_some_room() -> None:
    rooms = [path for path in (ROOT / "src" / "folkmoot").glob("*/**/*.py") if "config" not in path.parts]
    text = "\n".join(path.read_text() for path in rooms)
    sections = [*SECTIONS.values(), SqlSource]
    served = [field for section in sections for field, parameter in parameters_of(section) if parameter.served]
    assert [field for field in served if not re.search(rf"\.{field}\b", text)] == []
