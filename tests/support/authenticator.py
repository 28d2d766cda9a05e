"""An authenticator in software: makes passkeys and signs with them, rightly or as told."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def octets(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class SoftAuthenticator:
    """Holds one key."""

    origin: str
    rp_id: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    count: int = 0
    verified: bool = True

    def create(self, options: Mapping[str, Any]) -> dict[str, object]:
        """Answer ``navigator.credentials.create``."""
        self.user_handle = octets(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        spoken = self._spoken("webauthn.create", options)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._authenticator_octets(ATTESTED) + attested}
        return self._credential(
            {"clientDataJSON": text(spoken), "attestationObject": text(cbor2.dumps(statement)), "transports": ["usb"]}
        )

    def get(self, options: Mapping[str, Any]) -> dict[str, object]:
        """Answer ``navigator.credentials.get``."""
        self.count += 1
        spoken = self._spoken("webauthn.get", options)
        shown = self._authenticator_octets(0)
        signature = self.key.sign(shown + hashlib.sha256(spoken).digest(), ec.ECDSA(hashes.SHA256()))
        return self._credential(
            {
                "clientDataJSON": text(spoken),
                "authenticatorData": text(shown),
                "signature": text(signature),
                "userHandle": text(self.user_handle),
            }
        )

    def _spoken(self, kind: str, options: Mapping[str, Any]) -> bytes:
        return json.dumps(
            {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        ).encode()

    def _authenticator_octets(self, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self, response: Mapping[str, object]) -> dict[str, object]:
        identity = text(self.credential_id)
        return {"id": identity, "rawId": identity, "type": "public-key", "response": dict(response)}
