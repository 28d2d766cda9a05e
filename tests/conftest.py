"""What every test shares: the async backend, the property-test profiles, and no way out of this machine."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from folkmoot.database import Database, migrate

# Rewriting the assertions of all tests anew takes a process longer than any test, and so does compiling the server for
# each that is started: both are kept, also where the environment says otherwise.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, never bound

settings.register_profile(
    "fast", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("nightly", settings.get_profile("fast"), max_examples=20_000)
settings.load_profile(os.environ.get("FOLKMOOT_HYPOTHESIS_PROFILE", "fast"))


def _stay_on_this_machine(event: str, arguments: tuple[object, ...]) -> None:
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
        raise RuntimeError(f"a test tried to reach {address!r}")


sys.addaudithook(_stay_on_this_machine)


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio, as the server does."""
    return "asyncio"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database on SQLite, made once; tests copy it."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"

    async def make() -> None:
        async with await Database.open(f"sqlite:///{path}") as database:
            await migrate(database)

    asyncio.run(make())
    return path
