"""A private Postfix on loopback, which hands everything on to another SMTP server, or delivers by LMTP."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

START_SECONDS = 20
_MAIN = """\
compatibility_level = 3.6
service_throttle_time = 1s
queue_directory = {directory}/queue
data_directory = {directory}/data
maillog_file = {directory}/log
maillog_file_prefixes = {directory}
myhostname = mx.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
{route}
smtp_tls_security_level = none
default_database_type = texthash
alias_maps =
alias_database =
local_recipient_maps =
smtpd_recipient_restrictions = check_recipient_access inline:{{
  {{nobody@example.net = 550 5.1.1 nobody here}}, {{busy@example.net = 450 4.2.1 come again}}}} permit_mynetworks reject
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@contextmanager
def running_postfix(next_port: int = 0, *, lmtp: int = 0, domain: str = "example.org") -> Iterator[int]:
    """Start Postfix, yield its port, stop it.

    It hands all on to the server at ``next_port``; with ``lmtp`` it delivers ``domain`` there and knows nobody else.
    """
    if shutil.which("postfix") is None:
        pytest.fail("Postfix is missing: apt-get install postfix")
    if os.geteuid() != 0:
        pytest.skip("Postfix can be started by root only")
    with TemporaryDirectory(prefix="folkmoot-postfix-") as made:
        directory = Path(made)
        directory.chmod(0o755)  # its daemons run as another user
        route = f"relayhost = [127.0.0.1]:{next_port}"
        if lmtp:
            route = f"virtual_mailbox_domains = {domain}\nvirtual_transport = lmtp:inet:127.0.0.1:{lmtp}"
        yield from _run(directory, route)


def _run(directory: Path, route: str) -> Iterator[int]:
    port = _free_port()
    for name in ("etc", "queue", "data"):
        (directory / name).mkdir(mode=0o755)
    shutil.chown(directory / "data", "postfix")
    (directory / "etc/main.cf").write_text(_MAIN.format(directory=directory, route=route))
    (directory / "etc/master.cf").write_text(_MASTER.format(port=port))
    command = ["postfix", "-c", str(directory / "etc")]
    process = subprocess.Popen([*command, "start-fg"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port, directory / "log")
        yield port
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
        process.kill()
        process.wait()


def _wait(port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as connection:
            if connection.recv(3) == b"220":
                return
        time.sleep(0.1)
    pytest.fail(f"Postfix did not start: {log.read_text() if log.exists() else 'it wrote no log'}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
