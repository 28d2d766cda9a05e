"""Signing, encrypting, verifying and decrypting whole messages (RFC 8551)."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from folkmoot.core.errors import FolkmootError, Forbidden, MalformedInput, TooLarge, Unsupported
from folkmoot.mail.smime.certificates import Certificate, read_certificates
from folkmoot.mail.smime.entities import canonical, cut, encrypted_entity, join, signed_entity
from folkmoot.mail.smime.keys import Key, key_of_pkcs12
from folkmoot.mail.smime.openssl import Finished, Openssl
from folkmoot.mail.smime.values import Layer, Opened, Signature, Verdict
from folkmoot.mime.part import Part
from folkmoot.mime.reading import Message, read_message

MESSAGE_MAX: Final = 60_000_000  # octets; mail servers take half of it
LAYERS_MAX: Final = 5  # triple wrapping has three (RFC 2634 section 1.1)
RECIPIENTS_MAX: Final = 500  # certificates that one message is encrypted for

_OPAQUE: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_DETACHED: Final = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_REASON: Final = re.compile(r"Verify error:\s*([^\r\n]{1,200})", re.IGNORECASE)
_REASONS: Final = (
    ("expired", Verdict.EXPIRED),
    ("not yet valid", Verdict.EXPIRED),
    ("purpose", Verdict.UNSUITABLE),
    ("key usage", Verdict.UNSUITABLE),
)


class Smime:
    """S/MIME with the authorities of this machine, and those that the administrator adds."""

    def __init__(self, openssl: Openssl, authorities: Path | None = None, *, system_store: bool = True) -> None:
        """Take a PEM file of further authorities; it is read by each process anew."""
        self._openssl = openssl
        self._trust = ["-CAfile", str(authorities)] if authorities is not None else []
        if not system_store:
            self._trust += ["-no-CApath", "-no-CAstore", *(() if authorities else ("-no-CAfile",))]

    async def sign(self, message: bytes, key: Key) -> bytes:
        """Return the message with a detached signature; its own fields stay outside, unprotected.

        Raises:
            TooLarge: the message has more than ``MESSAGE_MAX`` octets.
            Forbidden: the certificate is not for signing.
            MalformedInput: the key or the message is damaged.
        """
        _bounded(message)
        if not key.certificate.for_signing:
            raise Forbidden("this certificate is not for signing mail")
        return await asyncio.to_thread(_signed, message, key)

    async def encrypt(
        self, message: bytes, certificates: Sequence[Certificate], *, authenticated: bool = False
    ) -> bytes:
        """Return the message encrypted for all of these: recipients, and whoever sends it.

        AES-256-CBC, which every program opens; with ``authenticated`` AES-256-GCM (RFC 5083), which newer ones do.

        Raises:
            TooLarge: more than ``MESSAGE_MAX`` octets or ``RECIPIENTS_MAX`` certificates.
            Forbidden: a certificate is not for encryption.
            MalformedInput: there is no certificate, or openssl does not take one.
        """
        _bounded(message)
        unique = list({one.fingerprint: one for one in certificates}.values())
        if not unique:
            raise MalformedInput("there is nobody to encrypt the message for")
        if len(unique) > RECIPIENTS_MAX:
            raise TooLarge(f"a message is encrypted for at most {RECIPIENTS_MAX} certificates")
        if unfit := next((one for one in unique if not one.for_encryption), None):
            raise Forbidden(f"the certificate of {unfit.name or unfit.subject} is not for encryption")
        outer, entity = await asyncio.to_thread(_to_protect, message)
        cipher = "-aes-256-gcm" if authenticated else "-aes-256-cbc"
        names = [f"r{number}" for number in range(len(unique))]
        finished = await self._openssl.run(
            ["cms", "-encrypt", "-binary", "-outform", "DER", cipher, *(f"{{{name}}}" for name in names)],
            stdin=entity,
            inputs={name: one.pem.encode() for name, one in zip(names, unique, strict=True)},
        )
        if not finished.succeeded:
            raise MalformedInput("openssl does not encrypt for one of these certificates")
        kind = "authEnveloped-data" if authenticated else "enveloped-data"
        return join(outer, encrypted_entity(finished.output, kind))

    async def open(self, message: bytes, keys: Sequence[Key], *, sender: str = "", path: str = "") -> Opened:
        """Take off the layers of a message: decrypt with these keys, and verify what is signed.

        ``path`` names a part that is opened by itself, without what stands beside it.  Only what is the whole message,
        or that whole part, is ever decrypted: so no text of others stands around decrypted text.

        Raises:
            TooLarge: the message has more than ``MESSAGE_MAX`` octets, also within.
            NotFound: there is no such part.
            Unavailable: openssl does not run, or takes too long.
        """
        _bounded(message)
        if path:
            message = await asyncio.to_thread(_part_alone, message, path)
        layers: list[Layer] = []
        signatures: list[Signature] = []
        error = ""
        for _ in range(LAYERS_MAX):
            read = await asyncio.to_thread(read_message, message)
            inner: bytes | None
            if _is_detached(read.part):
                signature, inner = await self._verify_detached(read, sender)
                signatures.append(signature)
                layers.append(Layer.SIGNED)
            elif read.part.content_type in _OPAQUE:
                content = await asyncio.to_thread(read.content, read.part.path)
                if _is_signed_data(read.part, content):
                    signature, inner = await self._verify_opaque(content, sender)
                    signatures.append(signature)
                    layers.append(Layer.SIGNED)
                else:
                    try:
                        inner = await self._decrypt(content, keys)
                    except (Forbidden, Unsupported, MalformedInput) as failed:
                        error = str(failed)
                        break
                    layers.append(Layer.ENCRYPTED)
            else:
                break
            if inner is None:
                break
            message = await asyncio.to_thread(_inside, message, inner)
        return Opened(message, tuple(layers), tuple(signatures), error)

    async def import_pkcs12(self, octets: bytes, password: str) -> Key:
        """Open a PKCS#12 file; raises as ``key_of_pkcs12``."""
        return await key_of_pkcs12(self._openssl, octets, password)

    async def _decrypt(self, content: bytes, keys: Sequence[Key]) -> bytes:
        if not keys:
            raise Forbidden("you have no key to open this message with")
        last: Finished | None = None
        for key in keys:
            for providers in ((), ("-provider", "legacy", "-provider", "default")):
                last = await self._openssl.run(
                    ["cms", "-decrypt", "-binary", "-inform", "DER", *providers, "-inkey", "{key}", "-recip", "{own}"],
                    stdin=content,
                    inputs={"key": key.private, "own": key.certificate.pem.encode()},
                )
                if last.succeeded:
                    return last.output
                if "unsupported" not in last.errors.lower():
                    break
        errors = last.errors.lower() if last else ""
        if "using private key" in errors and "unsupported" not in errors:  # no part of it is for this key
            raise Forbidden("the message is encrypted for somebody else, or for another key")
        if "unsupported" in errors:
            raise Unsupported("the message is encrypted with an algorithm that this server does not have")
        raise MalformedInput("the encrypted message is damaged, or the key does not fit")

    async def _verify_detached(self, read: Message, sender: str) -> tuple[Signature, bytes]:
        signed, signature = read.part.children[0], read.part.children[1]
        entity = canonical(read.section(f"{signed.path}.MIME") + read.section(signed.path))
        content = read.content(signature.path)
        command = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "{signature}", "-content", "{content}"]
        verdict, _ = await self._verify(command, {"signature": content, "content": entity}, sender)
        return verdict, entity

    async def _verify_opaque(self, content: bytes, sender: str) -> tuple[Signature, bytes | None]:
        command = ["cms", "-verify", "-binary", "-inform", "DER", "-in", "{signature}"]
        signature, out = await self._verify(command, {"signature": content}, sender)
        if out is None:  # altered: it is shown all the same, with the warning
            finished = await self._openssl.run([*command, "-noverify", "-nosigs"], inputs={"signature": content})
            out = finished.output if finished.succeeded else None
        return signature, out

    async def _verify(
        self, command: list[str], inputs: dict[str, bytes], sender: str
    ) -> tuple[Signature, bytes | None]:
        written = ["-signer", "{signers}", "-certsout", "{chain}"]
        outputs = ("signers", "chain")
        trusted = await self._openssl.run(
            [*command, *written, *self._trust, "-purpose", "smimesign"], inputs=inputs, outputs=outputs
        )
        if trusted.succeeded:
            return _judged(Verdict.VALID, trusted, sender, ""), trusted.output
        unaltered = await self._openssl.run([*command, *written, "-noverify"], inputs=inputs, outputs=outputs)
        if unaltered.succeeded:
            reason = _REASON.search(trusted.errors)
            words = reason[1].strip() if reason else "nobody we trust vouches for the signer"
            verdict = next((one for sign, one in _REASONS if sign in words.lower()), Verdict.UNTRUSTED)
            return _judged(verdict, unaltered, sender, words), unaltered.output
        errors = unaltered.errors.lower()
        altered = any(words in errors for words in ("digest", "signature failure", "verification failure"))
        verdict = Verdict.ALTERED if altered else Verdict.UNREADABLE
        return _judged(verdict, unaltered, sender, _last_line(unaltered.errors)), None


