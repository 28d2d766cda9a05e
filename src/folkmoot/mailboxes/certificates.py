"""S/MIME for people: keys of accounts, certificates of recipients, messages signed and encrypted as they go out.

A key belongs to whoever imported it and to one account of theirs; a delegate never signs with the owner's.  It is kept
encrypted (``sealing``) and is in the clear only in memory, while it is used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from folkmoot.core.caller import Caller
from folkmoot.core.clock import Clock
from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, NotFound, Unsupported
from folkmoot.core.ids import PrincipalId
from folkmoot.database import Database, Transaction
from folkmoot.directory.directory import Directory
from folkmoot.mail.smime import Certificate, Key, Signature, Smime, Verdict, read_certificates
from folkmoot.mail.smime.keys import key_of_pem
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.sealing import seal, unseal
from folkmoot.mailboxes.values import MAIN, Account
from folkmoot.mime.headers import MailAddress
from folkmoot.sharing.preferences import DEFAULTS, flag
from folkmoot.store import mail_keys, person, profiles
from folkmoot.store.mail_keys import StoredMailKey

SOGO_KEY: Final = "SOGoMailCertificate"  # where SOGo keeps certificate and key, in the clear
ALWAYS_SIGN: Final = "SOGoMailCertificateAlwaysSign"
ALWAYS_ENCRYPT: Final = "SOGoMailCertificateAlwaysEncrypt"
RECIPIENTS_MAX: Final = 500  # that certificates are looked up for
NAMED_MAX: Final = 10  # addresses that an error lists
_KEPT: Final = frozenset({Verdict.VALID, Verdict.UNTRUSTED})


class CertificateBook(Protocol):
    """Knows certificates of correspondents, such as those in the cards of address books."""

    async def certificates_for(self, caller: Caller, addresses: Sequence[str]) -> Mapping[str, Sequence[Certificate]]:
        """Return what is known, by address in lower case; whether they are valid is checked by who asks."""

    async def keep_certificates(
        self, caller: Caller, person: MailAddress, certificates: Sequence[Certificate], *, book: str
    ) -> None:
        """Keep certificates of somebody, in a card that is there or in a new one in the book of this name.

        Raises:
            MalformedInput: none of them is of that address.
        """


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants done with each new message."""

    sign: bool
    encrypt: bool  # if there are certificates of all recipients


