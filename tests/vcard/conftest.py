from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "vcard"


@pytest.fixture
def fixture_octets() -> dict[str, bytes]:
    """Every vCard fixture by file name."""
    return {path.name: path.read_bytes() for path in sorted(FIXTURES.glob("*.vcf"))}


@pytest.fixture
def fixtures_path() -> Path:
    return FIXTURES
