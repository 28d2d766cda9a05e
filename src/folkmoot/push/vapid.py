"""Who we are to push services: one key pair of the installation (RFC 8292)."""

from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from folkmoot.database import Database
from folkmoot.push.encryption import to_base64url
from folkmoot.store import secrets

SECRET: Final = "vapid"  # noqa: S105 - its name
SECRET_OCTETS: Final = 40  # 8 more than the key has, so that no key is likelier than another
LIFE_SECONDS: Final = 12 * 3600  # of one token; at most a day (RFC 8292 section 2)
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256
_HALF: Final = 32  # octets of each number of a signature


class VapidKey:
    """The key pair."""

    def __init__(self, secret: bytes) -> None:
        number = int.from_bytes(secret, "big") % (_ORDER - 1) + 1
        self._private = ec.derive_private_key(number, ec.SECP256R1())

    @cached_property
    def public(self) -> str:
        """The public key as browsers want it: an uncompressed point in base64url."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return to_base64url(point)

    def authorization(self, url: str, subject: str, now: int) -> str:
        """Return the Authorization header for a push service.

        ``subject`` is where its operators reach us, ``now`` in milliseconds since 1970 UTC.
        """
        place = urlsplit(url)
        claims = {"aud": f"{place.scheme}://{place.netloc}", "exp": now // 1000 + LIFE_SECONDS, "sub": subject}
        head = to_base64url(msgspec.json.encode({"typ": "JWT", "alg": "ES256"}))
        signed = f"{head}.{to_base64url(msgspec.json.encode(claims))}"
        r, s = decode_dss_signature(self._private.sign(signed.encode("ascii"), ec.ECDSA(SHA256())))
        signature = to_base64url(r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big"))
        return f"vapid t={signed}.{signature}, k={self.public}"


async def vapid_key(database: Database) -> VapidKey:
    """Return the installation's key, made now if there is none.

    Raises:
        Unavailable: the database does not answer.
    """
    return VapidKey(await database.write(lambda tx: secrets.get_or_make(tx, SECRET, SECRET_OCTETS)))
