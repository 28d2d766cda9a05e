"""The services of mail on the run's Dovecot."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.dovecot import dovecot
from tests.support.mailboxes import Mail, mail_on
from tests.support.outgoing import Post, post_on
from tests.support.servers import database, empty_url, mariadb_server, postgresql_server
from tests.support.smtp import MailServer, mail_server

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


@pytest.fixture
async def smtp() -> AsyncIterator[MailServer]:
    """An SMTP server that keeps what it gets, or fails as a test says."""
    async with mail_server() as server:
        yield server


@pytest.fixture
async def post(migrated_file: Path, tmp_path: Path, smtp: MailServer) -> AsyncIterator[Post]:
    """The services that send, through that server."""
    async with post_on(dovecot(), migrated_file, tmp_path, smtp.url) as opened:
        yield opened
