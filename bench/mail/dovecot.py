"""A Dovecot of the benchmark's own, on loopback, with a storage format of choice."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.mariadb import PASSWORD

FORMATS: Final = {"mdbox": "mdbox:~/mail", "sdbox": "sdbox:~/mail", "maildir": "maildir:~/mail"}
START_SECONDS: Final = 20
# What lists, sorting and threads read; otherwise Dovecot decides by what was asked for during the last week.
CACHE_FIELDS: Final = (
    "flags date.sent date.received date.save size.virtual size.physical mime.parts imap.envelope imap.bodystructure"
    " hdr.date hdr.from hdr.sender hdr.reply-to hdr.to hdr.cc hdr.bcc hdr.subject hdr.message-id hdr.in-reply-to"
    " hdr.references hdr.x-priority hdr.importance hdr.content-type hdr.list-id"
)
_CONF: Final = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
first_valid_uid = 1
mail_location = {location}
mail_fsync = never
mail_always_cache_fields = {cache}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={directory}/homes/%Lu
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
  {chroot}
}}
service anvil {{
  {chroot}
}}
service stats {{
  {chroot}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot; everybody's password is `bench.mariadb.PASSWORD`."""

    port: int
    directory: Path
    pid: int


@contextmanager
def running(directory: Path, storage: str = "mdbox", extra: str = "") -> Iterator[Dovecot]:
    """Start a Dovecot whose mail lives below a directory, and stop it afterwards."""
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        raise SystemExit("apt-get install -y dovecot-imapd")
    root = os.geteuid() == 0
    me, mine = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    mail_user, mail_group = ("nobody", "nogroup") if root else (me, mine)
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o755)
    (directory / "homes").mkdir(exist_ok=True)
    if root:
        shutil.chown(directory / "homes", mail_user, mail_group)
    port = _free_port()
    text = _CONF.format(
        directory=directory,
        password=PASSWORD,
        location=FORMATS[storage],
        cache=CACHE_FIELDS,
        port=port,
        user="dovecot" if root else me,
        group="dovecot" if root else mine,
        login_user="dovenull" if root else me,
        mail_user=mail_user,
        mail_group=mail_group,
        chroot="" if root else "chroot =",
    )
    (directory / "dovecot.conf").write_text(text + extra)
    with subprocess.Popen([program, "-F", "-c", directory / "dovecot.conf"]) as process:
        try:
            _wait(port)
            yield Dovecot(port, directory, process.pid)
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("Dovecot did not start; its log says why")
