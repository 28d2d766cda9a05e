"""The services of mail on the run's Dovecot."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.dovecot import dovecot
from tests.support.mailboxes import Mail, mail_on
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server

__all__ = ["database", "empty_url", "mariadb_server", "postgresql_server"]


@pytest.fixture
async def mail(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Mail]:
    """The services, signed in to with each caller's own password."""
    async with mail_on(dovecot(), migrated_file, tmp_path) as opened:
        yield opened


@pytest.fixture
async def master_mail(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Mail]:
    """The services, signed in to by a master user."""
    master = {
        "credentials": "master",
        "master_user_name": "master",
        "master_user_password": "mastersecret",
    }
    async with mail_on(dovecot(), migrated_file, tmp_path, imap=master) as opened:
        yield opened
