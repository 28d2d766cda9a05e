"""What Dovecot is told; the golden files are what a person has read."""

from dataclasses import replace
from pathlib import Path

import pytest

from folkmoot.core.errors import ConfigurationError
from folkmoot.stack import dovecot
from folkmoot.stack.dovecot import DovecotValues, Folders, Ports, RunsAs, files
from folkmoot.stack.dovecot_text import Setting, section, settings, write, write_flat
from folkmoot.stack.lua import script

GOLDEN = Path(__file__).parent / "golden"
VALUES = DovecotValues(
    directory=Path("/srv/folkmoot/mail"),
    homes=Path("/srv/folkmoot/mail/homes"),
    base=Path("/srv/folkmoot/mail/run"),
    ports=Ports(imap=20_143, sieve=24_190, submission=20_587),
    runs_as=RunsAs("folk", "folk", "folk", "folk", "folk"),
    calls_url="http://127.0.0.1:20080/.folkmoot/mail",
    secret="a-secret",
    relay_port=20_025,
    relay_name="dovecot",
)


@pytest.mark.parametrize("name", [dovecot.CONF, dovecot.PASSWORDS, dovecot.TOKENS, dovecot.BEFORE])
def test_the_files_are_as_a_person_has_read_them(name: str) -> None:
    made = files(VALUES)[name]
    kept = GOLDEN / name
    if not kept.exists():
        kept.write_text(made)
        pytest.fail(f"{kept} is new: read it")
    assert made == kept.read_text()


def test_as_root_processes_have_users_of_their_own_and_keep_their_cage() -> None:
    runs_as = RunsAs("dovecot", "dovecot", "dovenull", "vmail", "vmail")
    text = files(replace(VALUES, runs_as=runs_as))[dovecot.CONF]
    assert "chroot" not in text
    assert "default_login_user = dovenull" in text
    assert "uid=vmail gid=vmail" in text


def test_folders_and_quota_are_those_of_the_settings() -> None:
    folders = Folders(drafts="Entwürfe", junk='Un"erwünscht')
    made = files(replace(VALUES, folders=folders, quota_megabytes=500, message_kilobytes=20_000))
    assert "mailbox Entwürfe {" in made[dovecot.CONF]
    assert "quota_rule = *:storage=500M" in made[dovecot.CONF]
    assert "submission_max_mail_size = 20000k" in made[dovecot.CONF]
    assert 'fileinto :create "Un\\"erwünscht";' in made[dovecot.BEFORE]


def test_the_secret_is_in_no_repr() -> None:
    assert "a-secret" not in repr(VALUES)


def test_the_script_begins_with_where_and_what() -> None:
    assert script("http://127.0.0.1:1/x", "y-_z").startswith(
        'local URL <const> = "http://127.0.0.1:1/x"\nlocal SECRET <const> = "y-_z"\n-- Run by Dovecot'
    )


@pytest.mark.parametrize("odd", ['a"b', "a\nb", "a\\b", "", "a b"])
def test_no_value_can_end_the_scripts_strings(odd: str) -> None:
    with pytest.raises(ConfigurationError):
        script("http://127.0.0.1:1/x", odd)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain words", "a = plain words"),
        ("", "a ="),
        (True, "a = yes"),
        (False, "a = no"),
        (7, "a = 7"),
        (" spaces ", 'a = " spaces "'),
        ("half # a comment", 'a = "half # a comment"'),
        ('quo"te', 'a = "quo\\"te"'),
        ("\\Drafts", 'a = "\\\\Drafts"'),
        ("$mail_plugins acl", "a = $mail_plugins acl"),
        ("it's", 'a = "it\'s"'),
    ],
)
def test_a_value_is_written_so_that_it_is_read_back(value: str | int | bool, written: str) -> None:
    assert write([Setting("a", value)]) == f"{written}\n"


@pytest.mark.parametrize("value", ["a\nb = c", "a\rb", "a\0b"])
def test_no_value_begins_another_line(value: str) -> None:
    with pytest.raises(ConfigurationError):
        write([Setting("a", value)])
    with pytest.raises(ConfigurationError):
        write_flat([Setting("a", value)])


def test_a_file_of_arguments_takes_no_value_that_it_cannot_quote() -> None:
    with pytest.raises(ConfigurationError):
        write_flat([Setting("a", "b # c")])
    assert write_flat(settings(a="b", c=True)) == "a = b\nc = yes\n"


def test_sections_are_nested_and_named() -> None:
    tree = section("service", "auth", section("unix_listener", "auth userdb", *settings(mode="0600")), *settings(x=1))
    assert write([tree]) == ('service auth {\n  unix_listener "auth userdb" {\n    mode = 0600\n  }\n  x = 1\n}\n')


def test_a_name_that_is_none_is_a_mistake_of_ours() -> None:
    with pytest.raises(ConfigurationError):
        write([Setting("a b", 1)])


def test_directories_with_a_percent_sign_are_refused_as_dovecot_would_expand_it() -> None:
    with pytest.raises(ConfigurationError, match="%"):
        files(replace(VALUES, homes=Path("/srv/100%u")))
