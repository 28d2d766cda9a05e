"""Letters laid out: words of every language, templates of administrators, nothing lost by a broken one."""

import re
import string
import tomllib
from datetime import UTC, date, datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import structlog

from folkmoot.config.general_section import LANGUAGES as SETTINGS_LANGUAGES
from folkmoot.mail import moments
from folkmoot.mail.layout import Layout
from folkmoot.mail.letter import Letter, Row, cut
from folkmoot.mail.words import LANGUAGES, words_for

LETTER = Letter(
    kind="invitation",
    language="en",
    subject="Invitation: <Lunch>",
    heading="Anna invites you",
    title="<Lunch>",
    rows=(Row("When", "today", "was: yesterday"), Row("Where", "here & there")),
    comment="one\ntwo",
    description="\n\nfirst\n\nsecond\n\n",
    remark="Please answer.",
    footer="Automatic.",
    values={"summary": "<Lunch>", "location": "here"},
)
CODES = sorted({code for code, _ in LANGUAGES.values()})


def _catalogue(code: str) -> dict[str, str]:
    text = files("folkmoot.mail").joinpath("catalogues", f"{code}.toml").read_text(encoding="utf-8")
    return {
        f"{section}.{name}": words for section, names in tomllib.loads(text).items() for name, words in names.items()
    }


def _fields(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize("code", CODES)
def test_every_catalogue_is_complete_and_fills_in_the_same_words(code: str) -> None:
    english, own = _catalogue("en"), _catalogue(code)
    assert own.keys() == english.keys()
    assert {key: _fields(text) for key, text in own.items()} == {key: _fields(text) for key, text in english.items()}
    assert all(text.strip() for text in own.values())


def test_every_language_of_the_settings_has_words() -> None:
    for language in (*SETTINGS_LANGUAGES, "Spanish", "French", "Klingon", ""):
        assert words_for(language).text("heading.reminder")
    assert words_for("Klingon").language == "en"
    assert words_for("SpanishArgentina").language == "es"


def test_words_are_values_and_never_read_as_a_pattern() -> None:
    assert (
        words_for("English").text("subject.invitation", title="{sender.__class__}") == "Invitation: {sender.__class__}"
    )


def test_a_letter_is_laid_out_as_text_and_as_html() -> None:
    laid = Layout().lay_out(LETTER)
    assert laid.subject == "Invitation: <Lunch>"
    assert "When: today\n    (was: yesterday)\nWhere: here & there\n" in laid.text
    assert "> one\n> two\n" in laid.text
    assert "\n\n\n" not in laid.text
    assert "&lt;Lunch&gt;" in laid.html
    assert "here &amp; there" in laid.html
    assert "one<br>" in laid.html
    assert not re.search(r"<(script|img|link|iframe|form)|https?:", laid.html)


def test_a_title_that_is_gone_is_struck_through() -> None:
    gone = Letter(kind="x", language="en", subject="s", heading="h", title="t", tone="gone")
    assert "line-through" in Layout().lay_out(gone).html
    assert "line-through" not in Layout().lay_out(LETTER).html


def test_an_administrators_template_comes_first(tmp_path: Path) -> None:
    (tmp_path / "invitation.html").write_text("<p>{{ letter.heading }}: {{ summary }} at {{ location }}</p>")
    (tmp_path / "mail.txt").write_text("ACME\n{{ letter.title }}")
    laid = Layout(str(tmp_path)).lay_out(LETTER)
    assert laid.html == "<p>Anna invites you: &lt;Lunch&gt; at here</p>"
    assert laid.text == "ACME\n<Lunch>\n"
    other = Layout(str(tmp_path)).lay_out(Letter(kind="reminder", language="en", subject="s", heading="h", title="t"))
    assert other.text == "ACME\nt\n"
    assert "<!DOCTYPE html>" in other.html


def test_a_template_may_build_on_another_of_its_directory(tmp_path: Path) -> None:
    (tmp_path / "frame.html").write_text("<b>{% block inner %}{% endblock %}</b>")
    (tmp_path / "invitation.html").write_text("{% extends 'frame.html' %}{% block inner %}{{ summary }}{% endblock %}")
    assert Layout(str(tmp_path)).lay_out(LETTER).html == "<b>&lt;Lunch&gt;</b>"


@pytest.mark.parametrize(
    "broken",
    [
        "{% if %}",
        "{{ nobody }}",
        "{{ letter.nothing }}",
        "{{ 1 / 0 }}",
        "{{ letter.__class__.__mro__ }}",
        "{% for n in range(99999999) %}x{% endfor %}",
        "{% include '../../etc/passwd' %}",
        "{% extends 'missing.html' %}",
        "   ",
        "{{ 'x' * 2000000 }}",
        "\udcff",
    ],
)
def test_a_broken_template_loses_no_mail(tmp_path: Path, broken: str) -> None:
    (tmp_path / "invitation.html").write_bytes(broken.encode(errors="surrogateescape"))
    with structlog.testing.capture_logs() as lines:
        laid = Layout(str(tmp_path)).lay_out(LETTER)
    assert laid.html == Layout().lay_out(LETTER).html
    assert [line["log_level"] for line in lines] == ["error"]
    assert "invitation.html" in lines[0]["template"]


def test_a_directory_that_is_missing_changes_nothing(tmp_path: Path) -> None:
    assert Layout(str(tmp_path / "none")).lay_out(LETTER) == Layout().lay_out(LETTER)


def test_long_texts_are_cut() -> None:
    assert cut("abc", 3) == "abc"
    assert cut("abcd", 3) == "ab…"


def test_times_are_written_as_each_language_does() -> None:
    start = datetime(2026, 6, 8, 8, tzinfo=UTC)
    end, zone = start + timedelta(hours=1), ZoneInfo("Europe/Berlin")
    german, english = words_for("German"), words_for("English")
    assert moments.stretch(german, start, end, zone, named=False) == "Montag, 8. Juni 2026, 10:00 – 11:00"  # noqa: RUF001
    assert moments.stretch(english, start, start, zone, named=False) == "Monday, 8 June 2026, 10:00"
    night = moments.stretch(english, start, start + timedelta(hours=15), zone, named=False)
    assert night == "Monday, 8 June 2026, 10:00 – Tuesday, 9 June 2026, 01:00"  # noqa: RUF001
    assert moments.moment(english, start, timezone(timedelta(hours=5, minutes=30))).endswith("13:30 (GMT+05:30)")
    assert moments.moment(english, start, UTC).endswith("08:00 (Coordinated Universal Time)")
    assert moments.days(english, date(2026, 6, 8), date(2026, 6, 9)) == "Monday, 8 June 2026, all day"
    assert moments.weekdays(german, [0, 2, 4]) == "Montag, Mittwoch und Freitag"