def _judged(verdict: Verdict, finished: Finished, sender: str, error: str) -> Signature:
    signers, chain = _certificates(finished.files["signers"]), _certificates(finished.files["chain"])
    mismatch = bool(sender and signers) and not any(one.covers(sender) for one in signers)
    return Signature(verdict, signers, chain, mismatch, error)


def _certificates(octets: bytes) -> tuple[Certificate, ...]:
    try:
        return read_certificates(octets)
    except FolkmootError:
        return ()


def _signed(message: bytes, key: Key) -> bytes:
    outer, entity = _to_protect(message)
    try:
        private = load_pem_private_key(key.private, None)
        own = x509.load_pem_x509_certificate(key.certificate.pem.encode())
        chain = [x509.load_pem_x509_certificate(one.pem.encode()) for one in key.chain]
    except (ValueError, TypeError, UnsupportedAlgorithm) as damaged:
        raise MalformedInput("the stored key is damaged") from damaged
    if not isinstance(private, RSAPrivateKey | EllipticCurvePrivateKey):
        raise MalformedInput("the stored key is of an algorithm that mail does not use")
    builder = PKCS7SignatureBuilder().set_data(entity).add_signer(own, private, hashes.SHA256())
    for one in chain:
        builder = builder.add_certificate(one)
    signature = builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
    return join(outer, signed_entity(entity, signature, "sha-256"))


