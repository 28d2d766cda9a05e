"""What browsers and authenticators say when a passkey is made or used (Web Authentication Level 2), checked.

The origin and the relying party's id come from the configured public address, never from a request.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BinasciiError
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from folkmoot.auth.errors import WrongCode
from folkmoot.core.errors import MalformedInput

CREDENTIAL_MAX: Final = 64 * 1024  # octets of what a browser answers; attestations with certificates have 8 kB
ID_OCTETS_MAX: Final = 1023  # of a credential id (Web Authentication section 4)
TIMEOUT_MILLISECONDS: Final = 5 * 60 * 1000
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The server, as authenticators know it."""

    id: str  # the host
    origin: str
    name: str


@dataclass(frozen=True, slots=True)
class Registered:
    """A credential that an authenticator has made."""

    id: bytes
    public_key: bytes = field(repr=False)
    sign_count: int
    verified: bool  # the authenticator has verified the person, by PIN or finger


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser answered, as far as it can be read before it is checked."""

    credential: Json
    id: bytes
    challenge: bytes
    user_handle: bytes


def relying_party(public_url: str, name: str) -> RelyingParty | None:
    """Return what passkeys are made for; None where no address is configured that browsers make any for."""
    try:
        parts = urlsplit(public_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
    return RelyingParty(host, origin, name)


def registration_options(
    party: RelyingParty, *, challenge: bytes, user: bytes, login: str, name: str, known: Sequence[bytes]
) -> Json:
    """Return what ``navigator.credentials.create`` takes, in JSON."""
    options = generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=user,
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    return msgspec.json.decode(options_to_json(options), type=dict[str, object])


def sign_in_options(party: RelyingParty, *, challenge: bytes, known: Sequence[bytes], alone: bool) -> Json:
    """Return what ``navigator.credentials.get`` takes, in JSON; without ``known`` the authenticator chooses."""
    wanted = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    options = generate_authentication_options(
        rp_id=party.id,
        challenge=challenge,
        timeout=TIMEOUT_MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known] or None,
        user_verification=wanted,
    )
    return msgspec.json.decode(options_to_json(options), type=dict[str, object])


def read_answer(credential: object) -> Answer:
    """Read what a browser answered, and check nothing yet.

    Raises:
        MalformedInput: it is no credential.
    """
    if not isinstance(credential, dict) or len(msgspec.json.encode(credential)) > CREDENTIAL_MAX:
        raise MalformedInput("this is no credential")
    response = credential.get("response")
    if not isinstance(response, dict):
        raise MalformedInput("this is no credential")
    try:
        spoken = msgspec.json.decode(octets(response.get("clientDataJSON")), type=dict[str, object])
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedInput("this is no credential") from error
    identity = octets(credential.get("rawId") or credential.get("id"))
    if not 0 < len(identity) <= ID_OCTETS_MAX:
        raise MalformedInput("this is no credential")
    handle = response.get("userHandle")
    return Answer(credential, identity, octets(spoken.get("challenge")), octets(handle) if handle else b"")


def check_registration(party: RelyingParty, answer: Answer) -> Registered:
    """Check that an authenticator has made a credential for us and for this challenge.

    Raises:
        WrongCode: it has not.
    """
    try:
        found = verify_registration_response(
            credential=dict(answer.credential),
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WrongCode("the passkey could not be checked") from error
    return Registered(found.credential_id, found.credential_public_key, found.sign_count, found.user_verified)


def check_sign_in(party: RelyingParty, answer: Answer, *, public_key: bytes, sign_count: int, alone: bool) -> int:
    """Check what an authenticator has signed, and return its counter; ``alone``: it must have verified the person.

    Raises:
        WrongCode: it is not right, or the counter has gone back, as that of a copy does.
    """
    try:
        found = verify_authentication_response(
            credential=dict(answer.credential),
            expected_challenge=answer.challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=alone,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise WrongCode("the passkey could not be checked") from error
    return found.new_sign_count


def octets(text: object) -> bytes:
    """Return the octets of unpadded base64url.

    Raises:
        MalformedInput: it is none.
    """
    try:
        if isinstance(text, str):
            return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except (BinasciiError, ValueError):
        pass
    raise MalformedInput("this is no base64url")


def text_of(value: bytes) -> str:
    """Return octets as unpadded base64url."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def digest_of(value: bytes) -> str:
    """Return by what a credential id or challenge is found."""
    return hashlib.sha256(value).hexdigest()
