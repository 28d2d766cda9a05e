"""The house rules that a program can check."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES_MAX = 600  # past 500 look for the second idea
VAGUE = re.compile(r"(?:^|_)(?:managers?|engines?|processors?|helpers?|utils?|misc|impl)(?:_|$)")


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [path for name in listing.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("path", tracked("*.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_says_what_it_is_and_has_a_name_that_means_something(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= LINES_MAX
    if path.is_relative_to(ROOT / "src") and text.strip():
        assert text.startswith(('"""', 'r"""')), "the first line says the module's one idea"
        assert not VAGUE.search(path.stem)


def test_lock_files_pin_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    asked = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", "\n".join(wanted), flags=re.MULTILINE))
    locked = dict(
        re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / "requirements/dev.lock").read_text(), flags=re.MULTILINE)
    )
    assert asked == {name: locked.get(name) for name in asked}, "run scripts/lock"


def test_what_runs_and_what_is_tested_are_the_same_versions() -> None:
    runtime, dev = ((ROOT / f"requirements/{name}.lock").read_text() for name in ("runtime", "dev"))
    pins = re.findall(r"^[a-z0-9.-]+==\S+", runtime, flags=re.MULTILINE)
    assert set(pins) <= set(re.findall(r"^[a-z0-9.-]+==\S+", dev, flags=re.MULTILINE))


def test_lock_files_name_no_index() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        assert not re.search(r"https?://|--index|--find-links|file:", lock.read_text())
