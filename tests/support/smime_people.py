"""An authority and people with certificates, made by openssl; also ones that are expired or not for mail."""

import subprocess
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from folkmoot.mail.smime.keys import Key, key_of_pem

_EXTENSIONS = """\
[person]
basicConstraints = CA:FALSE
keyUsage = digitalSignature, keyEncipherment, keyAgreement
extendedKeyUsage = emailProtection
subjectAltName = email:{address}
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:www.example.org
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
"""


def openssl(*arguments: str, stdin: bytes = b"") -> bytes:
    """Run openssl and return what it writes."""
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@dataclass(frozen=True)
class Person:
    """Somebody with a key; paths of PEM files beside it for the command line."""

    address: str
    key: Key
    key_file: Path
    certificate_file: Path
    directory: Path

    def pkcs12(self, password: str, *options: str) -> bytes:
        return openssl(
            "pkcs12", "-export", "-inkey", str(self.key_file), "-in", str(self.certificate_file),
            "-passout", f"pass:{password}", *options,
        )  # fmt: skip


class Authority:
    """Vouches for people."""

    def __init__(self, name: str = "Test CA", *, days: int = 365) -> None:
        self._days = str(days)
        self.directory = Path(tempfile.mkdtemp(prefix="folkmoot-smime-"))
        self.certificate_file = self.directory / "ca.pem"
        self._key_file = self.directory / "ca.key"
        (self.directory / "ca.cnf").write_text(_EXTENSIONS.format(address="ca@example.org"))
        csr = self._request("ca", name, "rsa:2048")
        made = openssl(
            "x509", "-req", "-in", str(csr), "-signkey", str(self._key_file), "-days", self._days,
            "-extfile", str(self.directory / "ca.cnf"), "-extensions", "authority",
        )  # fmt: skip
        self.certificate_file.write_bytes(made)

    def person(self, address: str, *, kind: str = "rsa:2048", use: str = "person", expired: bool = False) -> Person:
        """Return somebody with a fresh key and a certificate of this authority."""
        stem = f"{address.partition('@')[0]}-{len(list(self.directory.iterdir()))}"
        csr = self._request(stem, address.partition("@")[0].title(), kind)
        (self.directory / f"{stem}.cnf").write_text(_EXTENSIONS.format(address=address))
        certificate = openssl(
            "x509", "-req", "-in", str(csr), "-CA", str(self.certificate_file), "-CAkey", str(self._key_file),
            "-days", self._days, "-extfile", str(self.directory / f"{stem}.cnf"), "-extensions", use,
        )  # fmt: skip
        if expired:
            certificate = self._again(certificate)
        key_file, certificate_file = self.directory / f"{stem}.key", self.directory / f"{stem}.pem"
        certificate_file.write_bytes(certificate)
        key = key_of_pem(key_file.read_bytes() + certificate + self.certificate_file.read_bytes())
        return Person(address, key, key_file, certificate_file, self.directory)

    def _request(self, stem: str, name: str, kind: str) -> Path:
        csr = self.directory / f"{stem}.csr"
        more = ["-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec" else []
        openssl(
            "req", "-new", "-newkey", kind, *more, "-nodes", "-keyout", str(self.directory / f"{stem}.key"),
            "-out", str(csr), "-subj", f"/O=Example/CN={name}", "-config", "/dev/null",
        )  # fmt: skip
        return csr

    def _again(self, certificate: bytes) -> bytes:
        """Return the certificate with times that have passed, signed anew."""
        old = x509.load_pem_x509_certificate(certificate)
        private = load_pem_private_key(self._key_file.read_bytes(), None)
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(old.subject)
            .issuer_name(old.issuer)
            .public_key(old.public_key())
            .serial_number(old.serial_number)
            .not_valid_before(now - timedelta(days=400))
            .not_valid_after(now - timedelta(days=35))
        )
        for extension in old.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        return builder.sign(private, hashes.SHA256()).public_bytes(Encoding.PEM)  # type: ignore[arg-type]  # RSA


@cache
def authority() -> Authority:
    """Return the authority of this run."""
    return Authority()


@cache
def somebody(address: str = "anja@example.org", kind: str = "rsa:2048") -> Person:
    """Return a person whom the authority of this run vouches for."""
    return authority().person(address, kind=kind)
