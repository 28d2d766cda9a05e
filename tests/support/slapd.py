"""A private OpenLDAP on loopback, one for a whole run; each test has a branch of its own.

The administrator is ``cn=admin,dc=example,dc=org`` with the password ``secret``; who
reads is ``cn=reader,dc=example,dc=org`` with the password ``reader``.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.servers import Server, free_port, keep, own_directory, require, shared, wait

SUFFIX: Final = "dc=example,dc=org"
ADMIN: Final = (f"cn=admin,{SUFFIX}", "secret")
READER: Final = (f"cn=reader,{SUFFIX}", "reader")
SECRET: Final = "secret"
_serial = count()
_CONF: Final = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {directory}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
TLSCertificateFile {directory}/certificate.pem
TLSCertificateKeyFile {directory}/key.pem
sizelimit 500
database mdb
maxsize 268435456
suffix "{suffix}"
rootdn "{admin}"
rootpw {password}
directory {directory}/data
dbnosync
index objectClass,uid,mail,member,memberUid eq
overlay ppolicy
access to attrs=userPassword by self write by anonymous auth by * none
access to * by dn.exact="{reader}" read by self read by anonymous auth by * none
"""


def _ldap() -> Any:
    """Return python-ldap, which is installed with the live tests only."""
    import ldap
    import ldap.modlist

    return ldap


@dataclass(frozen=True, slots=True)
class Slapd:
    """The server, and a branch of it."""

    server: Server
    base: str

    @property
    def url(self) -> str:
        return self.server.url

    def line(self) -> Any:  # python-ldap has no types
        """Return a connection of the administrator."""
        line = _ldap().initialize(self.url)
        line.simple_bind_s(*ADMIN)
        return line

    def add(self, rdn: str, classes: Sequence[str], **values: str | Sequence[str]) -> str:
        """Add an entry below the branch and return its name."""
        dn = f"{rdn},{self.base}"
        entry: dict[str, list[bytes]] = {"objectClass": [name.encode() for name in classes]}
        for name, value in values.items():
            entry[name] = [one.encode() for one in ([value] if isinstance(value, str) else value)]
        line = self.line()
        line.add_s(dn, _ldap().modlist.addModlist(entry))
        line.unbind_s()
        return dn

    def person(self, uid: str, password: str = SECRET, **values: str | Sequence[str]) -> str:
        """Add somebody and return the name of the entry."""
        wanted: Mapping[str, str | Sequence[str]] = {"cn": uid.title(), "sn": uid.title(), "mail": f"{uid}@example.org"}
        hidden = {"userPassword": password} if password else {}
        return self.add(f"uid={uid}", ["inetOrgPerson"], uid=uid, **{**wanted, **hidden, **values})

    def change(self, dn: str, **values: str) -> None:
        """Set attributes of an entry; an empty value takes one away."""
        line, replace = self.line(), _ldap().MOD_REPLACE
        line.modify_s(dn, [(replace, name, [value.encode()] if value else None) for name, value in values.items()])
        line.unbind_s()

    def accepts(self, dn: str, password: str) -> bool:
        """Return whether a password is right."""
        line = _ldap().initialize(self.url)
        with suppress(_ldap().INVALID_CREDENTIALS):
            line.simple_bind_s(dn, password)
            return True
        return False


def _start() -> Server:
    slapd, add = require("slapd", "slapd"), require("slapadd", "slapd")
    directory, port = own_directory("slapd", "openldap"), free_port()
    (directory / "data").mkdir()
    certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    certificate += ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    certificate += ["-keyout", str(directory / "key.pem"), "-out", str(directory / "certificate.pem")]
    subprocess.run(certificate, check=True, capture_output=True)
    conf = directory / "slapd.conf"
    conf.write_text(
        _CONF.format(directory=directory, suffix=SUFFIX, admin=ADMIN[0], password=ADMIN[1], reader=READER[0])
    )
    first = directory / "first.ldif"
    first.write_text(
        f"dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n"
        f"dn: {READER[0]}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: reader\n"
        f"userPassword: {READER[1]}\n"
    )
    subprocess.run([add, "-f", str(conf), "-l", str(first)], check=True, capture_output=True)
    _owned(directory)
    url = f"ldap://127.0.0.1:{port}"
    pid = keep([slapd, "-d", "0", "-h", url, "-f", str(conf), *_user()], directory)
    server = Server("slapd", url, port, pid, directory)
    wait(lambda: _answers(url), directory)
    return server


def _answers(url: str) -> bool:
    line = _ldap().initialize(url)
    try:
        line.simple_bind_s(*ADMIN)
    except _ldap().SERVER_DOWN:
        return False
    return True


def _user() -> Sequence[str]:
    return ("-u", "openldap", "-g", "openldap") if os.geteuid() == 0 else ()


def _owned(directory: Path) -> None:
    if os.geteuid() == 0:
        for one in (directory, *directory.rglob("*")):
            shutil.chown(one, "openldap")


@pytest.fixture(scope="session")
def slapd_server() -> Server:
    """The run's one OpenLDAP."""
    return shared("slapd", _start)


@pytest.fixture
def slapd(slapd_server: Server) -> Slapd:
    """An empty branch of it."""
    name = f"t{os.getpid()}x{next(_serial)}"
    top = Slapd(slapd_server, SUFFIX)
    return Slapd(slapd_server, top.add(f"ou={name}", ["organizationalUnit"], ou=name))
