"""The reference of JMAP is what the description of the types says."""

import re

from folkmoot.jmap.capabilities import REGISTRY
from folkmoot.jmap.writing_types import markdown, typescript
from tests.tidy.test_repository import ROOT


def test_the_reference_is_current() -> None:
    told = (ROOT / "docs/developer/jmap-reference.md").read_text()
    assert told == markdown(REGISTRY), "run: folkmoot jmap-types --markdown > docs/developer/jmap-reference.md"


def test_each_interface_is_written_once_and_each_method_has_arguments() -> None:
    written = typescript(REGISTRY)
    interfaces = re.findall(r"^export interface (\w+)", written, re.MULTILINE)
    assert len(interfaces) == len(set(interfaces))
    for method in REGISTRY.methods:
        assert f'"{method}": ' in written