class Certificates:
    """Keys and certificates; also the ``Protection`` of outgoing mail."""

    def __init__(
        self,
        access: MailAccess,
        database: Database,
        directory: Directory,
        smime: Smime,
        clock: Clock,
        books: Sequence[CertificateBook] = (),
    ) -> None:
        self._access = access
        self._database = database
        self._directory = directory
        self._smime = smime
        self._clock = clock
        self._books = books

    async def import_pkcs12(self, caller: Caller, account_id: str, octets: bytes, password: str) -> Certificate:
        """Keep the key of a PKCS#12 file for an account, in place of the one before; return its certificate.

        Raises, beside what ``MailAccess.account`` raises:
            Forbidden: S/MIME is closed, or the password is wrong.
            MalformedInput, TooLarge, Unsupported, Unavailable: as ``Smime.import_pkcs12``.
        """
        await self._allowed(caller, account_id)
        key = await self._smime.import_pkcs12(octets, password)
        await self._keep(caller.principal, account_id, key, forget_sogo=account_id == MAIN)
        return key.certificate

    async def show(self, caller: Caller, account_id: str) -> Certificate:
        """Return the certificate of an account.

        Raises:
            NotFound: it has none.
            Forbidden: S/MIME is closed.
        """
        return (await self.key(caller, account_id)).certificate

    async def remove(self, caller: Caller, account_id: str) -> None:
        """Forget the key of an account: what was encrypted for it will not be read here again.

        Raises:
            NotFound: it has none.
            Forbidden: S/MIME is closed.
        """
        await self._allowed(caller, account_id)

        async def work(tx: Transaction) -> bool:
            removed = await mail_keys.remove(tx, caller.principal, account_id)
            if account_id == MAIN:
                removed = await self._forget_sogo(tx, caller.principal) or removed
            if removed:
                await person.raise_(tx, caller.principal, self._clock.milliseconds())
            return removed

        if not await self._database.write(work):
            raise NotFound("this account has no certificate")

    async def key(self, caller: Caller, account_id: str) -> Key:
        """Return the key of an account.

        Raises:
            NotFound: it has none.
            Forbidden: S/MIME is closed, or the stored key cannot be read.
        """
        await self._allowed(caller, account_id)
        stored = await self._database.read(lambda tx: mail_keys.find(tx, caller.principal, account_id))
        if stored is not None:
            return await self._open(stored)
        if account_id == MAIN and (key := await self._taken_over(caller)):
            return key
        raise NotFound("this account has no certificate")

    async def keys(self, caller: Caller) -> list[Key]:
        """Return all keys that a caller has to open messages with; those that cannot be read are left out."""
        self._access.check(caller)
        found = []
        stored = await self._database.read(lambda tx: mail_keys.list_of(tx, caller.principal))
        for one in stored:
            try:
                found.append(await self._open(one))
            except FolkmootError:
                continue
        if not any(one.account == MAIN for one in stored) and (key := await self._taken_over(caller)):
            found.append(key)
        return found

    async def accounts_with_keys(self, caller: Caller) -> frozenset[str]:
        """Return the ids of the caller's accounts that have a key."""
        stored = await self._database.read(lambda tx: mail_keys.list_of(tx, caller.principal))
        return frozenset(one.account for one in stored)

    async def wishes(self, caller: Caller) -> Wishes:
        """Return whether somebody wants each message signed and encrypted; never without a key."""
        person = await self._access.person(caller.principal)
        mail = self._access.settings_of(person).mail
        chosen = (await self._access.profile(caller.principal)).properties.get(DEFAULTS)
        values = chosen if isinstance(chosen, dict) else {}
        if not mail.certificates:
            return Wishes(sign=False, encrypt=False)
        return Wishes(
            sign=flag(values.get(ALWAYS_SIGN, mail.always_sign)),
            encrypt=flag(values.get(ALWAYS_ENCRYPT, mail.always_encrypt)),
        )

    async def certificates_for(self, caller: Caller, addresses: Sequence[str]) -> dict[str, list[Certificate]]:
        """Return certificates with which one can encrypt for these, by address in lower case; of some there are none.

        People of this server are asked first, then the books; what is expired, or is of another address, is left out.
        """
        wanted = list(dict.fromkeys(address.lower() for address in addresses))[:RECIPIENTS_MAX]
        found = await self._of_colleagues(wanted)
        for book in self._books:
            missing = [address for address in wanted if address not in found]
            if missing:
                known = await book.certificates_for(caller, missing)
                found |= {address: list(known[address]) for address in missing if known.get(address)}
        usable = {address: [one for one in given if self._usable(one, address)] for address, given in found.items()}
        return {address: given for address, given in usable.items() if given}

    async def keep_signer(
        self, caller: Caller, sender: MailAddress, signatures: Sequence[Signature], *, book: str
    ) -> None:
        """Keep the certificates that came with a signature, so that one can encrypt for its sender.

        Whose authority nobody here trusts may be kept, too: the caller has decided to.

        Raises:
            MalformedInput: there is no signature of the sender over what is there; the message was altered.
            Unsupported: certificates are kept nowhere.
            Forbidden: S/MIME is closed.
        """
        await self._allowed(caller, MAIN)
        if not self._books:
            raise Unsupported("certificates of correspondents are not kept here")
        sound = [one for one in signatures if one.verdict in _KEPT and one.signers and not one.mismatch]
        given = [one for signature in sound for one in (*signature.signers, *signature.chain)]
        fitting = {one.fingerprint: one for one in given if one.covers(sender.address)}
        if not fitting:
            raise MalformedInput("the message has no signature of its sender")
        await self._books[0].keep_certificates(caller, sender, list(fitting.values()), book=book)

    async def protect(
        self,
        caller: Caller,
        account: Account,
        message: bytes,
        recipients: tuple[str, ...],
        *,
        sign: bool,
        encrypt: bool,
    ) -> bytes:
        """Return the message signed, then encrypted for its recipients and its sender.

        Raises:
            NotFound: the account has no key, or a recipient no certificate; the message names whom.
            Forbidden: S/MIME is closed.
        """
        key = await self.key(caller, account.id)
        if sign:
            message = await self._smime.sign(message, key)
        if not encrypt:
            return message
        known = await self.certificates_for(caller, recipients)
        missing = [address for address in recipients if address.lower() not in known]
        if missing:
            shown = ", ".join(missing[:NAMED_MAX]) + (" and others" if len(missing) > NAMED_MAX else "")
            raise NotFound(f"there is no certificate of {shown}")
        return await self._smime.encrypt(
            message, [key.certificate, *(one for given in known.values() for one in given)]
        )

    async def _allowed(self, caller: Caller, account_id: str) -> Account:
        account = await self._access.account(caller, account_id)
        person = await self._access.person(caller.principal)
        if not self._access.settings_of(person).mail.certificates:
            raise Forbidden("signed and encrypted mail is closed here")
        return account

    async def _of_colleagues(self, addresses: Sequence[str]) -> dict[str, list[Certificate]]:
        owners: dict[PrincipalId, list[str]] = {}
        for address in addresses:  # the directory remembers whom it was asked about
            person = await self._directory.find_by_mail(address)
            if person is not None:
                owners.setdefault(person.id, []).append(address)
        if not owners:
            return {}
        stored = await self._database.read(lambda tx: mail_keys.certificates_of(tx, list(owners)))
        found: dict[str, list[Certificate]] = {}
        for owner, texts in stored.items():
            own = [read_certificates(text.encode())[0] for text in texts]
            for address in owners[owner]:
                found[address] = [one for one in own if one.covers(address)]
        return {address: given for address, given in found.items() if given}

    def _usable(self, certificate: Certificate, address: str) -> bool:
        now = self._clock.now()
        return certificate.for_encryption and certificate.covers(address) and certificate.valid_at(now)

    async def _keep(self, owner: PrincipalId, account_id: str, key: Key, *, forget_sogo: bool) -> None:
        sealed = seal(await self._access.sealing.known(), key.private, _about(owner, account_id))
        stored = StoredMailKey(owner, account_id, key.certificates_pem, sealed, self._clock.milliseconds())

        async def work(tx: Transaction) -> None:
            await mail_keys.put(tx, stored)
            if forget_sogo:
                await self._forget_sogo(tx, owner)
            await person.raise_(tx, owner, stored.created_at)

        await self._database.write(work)

    async def _open(self, stored: StoredMailKey) -> Key:
        about = _about(stored.owner, stored.account)
        private = unseal(await self._access.sealing.known(), stored.sealed_key, about)
        if private is None:
            raise Forbidden("the stored key cannot be read: it was kept with another secret")
        certificates = read_certificates(stored.certificates.encode())
        return Key(private, certificates[0], certificates[1:])

    async def _taken_over(self, caller: Caller) -> Key | None:
        """Take over the key that SOGo kept, which is left there until it is replaced or removed."""
        chosen = (await self._access.profile(caller.principal)).properties.get(DEFAULTS)
        text = chosen.get(SOGO_KEY) if isinstance(chosen, dict) else None
        if not isinstance(text, str) or not text.strip():
            return None
        try:
            key = key_of_pem(text.encode("utf-8", "replace"))
        except (FolkmootError, Unsupported):
            return None
        await self._keep(caller.principal, MAIN, key, forget_sogo=False)
        return key

    async def _forget_sogo(self, tx: Transaction, owner: PrincipalId) -> bool:
        profile = await profiles.hold(tx, owner)
        chosen = profile.properties.get(DEFAULTS)
        if not isinstance(chosen, dict) or not chosen.get(SOGO_KEY):
            return False
        kept = {name: value for name, value in chosen.items() if name != SOGO_KEY}
        changed = replace(profile, properties={**profile.properties, DEFAULTS: kept})
        await profiles.set_(
            tx,
            owner,
            properties=changed.properties,
            dead_properties=changed.dead_properties,
            now=self._clock.milliseconds(),
        )
        return True


def _about(owner: PrincipalId, account_id: str) -> str:
    return f"mail key {len(owner)} {owner} {account_id}"
