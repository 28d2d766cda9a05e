"""The signed and encrypted messages of the corpus, opened."""

import pytest

from folkmoot.mail.smime import Layer, Openssl, Smime, Verdict
from folkmoot.mail.smime.keys import key_of_pem
from folkmoot.mime.reading import read_message
from tests.corpus.kinds.signed import FILES, TEXT
from tests.corpus.looking import look, seen

pytestmark = pytest.mark.anyio

S, E = Layer.SIGNED, Layer.ENCRYPTED
VALID = Verdict.VALID
_SIGNED = ((S,), (VALID,), False)


@pytest.mark.parametrize(
    ("name", "layers", "verdicts", "mismatch"),
    [
        ("signed", *_SIGNED),
        ("signed-rich", *_SIGNED),
        ("signed-sha512", *_SIGNED),
        ("signed-sha1", *_SIGNED),
        ("signed-pss", *_SIGNED),
        ("signed-curve", *_SIGNED),
        ("signed-no-attributes", *_SIGNED),
        ("signed-opaque", *_SIGNED),
        ("signed-opaque-rich", *_SIGNED),
        ("ours-signed", *_SIGNED),
        ("signed-expired", (S,), (Verdict.EXPIRED,), False),
        ("signed-stranger", (S,), (Verdict.UNTRUSTED,), False),
        ("signed-by-another", (S,), (VALID,), True),
        ("signed-altered", (S,), (Verdict.ALTERED,), False),
        ("signed-listed", (), (), False),
        ("encrypted", (E,), (), False),
        ("encrypted-rich", (E,), (), False),
        ("encrypted-gcm", (E,), (), False),
        ("encrypted-des3", (E,), (), False),
        ("encrypted-rc2", (E,), (), False),
        ("encrypted-for-another", (), (), False),
        ("signed-encrypted", (E, S), (VALID,), False),
        ("ours-signed-encrypted", (E, S), (VALID,), False),
        ("encrypted-signed", (S, E), (VALID,), False),
        ("opaque-encrypted", (E, S), (VALID,), False),
        ("triple", (S, E, S), (VALID, VALID), False),
    ],
)
async def test_layers_come_off_and_the_text_is_seen(
    name: str, layers: tuple[Layer, ...], verdicts: tuple[Verdict, ...], mismatch: bool
) -> None:
    smime = Smime(Openssl(), FILES / "authority.pem", system_store=False)
    key = key_of_pem((FILES / "bernd.pem").read_bytes())
    opened = await smime.open((FILES / f"{name}.eml").read_bytes(), [key], sender="anja@signed.example")
    assert opened.layers == layers
    assert tuple(one.verdict for one in opened.signatures) == verdicts
    assert any(one.mismatch for one in opened.signatures) is mismatch
    message = read_message(opened.message)
    words = seen(look(message.part, message.sections))
    expected = TEXT.replace("Guten Tag", "Guten Rat") if name == "signed-altered" else TEXT
    assert (expected in words) is (name != "encrypted-for-another")
    assert message.headers().text("subject") == name
    if name.endswith("rich") or name.startswith("ours"):
        assert "application/pdf" in [part.content_type for part in message.part.walk()]


def test_every_message_is_asked_for() -> None:
    asked = {case[0] for case in test_layers_come_off_and_the_text_is_seen.pytestmark[0].args[1]}  # type: ignore[attr-defined]  # pytest's
    assert {path.stem for path in FILES.glob("*.eml")} == asked
