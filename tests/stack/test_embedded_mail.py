"""The private Dovecot of a running server: who signs in, what is delivered, and what survives."""

import asyncio
import base64
import imaplib
import os
import re
import signal
import smtplib
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from folkmoot.auth.mail_tokens import open_mail_tokens
from folkmoot.core.clock import SystemClock
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database
from tests.support.folkmoot import ANNA, BERT, CARL, Folkmoot, Person, running

pytestmark = pytest.mark.live

SOON_SECONDS = 15


@pytest.fixture(scope="module", params=["", "nobody"], ids=["as the tests' user", "as an ordinary user"])
def folkmoot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folkmoot]:
    if request.param and os.geteuid() != 0:
        pytest.skip("the other run was as an ordinary user")
    with running(
        tmp_path_factory.mktemp("mail"), mail=True, user=request.param, settings="NGLogDefaultLogLevel = debug;"
    ) as server:
        yield server


_clients: list[imaplib.IMAP4] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _clients:
        _clients.pop().shutdown()


def connected(folkmoot: Folkmoot) -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", folkmoot.mail.ports.imap)
    _clients.append(client)
    return client


def imap(folkmoot: Folkmoot, person: Person, password: str | None = None) -> imaplib.IMAP4:
    client = connected(folkmoot)
    secret = (password or person.password).encode()
    client.authenticate("PLAIN", lambda _: b"\0" + person.login.encode() + b"\0" + secret)
    return client


def letter(subject: str, sender: str = "someone@example.net", text: str = "Hello.") -> bytes:
    return f"From: {sender}\r\nTo: you@example.org\r\nSubject: {subject}\r\n\r\n{text}\r\n".encode()


def found(client: imaplib.IMAP4, mailbox: str, subject: str) -> bool:
    client.select(mailbox, readonly=True)
    return client.search(None, "SUBJECT", f'"{subject}"')[1] != [b""]


