"""Writes the signed and encrypted messages of the corpus: ``python -m tests.corpus.make_signed``, once.

Their octets are random by nature, so they are kept as files, with the keys of the people who read them.  An authority
and certificates for a hundred years are made by openssl, and nobody else trusts them.
"""

import asyncio
import shutil
from pathlib import Path

from folkmoot.mail.smime import Openssl, Smime
from tests.corpus import files
from tests.corpus.writing import attached, message, multipart, part
from tests.support.smime_people import Authority, Person, openssl

HERE = Path(__file__).parent / "signed"
TEXT = "Guten Tag, die Prüfung ist am Donnerstag."
_PLAIN = part("text/plain; charset=utf-8", TEXT + "\n", encoding="quoted-printable")
_RICH = multipart(
    "mixed", "innen",
    multipart("alternative", "wahl", _PLAIN, part("text/html; charset=utf-8", f"<p>{TEXT}</p>", encoding="quoted-printable")),
    attached("application/pdf", "Bericht.pdf", files.pdf()),
)  # fmt: skip


def _mail(name: str, content: bytes, sender: str = "anja") -> bytes:
    return message(
        f"Anja <{sender}@signed.example>",
        name,
        content,
        to="bernd@signed.example",
        message_id=f"<{name}@signed.example>",
    )


def _signed(person: Person, content: bytes, *options: str) -> bytes:
    out = openssl(
        "cms",
        "-sign",
        "-binary",
        "-crlfeol",
        "-signer",
        str(person.certificate_file),
        "-inkey",
        str(person.key_file),
        *options,
        stdin=content,
    )
    return (
        out.removeprefix(b"MIME-Version: 1.0\r\n")
        .removeprefix(b"MIME-Version: 1.0\n")
        .replace(b"\r\n", b"\n")
        .replace(b"\n", b"\r\n")
    )


def _encrypted(content: bytes, *options: str) -> bytes:
    out = openssl("cms", "-encrypt", "-binary", *options, stdin=content)
    return out.removeprefix(b"MIME-Version: 1.0\n").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


async def _ours(anja: Person, bernd: Person) -> dict[str, bytes]:
    smime = Smime(Openssl())
    signed = await smime.sign(_mail("ours-signed", _RICH), anja.key)
    both = await smime.sign(_mail("ours-signed-encrypted", _RICH), anja.key)
    return {
        "ours-signed": signed,
        "ours-signed-encrypted": await smime.encrypt(both, [anja.key.certificate, bernd.key.certificate]),
    }


def main() -> None:
    """Make everything anew."""
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir()
    authority = Authority("Corpus CA", days=36_500)
    anja = authority.person("anja@signed.example")
    bernd = authority.person("bernd@signed.example")
    curve = authority.person("anja@signed.example", kind="ec")
    expired = authority.person("anja@signed.example", expired=True)
    stranger = Authority("Fremde CA", days=36_500).person("anja@signed.example")
    chain = ("-certfile", str(authority.certificate_file))
    to = str(bernd.certificate_file)
    signed = _signed(anja, _PLAIN, *chain)
    made = {
        "signed": signed,
        "signed-rich": _signed(anja, _RICH, *chain),
        "signed-sha512": _signed(anja, _PLAIN, "-md", "sha512"),
        "signed-sha1": _signed(anja, _PLAIN, "-md", "sha1"),
        "signed-pss": _signed(anja, _PLAIN, "-keyopt", "rsa_padding_mode:pss"),
        "signed-curve": _signed(curve, _PLAIN, *chain),
        "signed-no-attributes": _signed(anja, _PLAIN, "-noattr"),
        "signed-opaque": _signed(anja, _PLAIN, "-nodetach"),
        "signed-opaque-rich": _signed(anja, _RICH, "-nodetach", *chain),
        "signed-expired": _signed(expired, _PLAIN),
        "signed-stranger": _signed(stranger, _PLAIN),
        "signed-by-another": _signed(bernd, _PLAIN),
        "signed-altered": signed.replace(b"Guten Tag", b"Guten Rat"),
        "signed-listed": multipart("mixed", "liste", signed, part("text/plain", "Fuss der Liste\n")),
        "encrypted": _encrypted(_PLAIN, "-aes-256-cbc", to),
        "encrypted-rich": _encrypted(_RICH, "-aes-256-cbc", to),
        "encrypted-gcm": _encrypted(_PLAIN, "-aes-256-gcm", to),
        "encrypted-des3": _encrypted(_PLAIN, "-des3", to),
        "encrypted-rc2": _encrypted(_PLAIN, "-provider", "legacy", "-provider", "default", "-rc2-40", to),
        "encrypted-for-another": _encrypted(_PLAIN, "-aes-256-cbc", str(stranger.certificate_file)),
        "signed-encrypted": _encrypted(_signed(anja, _RICH, *chain), "-aes-256-cbc", to),
        "encrypted-signed": _signed(anja, _encrypted(_PLAIN, "-aes-256-cbc", to), *chain),
        "opaque-encrypted": _encrypted(_signed(anja, _PLAIN, "-nodetach"), "-aes-128-cbc", to),
        "triple": _signed(anja, _encrypted(_signed(anja, _PLAIN), "-aes-256-cbc", to)),
    }  # fmt: skip
    written = {name: _mail(name, content) for name, content in made.items()} | asyncio.run(_ours(anja, bernd))
    for name, octets in written.items():
        (HERE / f"{name}.eml").write_bytes(octets)
    (HERE / "authority.pem").write_bytes(authority.certificate_file.read_bytes())
    (HERE / "bernd.pem").write_bytes(bernd.key.private + bernd.key.certificate.pem.encode())


if __name__ == "__main__":
    main()
