"""A private Dovecot on loopback, one for a whole run; every user name exists, so each test takes names of its own.

The password of everybody is ``secret``; the master user ``master`` has the password ``mastersecret``.
"""

import grp
import os
import pwd
import shutil
import smtplib
import socket
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.servers import Server, free_port, keep, own_directory, require, shared

START_SECONDS: Final = 20
PASSWORD: Final = "secret"
MASTER: Final = ("master", "mastersecret")
_CONF: Final = """\
base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/dovecot.log
protocols = imap lmtp sieve
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_master_user_separator = *
auth_verbose = yes
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login_user}
mail_location = maildir:~/Maildir
mail_max_userip_connections = 200
first_valid_uid = 1
mail_attribute_dict = file:%h/dovecot-attributes
mail_plugins = quota acl notify push_notification
passdb {{
  driver = passwd-file
  master = yes
  args = {directory}/masters
  result_success = continue-ok
}}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={mail_user} gid={mail_group} home={directory}/homes/%Lu
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
}}
namespace {{
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:%%h/Maildir:INDEXPVT=~/Maildir/shared/%%u
  subscriptions = no
  list = children
}}
plugin {{
  quota = count:User quota
  quota_rule = *:storage=1G
  quota_vsizes = yes
  acl = vfile
  acl_user = %Lu
  acl_shared_dict = file:{directory}/shared-mailboxes
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_extensions = +notify +imapflags +vnd.dovecot.duplicate
}}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota imap_acl
  imap_metadata = yes
}}
protocol lmtp {{
  mail_plugins = $mail_plugins sieve
  postmaster_address = postmaster@example.com
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
  {chroot}
}}
service managesieve-login {{
  inet_listener sieve {{
    port = {sieve}
  }}
  {chroot}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service imap {{
  process_limit = 400
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
    """A running Dovecot."""

    imap: int  # ports on 127.0.0.1
    sieve: int
    lmtp: int
    directory: Path

    def deliver(self, message: bytes, *recipients: str, sender: str = "someone@example.net") -> None:
        """Deliver by LMTP, through Sieve."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as client:
            client.sendmail(sender, recipients, message)

    @property
    def log(self) -> str:
        return (self.directory / "dovecot.log").read_text(errors="replace")


def somebody() -> str:
    """Return a user name that nobody has used."""
    return f"user{uuid.uuid4().hex[:12]}"


def dovecot() -> Dovecot:
    """Return the run's Dovecot, started by whoever needs it first."""
    return _of(shared("dovecot", start_dovecot))


def start_dovecot(extra: str = "") -> Server:
    """Start a Dovecot; what ``extra`` says is put at the end of its configuration."""
    program = require("dovecot", "dovecot-imapd dovecot-lmtpd dovecot-sieve dovecot-managesieved")
    for plugin in ("/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/managesieve", "/usr/lib/dovecot/imap"):
        if not Path(plugin).exists():
            pytest.fail("apt-get install -y dovecot-imapd dovecot-lmtpd dovecot-sieve dovecot-managesieved")
    root = os.geteuid() == 0
    directory = own_directory("dovecot", "root")
    directory.chmod(0o755)
    me, mine = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    mail_user, mail_group = ("nobody", "nogroup") if root else (me, mine)
    (directory / "masters").write_text(f"{MASTER[0]}:{{PLAIN}}{MASTER[1]}\n")
    (directory / "homes").mkdir(mode=0o755)
    for shared_file in ("shared-mailboxes",):
        (directory / shared_file).touch()
    if root:
        for path in ("homes", "shared-mailboxes", "."):
            shutil.chown(directory / path, mail_user, mail_group)
    ports = free_port(), free_port(), free_port()
    text = _CONF.format(
        directory=directory,
        imap=ports[0],
        sieve=ports[1],
        lmtp=ports[2],
        user="dovecot" if root else me,
        group="dovecot" if root else mine,
        login_user="dovenull" if root else me,
        mail_user=mail_user,
        mail_group=mail_group,
        chroot="" if root else "chroot =",
    )
    (directory / "dovecot.conf").write_text(text + extra)
    command = [program, "-F", "-c", str(directory / "dovecot.conf")]
    pid = keep(command, directory)
    server = Server("dovecot", ",".join(map(str, ports)), ports[0], pid, directory, command)
    _wait(ports, directory)
    return server


def _of(server: Server) -> Dovecot:
    imap, sieve, lmtp = map(int, server.url.split(","))
    return Dovecot(imap, sieve, lmtp, server.directory)


def _wait(ports: Sequence[int], directory: Path) -> None:
    until = time.monotonic() + START_SECONDS
    for port in ports:
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if time.monotonic() > until:
                log = directory / "dovecot.log"
                pytest.fail(f"Dovecot did not start: {log.read_text() if log.exists() else 'it wrote no log'}")
            time.sleep(0.05)
