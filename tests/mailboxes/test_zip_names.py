"""Names in zip files, which lead nowhere."""

import io
import zipfile

import pytest

from folkmoot.mailboxes.zipping import NAME_OCTETS_MAX, ZipStream, safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Grüße", "Grüße"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a\\b:c*d?e"f<g>h|i', "a_b_c_d_e_f_g_h_i"),
        ("  . .hidden. ", "hidden"),
        ("a\r\nb\0c", "a_b_c"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("", "_"),
        ("...", "_"),
        ("exe\u202etxt", "exe_txt"),
        ("\ud800", "_"),
        ("x" * 1000, "x" * NAME_OCTETS_MAX),
        ("ü" * 1000, "ü" * (NAME_OCTETS_MAX // 2)),
    ],
)
def test_a_name_is_safe_on_every_system(text: str, name: str) -> None:
    assert safe_name(text) == name


def test_equal_names_get_numbers_whatever_the_size_of_letters() -> None:
    made = ZipStream()
    for name in ("Hello", "hello", "HELLO"):
        made.begin("", name, ".eml", 0)
        made.write(b"x")
        made.end()
    made.begin("folder", "hello", ".eml", 2**60)
    made.close()
    with zipfile.ZipFile(io.BytesIO(made.take())) as read:
        assert read.namelist() == ["Hello.eml", "hello (2).eml", "HELLO (3).eml", "folder/hello.eml"]
        assert read.testzip() is None


def test_nothing_is_kept_of_what_was_taken() -> None:
    made = ZipStream()
    made.begin("", "a", ".eml", 1_700_000_000)
    made.write(b"x" * 1_000_000)
    assert made.take() or made.take() == b""
    assert made.take() == b""
