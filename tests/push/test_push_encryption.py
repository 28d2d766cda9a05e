"""What only the browser can read, and who we are to push services."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from folkmoot.core.errors import MalformedInput, TooLarge
from folkmoot.database import Database
from folkmoot.push.encryption import PLAIN_MAX, Recipient, encrypt, encrypt_with, parse_recipient
from folkmoot.push.vapid import VapidKey, vapid_key
from tests.support.push_service import Browser, decoded, encoded

POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"


def private(text: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decoded(text), "big"), ec.SECP256R1())


def test_the_example_of_rfc_8291() -> None:
    recipient = parse_recipient(
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "BTBZMqHH6r4Tts7J_aSIgg",
    )
    sealed = encrypt_with(
        b"When I grow up, I want to be a watermelon",
        recipient,
        private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
        decoded("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert encoded(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru"
        "3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_browser_reads_what_was_encrypted_for_it() -> None:
    browser = Browser()
    recipient = Recipient(browser.point, browser.auth)
    plain = b"x" * PLAIN_MAX
    sealed = encrypt(plain, recipient)
    assert browser.read(sealed) == plain
    assert len(sealed) == 4096
    assert encrypt(plain, recipient) != sealed
    with pytest.raises(TooLarge):
        encrypt(plain + b"x", recipient)


@pytest.mark.parametrize(
    ("p256dh", "auth"),
    [
        ("", ""),
        ("AAAA", "BTBZMqHH6r4Tts7J_aSIgg"),
        (encoded(b"\x04" + 64 * b"\x01"), "BTBZMqHH6r4Tts7J_aSIgg"),  # not on the curve
        (encoded(b"\x00" + 64 * b"\x00"), "BTBZMqHH6r4Tts7J_aSIgg"),
        (POINT, "AAAA"),
        (POINT, "\u0661" * 22),
        ("%" * 88, "%" * 22),
        ("A" * 100_000, "BTBZMqHH6r4Tts7J_aSIgg"),
    ],
)
def test_what_is_no_key_is_refused(p256dh: str, auth: str) -> None:
    with pytest.raises(MalformedInput):
        parse_recipient(p256dh, auth)


def test_push_services_can_verify_who_we_are() -> None:
    key = VapidKey(b"k" * 40)
    header = key.authorization("https://push.test:8443/a/b?c", "https://h.test", 1_000_000)
    scheme, _, rest = header.partition(" ")
    fields = dict(one.strip().split("=", 1) for one in rest.split(","))
    point = decoded(fields["k"])
    public = {"kty": "EC", "crv": "P-256", "x": encoded(point[1:33]), "y": encoded(point[33:])}
    token = jwt.decode(fields["t"], ECKey.import_key(public), algorithms=["ES256"])  # type: ignore[arg-type]
    assert scheme == "vapid"
    assert fields["k"] == key.public
    assert token.claims == {"aud": "https://push.test:8443", "exp": 1000 + 12 * 3600, "sub": "https://h.test"}
    assert token.header == {"typ": "JWT", "alg": "ES256"}


@pytest.mark.anyio
async def test_all_workers_have_the_same_key(database: Database) -> None:
    first, second = await vapid_key(database), await vapid_key(database)
    assert first.public == second.public
    assert len(decoded(first.public)) == 65
