"""Keys of people: imported, kept encrypted, used to sign, encrypt and open; SOGo's taken over."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import Forbidden, MalformedInput, NotFound
from folkmoot.core.ids import PrincipalId
from folkmoot.mail.smime import Certificate, Layer, Openssl, Smime, Verdict
from folkmoot.mailboxes.certificates import SOGO_KEY, Certificates, Wishes
from folkmoot.mailboxes.opening import Opening, needs_opening
from folkmoot.mailboxes.values import MAIN, MessageRef
from folkmoot.mime.headers import MailAddress
from folkmoot.mime.reading import read_message
from folkmoot.store import mail_keys, profiles
from tests.corpus.samples import sample
from tests.support.dovecot import Dovecot, dovecot
from tests.support.mailboxes import Mail, mail_on
from tests.support.smime_people import Person, authority

pytestmark = pytest.mark.anyio


@dataclass
class Book:
    """A book with cards of correspondents."""

    known: dict[str, list[Certificate]] = field(default_factory=dict)

    async def certificates_for(self, caller: Caller, addresses: Sequence[str]) -> Mapping[str, Sequence[Certificate]]:
        return {address: self.known[address] for address in addresses if address in self.known}

    async def keep_certificates(
        self, caller: Caller, person: MailAddress, certificates: Sequence[Certificate], *, book: str
    ) -> None:
        assert book == "collected"
        self.known[person.address] = list(certificates)


@dataclass
class Signed:
    mail: Mail
    certificates: Certificates
    opening: Opening
    book: Book

    async def with_key(self, caller: Caller) -> Person:
        person = authority().person(f"{caller.principal}@example.org", kind="ec")
        file = person.pkcs12("geheim", "-certfile", str(authority().certificate_file))
        await self.certificates.import_pkcs12(caller, MAIN, file, "geheim")
        return person

    def message(self, caller: Caller, text: str = "Guten Tag.") -> bytes:
        return (
            f"From: {caller.principal}@example.org\r\nTo: ida@example.net\r\nSubject: Angebot\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        ).encode()

    async def set_defaults(self, caller: Caller, **values: object) -> None:
        await self.mail.database.write(
            lambda tx: profiles.set_(tx, caller.principal, properties={"defaults": values}, dead_properties={}, now=1)
        )

    async def defaults(self, caller: Caller) -> object:
        return (await self.mail.access.profile(caller.principal)).properties.get("defaults")


def services(mail: Mail) -> Signed:
    smime = Smime(Openssl(), authority().certificate_file, system_store=False)
    book = Book()
    certificates = Certificates(mail.access, mail.database, mail.directory, smime, SystemClock(), [book])
    return Signed(mail, certificates, Opening(mail.access, certificates, smime), book)


@pytest.fixture
async def signed(migrated_file: Path, tmp_path: Path) -> AsyncIterator[Signed]:
    """The services; nothing here reaches a mail server."""
    async with mail_on(Dovecot(1, 2, 3, tmp_path), migrated_file, tmp_path) as mail:
        yield services(mail)


async def test_an_imported_key_is_shown_and_removed(signed: Signed) -> None:
    anna, ben = signed.mail.person("anna"), signed.mail.person("ben")
    person = await signed.with_key(anna)
    shown = await signed.certificates.show(anna, MAIN)
    assert (shown.fingerprint, shown.addresses) == (person.key.certificate.fingerprint, ("anna@example.org",))
    with pytest.raises(NotFound):
        await signed.certificates.show(ben, MAIN)
    with pytest.raises(NotFound):
        await signed.certificates.remove(ben, MAIN)
    await signed.certificates.remove(anna, MAIN)
    with pytest.raises(NotFound):
        await signed.certificates.show(anna, MAIN)


async def test_the_key_is_kept_encrypted_and_opens_for_its_account_alone(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    await signed.with_key(anna)
    stored = await signed.mail.database.read(lambda tx: mail_keys.find(tx, anna.principal, MAIN))
    assert stored is not None
    assert "PRIVATE" not in stored.certificates + stored.sealed_key
    assert stored.certificates.count("BEGIN CERTIFICATE") == 2
    stolen = replace(stored, owner=PrincipalId("ben"))
    await signed.mail.database.write(lambda tx: mail_keys.put(tx, stolen))
    ben = signed.mail.person("ben")
    with pytest.raises(Forbidden):
        await signed.certificates.key(ben, MAIN)
    assert await signed.certificates.keys(ben) == []


async def test_a_wrong_password_changes_nothing(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    before = await signed.with_key(anna)
    other = authority().person("anna@example.org", kind="ec")
    with pytest.raises(Forbidden):
        await signed.certificates.import_pkcs12(anna, MAIN, other.pkcs12("a"), "b")
    assert (await signed.certificates.show(anna, MAIN)).fingerprint == before.key.certificate.fingerprint


async def test_where_it_is_closed_nobody_has_keys(migrated_file: Path, tmp_path: Path) -> None:
    async with mail_on(Dovecot(1, 2, 3, tmp_path), migrated_file, tmp_path, certificates=False) as mail:
        signed = services(mail)
        anna = mail.person("anna")
        with pytest.raises(Forbidden):
            await signed.with_key(anna)
        assert await signed.certificates.wishes(anna) == Wishes(sign=False, encrypt=False)


async def test_whom_mail_is_closed_to_has_no_keys(signed: Signed) -> None:
    anna = replace(signed.mail.person("anna"), denied=frozenset({"Mail"}))
    with pytest.raises(Forbidden):
        await signed.with_key(anna)
    with pytest.raises(Forbidden):
        await signed.certificates.keys(anna)


async def test_the_key_that_sogo_kept_is_taken_over_and_goes_with_ours(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    person = authority().person("anna@example.org", kind="ec")
    pem = (person.key.private + person.key.certificate.pem.encode()).decode()
    await signed.set_defaults(anna, **{SOGO_KEY: pem, "SOGoMailCertificateAlwaysSign": 1, "SOGoLanguage": "German"})
    assert [one.certificate.fingerprint for one in await signed.certificates.keys(anna)] == [
        person.key.certificate.fingerprint
    ]
    assert (await signed.certificates.wishes(anna)).sign
    await signed.certificates.remove(anna, MAIN)
    assert await signed.defaults(anna) == {"SOGoMailCertificateAlwaysSign": 1, "SOGoLanguage": "German"}
    with pytest.raises(NotFound):
        await signed.certificates.show(anna, MAIN)


async def test_a_damaged_key_of_sogo_is_as_none(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    await signed.set_defaults(anna, **{SOGO_KEY: "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----"})
    with pytest.raises(NotFound):
        await signed.certificates.show(anna, MAIN)


async def test_outgoing_mail_is_signed_and_encrypted_for_all_and_its_sender(signed: Signed) -> None:
    anna, ben = signed.mail.person("anna"), signed.mail.person("ben")
    await signed.with_key(anna)
    await signed.with_key(ben)
    ida = authority().person("ida@example.net", kind="ec")
    signed.book.known["ida@example.net"] = [ida.key.certificate]
    account = await signed.mail.access.account(anna, MAIN)
    sent = await signed.certificates.protect(
        anna, account, signed.message(anna), ("Ida@Example.Net", "ben@example.org"), sign=True, encrypt=True
    )
    assert b"Guten Tag" not in sent
    for reader in (anna, ben):
        opened = await signed.opening.open_octets(reader, sent)
        assert opened.layers == (Layer.ENCRYPTED, Layer.SIGNED)
        assert opened.signatures[0].good
        assert read_message(opened.message).content("1") == b"Guten Tag.\r\n"
    smime = Smime(Openssl())
    assert (await smime.open(sent, [ida.key])).decrypted
    assert not (await signed.opening.open_octets(signed.mail.person("eve"), sent)).decrypted


@pytest.mark.parametrize("senders", ["anna@example.org, chef@example.org", "chef@example.org, anna@example.org", ""])
async def test_a_signature_is_of_the_one_sender_or_not_good(signed: Signed, senders: str) -> None:
    anna = signed.mail.person("anna")
    await signed.with_key(anna)
    account = await signed.mail.access.account(anna, MAIN)
    message = signed.message(anna).replace(b"From: anna@example.org", f"From: {senders}".encode())
    sent = await signed.certificates.protect(anna, account, message, (), sign=True, encrypt=False)
    opened = await signed.opening.open_octets(anna, sent)
    assert (opened.signatures[0].verdict, opened.signatures[0].good) == (Verdict.VALID, False)


async def test_without_a_certificate_of_each_recipient_nothing_is_encrypted(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    await signed.with_key(anna)
    expired = authority().person("old@example.net", expired=True).key.certificate
    other = authority().person("other@example.net", kind="ec").key.certificate
    signed.book.known |= {"old@example.net": [expired], "wrong@example.net": [other]}
    account = await signed.mail.access.account(anna, MAIN)
    for recipient in ("nobody@example.net", "old@example.net", "wrong@example.net"):
        with pytest.raises(NotFound, match=recipient):
            await signed.certificates.protect(
                anna, account, signed.message(anna), (recipient,), sign=False, encrypt=True
            )


async def test_who_has_no_key_cannot_sign(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    account = await signed.mail.access.account(anna, MAIN)
    with pytest.raises(NotFound):
        await signed.certificates.protect(anna, account, signed.message(anna), (), sign=True, encrypt=False)


async def test_a_signers_certificate_is_kept_if_the_sender_has_signed(signed: Signed) -> None:
    anna, ben = signed.mail.person("anna"), signed.mail.person("ben")
    await signed.with_key(anna)
    account = await signed.mail.access.account(anna, MAIN)
    sender = MailAddress("Anna", "anna@example.org")
    octets = await signed.certificates.protect(anna, account, signed.message(anna), (), sign=True, encrypt=False)
    good = (await signed.opening.open_octets(ben, octets)).signatures
    await signed.certificates.keep_signer(ben, sender, good, book="collected")
    assert [one.covers("anna@example.org") for one in signed.book.known["anna@example.org"]] == [True]
    altered = (await signed.opening.open_octets(ben, octets.replace(b"Guten Tag", b"Boesen Tg"))).signatures
    other = MailAddress("", "other@example.org")
    for who, signatures in ((sender, altered), (sender, ()), (other, good)):
        with pytest.raises(MalformedInput):
            await signed.certificates.keep_signer(ben, who, signatures, book="collected")


async def test_winmail_is_opened_too(signed: Signed) -> None:
    anna = signed.mail.person("anna")
    octets = sample("winmail-text-and-file").octets
    assert needs_opening(read_message(octets).part)
    opened = await signed.opening.open_octets(anna, octets)
    message = read_message(opened.message)
    assert opened.layers == ()
    assert "application/pdf" in [part.content_type for part in message.part.walk()]
    assert message.headers().text("subject") == "text-and-file"
    assert not needs_opening(read_message(sample("vendor-gmail-attachment").octets).part)


@pytest.mark.live
async def test_a_message_in_a_mailbox_is_opened_without_being_marked_as_read(
    migrated_file: Path, tmp_path: Path
) -> None:
    async with mail_on(dovecot(), migrated_file, tmp_path) as mail:
        signed = services(mail)
        anna = mail.person()
        await signed.with_key(anna)
        account = await mail.access.account(anna, MAIN)
        octets = await signed.certificates.protect(
            anna, account, signed.message(anna), (f"{anna.principal}@example.org",), sign=True, encrypt=True
        )
        async with mail.access.selected(anna, MAIN, "INBOX", write=True) as connection:
            appended = await connection.append("INBOX", octets)
            assert appended.uid is not None
            assert connection.mailbox is not None
            validity = connection.mailbox.uid_validity
        ref = MessageRef("INBOX", validity, appended.uid)
        opened = await signed.opening.open(anna, MAIN, ref)
        assert opened.layers == (Layer.ENCRYPTED, Layer.SIGNED)
        assert opened.signatures[0].verdict is Verdict.VALID
        async with mail.access.selected(anna, MAIN, "INBOX") as connection:
            (found,) = await connection.fetch(str(appended.uid), ["FLAGS"])
        assert "\\Seen" not in (found.flags or ())
        await signed.opening.keep_signer(anna, MAIN, ref)
        assert list(signed.book.known) == [f"{anna.principal}@example.org"]
        with pytest.raises(NotFound):
            await signed.opening.open(anna, MAIN, MessageRef("INBOX", validity + 1, appended.uid))
