"""Passwords hashed by other programs verify here, and wrong or hostile ones do not."""

import json
import shlex
import subprocess
from base64 import b64decode
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import ConfigurationError, TooLarge, Unsupported
from folkmoot.directory import crypt3
from folkmoot.directory.passwords import PASSWORD_MAX, hash_password, is_known, verify

FIXTURES = Path(__file__).parent.parent / "fixtures" / "passwords"
VECTORS = [vector for file in sorted(FIXTURES.glob("*.json")) for vector in json.loads(file.read_text())]
KEY = bytes(range(16))
CLEAR = ["none", "plain", "cleartext"]
CRYPT = ["crypt", "md5-crypt", "sha256-crypt", "sha512-crypt", "blf-crypt"]
STRETCHED = ["pbkdf2", "argon2i", "argon2id", "argon2", "sym-aes-128-cbc"]
DIGESTS = ["md4", "md5", "plain-md5", "sha", "cram-md5", "ldap-md5", "sha256", "sha512"]
MAKEABLE = [*CLEAR, *CRYPT, *STRETCHED, *DIGESTS, "smd5", "ssha", "ssha256", "ssha512"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v['command'][:40]} {v['password'][:8]}")
def test_a_value_made_by_another_program_verifies(vector: dict[str, str]) -> None:
    key = bytes.fromhex(vector.get("key", ""))
    assert verify(vector["stored"], vector["password"], default_scheme=vector["scheme"], key=key)
    assert not verify(vector["stored"], "x" + vector["password"], default_scheme=vector["scheme"], key=key)


@pytest.mark.parametrize("scheme", MAKEABLE)
def test_what_we_make_verifies_and_nothing_else_does(scheme: str) -> None:
    stored = hash_password("grüße", scheme, key=KEY)
    assert stored.startswith("{" + scheme.upper() + "}")
    assert verify(stored, "grüße", key=KEY)
    assert not verify(stored, "Grüße", key=KEY)
    assert is_known(scheme)


@pytest.mark.parametrize("suffix", [".hex", ".b64", ".base64"])
@pytest.mark.parametrize("scheme", ["md5", "ssha", "md5-crypt", "plain"])
def test_a_suffix_overrides_the_encoding(scheme: str, suffix: str) -> None:
    stored = hash_password("secret", scheme + suffix, prefix=False)
    decode = bytes.fromhex if suffix == ".hex" else b64decode
    assert decode(stored)
    assert verify(stored, "secret", default_scheme=scheme + suffix)


def test_scheme_names_compare_without_case() -> None:
    assert verify("{sSHa256}" + hash_password("a", "ssha256", prefix=False), "a")
    assert verify(hash_password("a", "ssha256", prefix=False), "a", default_scheme="SSHA256")


@pytest.mark.parametrize(
    ("stored", "password"),
    [
        ("", ""),
        ("", "secret"),
        ("secret", ""),
        ("{PLAIN}", ""),
        ("{UNKNOWN}secret", "secret"),
        ("{UNKNOWN}secret", "{UNKNOWN}secret"),
        ("{SSHA}secret", "secret"),
        ("{MD5}zz", "zz"),
        ("{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$", "x"),
        ("{BLF-CRYPT}$2y$99$" + "a" * 53, "x"),
        ("{CRYPT}*", "*"),
        ("{CRYPT}!", "!"),
        ("{CRYPT}x", "x"),
        ("{CRYPT}*0", "x"),
        ("secret", "x" * 5000),
    ],
)
def test_nothing_empty_unknown_or_broken_verifies(stored: str, password: str) -> None:
    assert not verify(stored, password)


