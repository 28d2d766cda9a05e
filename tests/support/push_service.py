"""A push service on loopback and the browser behind it, which decrypts what it is sent by RFC 8291."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.web_server import Web


def encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """A browser's keys; ``private`` and ``auth`` never leave it."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen octets.."

    @property
    def point(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": encoded(self.point), "auth": encoded(self.auth)}

    def read(self, body: bytes) -> bytes:
        """Decrypt one message."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        assert len(sealed) <= size
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.private.exchange(ec.ECDH(), public)
        material = self._derive(32, self.auth, b"WebPush: info\0" + self.point + sender, shared)
        key = self._derive(16, salt, b"Content-Encoding: aes128gcm\0", material)
        nonce = self._derive(12, salt, b"Content-Encoding: nonce\0", material)
        padded = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert padded.endswith(b"\x02")
        return padded[:-1]

    @staticmethod
    def _derive(length: int, salt: bytes, info: bytes, secret: bytes) -> bytes:
        return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


@dataclass
class PushService:
    """What came for one browser; the server answers 201 unless told otherwise."""

    web: Web
    browser: Browser = field(default_factory=Browser)
    path: str = "/push/1"

    def __post_init__(self) -> None:
        self.answer("201 Created")

    @property
    def url(self) -> str:
        return self.web.tls_url(self.path)

    def answer(self, status: str, **headers: str) -> None:
        self.web.on(self.path, b"", status=status, **headers)

    @property
    def heads(self) -> list[dict[str, str]]:
        return [one.headers for one in self.web.asked if one.path == self.path]

    @property
    def messages(self) -> list[Any]:
        return [json.loads(self.browser.read(one.body)) for one in self.web.asked if one.path == self.path]

    @staticmethod
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["127.0.0.1"]