def soon(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it has not happened"
        time.sleep(0.1)


def submission(folkmoot: Folkmoot, person: Person) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", folkmoot.mail.ports.submission)
    client.ehlo()
    plain = base64.b64encode(f"\0{person.login}\0{person.password}".encode()).decode()
    assert client.docmd("AUTH", f"PLAIN {plain}")[0] == 235
    return client


def token(folkmoot: Folkmoot, person: Person) -> str:
    async def mint() -> str:
        async with await Database.open(folkmoot.database, pool_size=1) as database:
            tokens = await open_mail_tokens(database)
            return tokens.mint(PrincipalId(person.login), "background", SystemClock().milliseconds())

    return asyncio.run(mint())


def test_people_sign_in_with_their_passwords_and_find_their_folders(folkmoot: Folkmoot) -> None:
    client = imap(folkmoot, ANNA)
    listed = [line.decode() for line in client.list()[1] if isinstance(line, bytes)]
    for name in ("Drafts", "Sent", "Trash", "Junk"):
        assert any(f"\\{name}" in line and line.endswith(name) for line in listed)
    assert {"SORT", "THREAD=REFERENCES", "CONDSTORE", "MOVE", "ACL", "QUOTA", "METADATA", "NOTIFY"} <= set(
        client.capability()[1][0].decode().split()
    )


def test_a_wrong_password_is_refused(folkmoot: Folkmoot) -> None:
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        imap(folkmoot, ANNA, "another")


def test_a_token_opens_one_mailbox_and_no_other(folkmoot: Folkmoot) -> None:
    secret = token(folkmoot, ANNA)
    client = connected(folkmoot)
    client.authenticate("XOAUTH2", lambda _: f"user=anna\1auth=Bearer {secret}\1\1".encode())
    assert client.select()[0] == "OK"
    other = connected(folkmoot)
    with pytest.raises(imaplib.IMAP4.error):
        other.authenticate("XOAUTH2", lambda _: f"user=bert\1auth=Bearer {secret}\1\1".encode())


def test_mail_is_delivered_to_addresses_with_and_without_a_detail(folkmoot: Folkmoot) -> None:
    folkmoot.deliver(letter("plain"), ANNA.mail)
    folkmoot.deliver(letter("detailed"), "anna+lists@example.org")
    folkmoot.deliver(letter("in capitals"), "ANNA@Example.ORG")
    folkmoot.deliver(letter("login is address"), CARL.mail)
    client = imap(folkmoot, ANNA)
    assert all(found(client, "INBOX", subject) for subject in ("plain", "detailed", "in capitals"))
    assert found(imap(folkmoot, CARL), "INBOX", "login is address")


def test_mail_for_nobody_is_refused_and_somebody_new_gets_it_at_once(folkmoot: Folkmoot) -> None:
    new = Person(f"newcomer{'x' if folkmoot.user else ''}")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        folkmoot.deliver(letter("too early"), new.mail)
    folkmoot.add(new)
    folkmoot.deliver(letter("welcome"), new.mail)
    assert found(imap(folkmoot, new), "INBOX", "welcome")


def test_what_one_person_submits_another_gets(folkmoot: Folkmoot) -> None:
    with submission(folkmoot, ANNA) as client:
        client.sendmail(ANNA.mail, [BERT.mail, CARL.mail], letter("from anna", ANNA.mail, ".dots\r\n..and more"))
    bert = imap(folkmoot, BERT)
    assert found(bert, "INBOX", "from anna")
    assert found(imap(folkmoot, CARL), "INBOX", "from anna")
    number = bert.search(None, "SUBJECT", '"from anna"')[1][0].split()[-1]
    body = bert.fetch(number.decode(), "(BODY.PEEK[TEXT])")[1][0]
    assert isinstance(body, tuple)
    assert body[1] == b".dots\r\n..and more\r\n"


def test_nobody_submits_as_somebody_else(folkmoot: Folkmoot) -> None:
    with submission(folkmoot, ANNA) as client, pytest.raises(smtplib.SMTPResponseException) as refused:
        client.sendmail(BERT.mail, [CARL.mail], letter("forged"))
    assert refused.value.smtp_code == 553


@pytest.mark.parametrize("option", ["AUTH={}", "AUTH=<{}>", "SIZE=5 AUTH={}"])
def test_nobody_says_to_be_somebody_else_in_an_envelope(folkmoot: Folkmoot, option: str) -> None:
    with submission(folkmoot, ANNA) as client:  # Dovecot tells the relay for whom it speaks by this parameter
        for bert in (BERT.login, BERT.mail):
            code, _ = client.docmd("MAIL", f"FROM:<{BERT.mail}> {option.format(bert)}")
            assert code >= 500
            client.rset()
        assert client.docmd("MAIL", f"FROM:<{ANNA.mail}> {option.format(BERT.login)}")[0] in {250, 501}


def test_mail_does_not_leave_the_machine(folkmoot: Folkmoot) -> None:
    with submission(folkmoot, ANNA) as client, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        client.sendmail(ANNA.mail, ["someone@example.net"], letter("outside"))
    assert refused.value.recipients["someone@example.net"][0] == 550


def test_the_relay_wants_a_sign_in_from_strangers(folkmoot: Folkmoot) -> None:
    with smtplib.SMTP("127.0.0.1", folkmoot.mail.ports.relay) as client:
        client.ehlo()
        stranger = client.mail(ANNA.mail)[0]
    assert stranger == (530 if folkmoot.user or os.geteuid() == 0 else 250)


def test_folkmoot_itself_sends_with_a_token(folkmoot: Folkmoot) -> None:
    secret = token(folkmoot, BERT)
    with smtplib.SMTP("127.0.0.1", folkmoot.mail.ports.relay) as client:
        client.ehlo()
        client.auth("XOAUTH2", lambda _challenge=None: f"user=bert\1auth=Bearer {secret}\1\1")
        client.sendmail(BERT.mail, [ANNA.mail], letter("by token", BERT.mail))
    assert found(imap(folkmoot, ANNA), "INBOX", "by token")


def sieve(folkmoot: Folkmoot, person: Person, script: str) -> None:
    """Put a script and activate it, by ManageSieve."""
    plain = base64.b64encode(f"\0{person.login}\0{person.password}".encode()).decode()
    octets = script.encode()
    with socket.create_connection(("127.0.0.1", folkmoot.mail.ports.sieve), 10) as connection:
        stream = connection.makefile("rwb")

        def answer() -> None:
            while not (line := stream.readline()).startswith((b"OK", b"NO", b"BYE")):
                assert line
            assert line.startswith(b"OK"), line

        answer()
        for command in (
            f'AUTHENTICATE "PLAIN" "{plain}"\r\n'.encode(),
            b'PUTSCRIPT "own" {%d+}\r\n%s\r\n' % (len(octets), octets),
            b'SETACTIVE "own"\r\n',
        ):
            stream.write(command)
            stream.flush()
            answer()


def test_sieve_files_answers_and_forwards(folkmoot: Folkmoot) -> None:
    sieve(
        folkmoot,
        CARL,
        'require ["fileinto", "mailbox", "vacation", "copy"];\r\n'
        'if header :contains "subject" "bills" { fileinto :create "Bills/2026"; }\r\n'
        'if header :contains "subject" "away" { vacation :days 1 :subject "I am away" "Back soon."; }\r\n'
        'if header :contains "subject" "pass on" { redirect :copy "bert@example.org"; }\r\n',
    )
    folkmoot.deliver(letter("bills of May"), CARL.mail)
    carl = imap(folkmoot, CARL)
    assert found(carl, "Bills/2026", "bills of May")
    asking = f"From: anna@example.org\r\nTo: {CARL.mail}\r\nSubject: are you away?\r\n\r\nWell?\r\n".encode()
    folkmoot.deliver(asking, CARL.mail, sender=ANNA.mail)
    folkmoot.deliver(letter("pass on"), CARL.mail)
    soon(lambda: found(imap(folkmoot, ANNA), "INBOX", "I am away"))
    soon(lambda: found(imap(folkmoot, BERT), "INBOX", "pass on"))


def test_what_a_filter_has_marked_as_junk_goes_to_junk(folkmoot: Folkmoot) -> None:
    folkmoot.deliver(b"X-Spam-Flag: YES\r\n" + letter("buy this"), BERT.mail)
    assert found(imap(folkmoot, BERT), "Junk", "buy this")


def test_the_server_is_told_what_happens_to_mailboxes(folkmoot: Folkmoot) -> None:
    def told(event: str, mailbox: str) -> Callable[[], bool]:
        pattern = re.compile(rf"mailbox user=anna did={event} mailbox={mailbox} uid=[0-9]+")
        return lambda: bool(pattern.search(folkmoot.log))

    folkmoot.deliver(letter("told of"), ANNA.mail)
    soon(told("MessageNew", "INBOX"))
    client = imap(folkmoot, ANNA)
    client.create("Told")
    client.append("Told", None, None, letter("appended"))
    soon(told("MessageAppend", "Told"))
    client.select("Told")
    client.store("1", "+FLAGS", "\\Flagged")
    soon(told("FlagsSet", "Told"))
    client.store("1", "+FLAGS", "\\Deleted")
    client.expunge()
    soon(told("MessageExpunge", "Told"))


def test_a_folder_that_is_shared_shows_at_the_other_person(folkmoot: Folkmoot) -> None:
    owner = imap(folkmoot, ANNA)
    owner.create("Projects")
    assert owner.setacl("Projects", BERT.login, "lrwstipekx")[0] == "OK"
    folkmoot.deliver(letter("for the project"), ANNA.mail)
    owner.append("Projects", None, None, letter("shared"))
    guest = imap(folkmoot, BERT)
    assert found(guest, "shared/anna/Projects", "shared")
    assert "shared/anna/Projects" in str(guest.list())


def test_the_calls_do_not_exist_without_the_secret(folkmoot: Folkmoot) -> None:
    form = {"grant_type": "password", "username": ANNA.login, "password": ANNA.password}
    for base in (folkmoot.url, f"http://127.0.0.1:{folkmoot.mail.ports.calls}"):
        for path in ("login", "person", "delivered", "other"):
            wrong = {"Authorization": "Bearer wrong"}
            assert httpx.post(f"{base}/.folkmoot/mail/{path}", data=form, headers=wrong).status_code == 404


def test_a_killed_dovecot_is_back_soon_and_has_lost_nothing(folkmoot: Folkmoot) -> None:
    folkmoot.deliver(letter("before the crash"), BERT.mail)
    master = int((folkmoot.mail.base / "master.pid").read_text())
    os.kill(master, signal.SIGKILL)
    soon(lambda: not Path(f"/proc/{master}").exists())
    soon(folkmoot.mail_ready)
    folkmoot.deliver(letter("after the crash"), BERT.mail)
    bert = imap(folkmoot, BERT)
    assert found(bert, "INBOX", "before the crash")
    assert found(bert, "INBOX", "after the crash")


def test_mail_goes_on_after_the_server_was_killed_and_started_again(folkmoot: Folkmoot) -> None:
    before = folkmoot.mail.ports
    folkmoot.deliver(letter("before the kill"), BERT.mail)
    os.kill(folkmoot.pids[0], signal.SIGKILL)
    folkmoot.kill()
    folkmoot.start()
    folkmoot.wait_for_mail()
    assert folkmoot.mail.ports == before
    folkmoot.deliver(letter("after the kill"), BERT.mail)
    bert = imap(folkmoot, BERT)
    assert found(bert, "INBOX", "before the kill")
    assert found(bert, "INBOX", "after the kill")


def test_new_settings_are_taken_over_while_it_runs(folkmoot: Folkmoot) -> None:
    configuration = folkmoot.directory / "sogo.conf"
    configuration.write_text(
        configuration.read_text().rstrip().removesuffix("}") + "FolkmootEmbeddedMailQuota = 77;\n}\n"
    )
    os.kill(folkmoot.pids[0], signal.SIGHUP)

    def told() -> bool:
        with suppress(imaplib.IMAP4.error):  # as it reads its configuration again
            return "78848" in str(imap(folkmoot, ANNA).getquotaroot("INBOX"))
        return False

    soon(told)


def test_stopping_leaves_no_process(folkmoot: Folkmoot) -> None:
    master = int((folkmoot.mail.base / "master.pid").read_text())
    session = os.getsid(master)
    folkmoot.stop()
    soon(lambda: not _of_session(session))
    folkmoot.start()
    folkmoot.wait_for_mail()


def _of_session(session: int) -> list[str]:
    """Return the processes of a session, without those that are dead and not buried yet."""
    found = []
    for path in Path("/proc").iterdir():
        with suppress(OSError):
            if path.name.isdigit() and os.getsid(int(path.name)) == session:
                found += [line for line in (path / "status").read_text().splitlines() if line.startswith("State")]
    return [state for state in found if "zombie" not in state]
