"""jmaplib and jmapc, unmodified: mail read, searched, written and sent, contacts and calendars, over TLS."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.folkmoot import Folkmoot, Person, running
from tests.support.peers import peer, run
from tests.support.servers import free_port
from tests.support.tls_front import make_certificate, tls_front

pytestmark = pytest.mark.peers

SCRIPT = Path(__file__).with_name("scripts") / "jmap_session.py"
SESSIONS = re.findall(r"^        (\w+),$", SCRIPT.read_text(), re.MULTILINE)
EVA = Person("eva", "boats and kites")


@pytest.fixture(scope="module")
def front() -> int:
    return free_port()


@pytest.fixture(scope="module")
def mail_house(tmp_path_factory: pytest.TempPathFactory, front: int) -> Iterator[Folkmoot]:
    settings = f'FolkmootPublicURL = "https://localhost:{front}";'
    with running(tmp_path_factory.mktemp("jmap"), mail=True, settings=settings, people=(EVA,)) as folkmoot:
        yield folkmoot


@pytest.mark.parametrize("session", SESSIONS)
def test_the_session_runs_to_its_end(session: str, mail_house: Folkmoot, front: int, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    trusted = f"{certificate}.crt"
    with tls_front(certificate, front, mail_house.port):
        run(
            *(peer("python"), str(SCRIPT), session, f"localhost:{front}", EVA.login, EVA.password, EVA.mail),
            cwd=tmp_path,
            REQUESTS_CA_BUNDLE=trusted,
            SSL_CERT_FILE=trusted,
        )