def _to_protect(message: bytes) -> tuple[list[bytes], bytes]:
    outer, entity = cut(message)
    return outer, canonical(entity)


def _inside(message: bytes, entity: bytes) -> bytes:
    outer, _ = cut(message)
    return join(outer, entity)


def _part_alone(message: bytes, path: str) -> bytes:
    read = read_message(message)
    outer, _ = cut(message)
    return join(outer, read.section(f"{path}.MIME") + read.section(path))


def _is_detached(part: Part) -> bool:
    return (
        part.content_type == "multipart/signed"
        and len(part.children) == 2  # noqa: PLR2004 - RFC 1847 section 2.1
        and part.children[1].content_type in _DETACHED
    )


_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")  # its object identifier, in DER (RFC 5652 section 5.1)


def _is_signed_data(part: Part, content: bytes) -> bool:
    """Tell signed from encrypted content by itself: the parameter is often missing or wrong."""
    return _SIGNED_DATA in content[:40] or (part.parameter("smime-type").lower() == "signed-data" and not content)


def _bounded(message: bytes) -> None:
    if len(message) > MESSAGE_MAX:
        raise TooLarge(f"a signed or encrypted message has at most {MESSAGE_MAX} octets")


def _last_line(text: str) -> str:
    return next((line.strip()[:200] for line in reversed(text.splitlines()) if line.strip()), "")