@pytest.mark.parametrize(
    "stored",
    [
        "$6$rounds=999999999$saltsaltsalt$" + "a" * 86,
        "$5$rounds=999999999$saltsaltsalt$" + "a" * 43,
        "$2b$31$" + "a" * 53,
        "$y$jZT$cM0cqPxCP9C9v2zq3VGBp.$" + "a" * 43,
        "$7$zU..../....cM0cqPxCP9C9v2zq3VGBp.$" + "a" * 43,
        "$sha1$999999999$abcdefgh$" + "a" * 28,
        "$md5,rounds=999999999$abcdefgh$$" + "a" * 22,
        "_zzzzV3KM" + "a" * 11,
        "{PBKDF2}$1$saltsaltsaltsalt$999999999$" + "a" * 40,
        "{ARGON2ID}$argon2id$v=19$m=99999999,t=9999,p=1$c2FsdHNhbHQ$" + "a" * 43,
    ],
)
def test_a_hostile_cost_is_refused_at_once(stored: str) -> None:
    started = perf_counter()
    assert not verify(stored, "secret", default_scheme="crypt")
    assert perf_counter() - started < 1  # generous: the true cost is minutes or gigabytes


@pytest.mark.parametrize("scheme", ["crypt", "blf-crypt", "md5-crypt"])
def test_a_nul_does_not_cut_the_password(scheme: str) -> None:
    assert not verify(hash_password("secret", scheme), "secret\0more")


@pytest.mark.parametrize(
    ("scheme", "stored"),
    [(v["scheme"], v["stored"]) for v in VECTORS if v["stored"].startswith(("$1$", "$5$", "$6$", "abNAN"))],
)
def test_without_the_c_library_the_common_forms_still_verify(
    scheme: str, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = next(v["password"] for v in VECTORS if v["stored"] == stored)
    monkeypatch.setattr(crypt3, "_system_crypt", lambda: None)
    assert verify(stored, password, default_scheme=scheme)
    assert not verify(stored, "wrong", default_scheme=scheme)
    assert verify(hash_password("new", "md5-crypt"), "new")


def test_a_sealed_password_needs_its_key() -> None:
    stored = hash_password("secret", "sym-aes-128-cbc", key=KEY)
    assert not verify(stored, "secret", key=bytes(16))
    assert not verify(stored, "secret", key=None)
    with pytest.raises(ConfigurationError):
        hash_password("secret", "sym-aes-128-cbc", key=b"short")


def test_long_sealed_passwords_are_kept_whole_and_cut_ones_of_sogo_still_open() -> None:
    long = "a password of more than sixteen octets"
    assert verify(hash_password(long, "sym-aes-128-cbc", key=KEY), long, key=KEY)
    assert not verify(hash_password(long, "sym-aes-128-cbc", key=KEY), long[:-1], key=KEY)
    assert verify(hash_password(long[:16], "sym-aes-128-cbc", key=KEY), long, key=KEY)


def test_a_new_password_is_refused_for_a_reason() -> None:
    with pytest.raises(Unsupported):
        hash_password("x", "rot13")
    with pytest.raises(Unsupported):
        hash_password("")
    with pytest.raises(TooLarge):
        hash_password("x" * (PASSWORD_MAX + 1))


@given(st.text(max_size=40), st.text(max_size=20), st.sampled_from([*MAKEABLE, "crypt", "md5.hex", "rot13"]))
def test_any_stored_value_either_verifies_or_not(stored: str, password: str, scheme: str) -> None:
    if verify(stored, password, default_scheme=scheme, key=KEY):
        assert scheme in CLEAR or stored.startswith("{")


@pytest.mark.live
@pytest.mark.parametrize(
    "command",
    [f"doveadm pw -s {scheme} -p PASSWORD" for scheme in ("SSHA512", "ARGON2ID", "PBKDF2", "CRAM-MD5", "BLF-CRYPT")]
    + ["openssl passwd -6 PASSWORD", "openssl passwd -apr1 PASSWORD", "htpasswd -nbB x PASSWORD"],
)
def test_a_fresh_value_of_another_program_verifies(command: str) -> None:
    arguments = [part.replace("PASSWORD", "frïsch") for part in shlex.split(command)]
    made = subprocess.run(arguments, capture_output=True, check=True, text=True).stdout.strip()
    assert verify(made.removeprefix("x:"), "frïsch", default_scheme="crypt")
