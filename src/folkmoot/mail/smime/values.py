"""What looking into a signed or encrypted message gives."""

from dataclasses import dataclass, field
from enum import StrEnum

from folkmoot.mail.smime.certificates import Certificate


class Verdict(StrEnum):
    """What is to be thought of a signature; all but ``VALID`` are warnings."""

    VALID = "valid"
    EXPIRED = "expired"  # unaltered, but a certificate has run out, or is not valid yet
    UNTRUSTED = "untrusted"  # unaltered, but nobody we trust vouches for the signer
    UNSUITABLE = "unsuitable"  # unaltered, but the certificate is not for mail
    ALTERED = "altered"  # the text is not what was signed
    UNREADABLE = "unreadable"  # no signature that we understand


class Layer(StrEnum):
    """What was taken off, from the outside."""

    ENCRYPTED = "encrypted"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature over what was within it."""

    verdict: Verdict
    signers: tuple[Certificate, ...] = ()
    chain: tuple[Certificate, ...] = ()  # all certificates that came along
    mismatch: bool = False  # signers are known, and none has the sender's address
    error: str = ""  # openssl's words

    @property
    def good(self) -> bool:
        """Whether the sender, and nobody else, wrote what was signed."""
        return self.verdict is Verdict.VALID and bool(self.signers) and not self.mismatch


@dataclass(frozen=True, slots=True)
class Opened:
    """A message without its layers: the fields that were outside, and the parts that were within.

    Of the fields outside nothing is protected.  Where something was decrypted, content from elsewhere must not be
    loaded unless ``remote_allowed``: whoever changed the ciphertext could have text sent away with the request.
    """

    message: bytes = field(repr=False)
    layers: tuple[Layer, ...] = ()
    signatures: tuple[Signature, ...] = ()  # from the outside
    error: str = ""  # why what is left is still encrypted

    @property
    def decrypted(self) -> bool:
        return Layer.ENCRYPTED in self.layers

    @property
    def remote_allowed(self) -> bool:
        return not self.decrypted or any(signature.good for signature in self.signatures)
