"""From preferences to a model, to a script, and back again."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.config.servers_section import SieveSettings
from folkmoot.core.errors import FolkmootError, MalformedInput, TooLarge, Unsupported
from folkmoot.mailboxes.filter_rules import mailbox_argument
from folkmoot.mailboxes.sieve.choices import read_wishes
from folkmoot.mailboxes.sieve.grammar import DEPTH_MAX, parse
from folkmoot.mailboxes.sieve.quoting import quoted
from folkmoot.mailboxes.sieve.reading import NotOurs, read
from folkmoot.mailboxes.sieve.surroundings import Surroundings
from folkmoot.mailboxes.sieve.values import (
    Action,
    Field,
    Filter,
    Forward,
    Match,
    Method,
    Notification,
    Period,
    Rule,
    Vacation,
    Wishes,
)
from folkmoot.mailboxes.sieve.writing import SCRIPT_MAX, write
from tests.support.fuzz import fuzz_inputs

UTC_ZONE = ZoneInfo("UTC")
EXTENSIONS = frozenset(
    "body copy date enotify envelope fileinto imap4flags regex reject relational vacation variables".split()  # noqa: SIM905
)
AROUND = Surroundings(EXTENSIONS, datetime(2026, 6, 1, 6, tzinfo=UTC))

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\t."\\;{}$%:'), max_size=30)
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)
ADDRESSES = st.sampled_from(["a@example.net", "b+c@example.org", "d.e@example.com"])
OPERATORS = st.sampled_from(
    ["is", "is_not", "contains", "contains_not", "matches", "matches_not", "regex", "regex_not"]
)
RULES = st.one_of(
    st.builds(Rule, st.just(Field.SIZE), st.sampled_from(["over", "under"]), st.integers(0, 9999).map(str)),
    st.builds(Rule, st.just(Field.HEADER), OPERATORS, TEXTS, st.sampled_from(["X-Kind", "List-Id"])),
    st.builds(Rule, st.sampled_from([one for one in Field if one not in {Field.SIZE, Field.HEADER}]), OPERATORS, TEXTS),
)
ACTIONS = st.one_of(
    st.builds(Action, st.sampled_from([Method.DISCARD, Method.KEEP, Method.STOP])),
    st.builds(Action, st.just(Method.ADD_FLAG), st.sampled_from(["seen", "junk", "$label1"])),
    st.builds(Action, st.just(Method.FILE_INTO), WORDS),
    st.builds(Action, st.just(Method.REDIRECT), ADDRESSES),
    st.builds(Action, st.just(Method.REJECT), TEXTS.filter(bool)),
)
FILTERS = st.builds(
    Filter,
    st.just(""),
    st.sampled_from([Match.ANY, Match.ALL]),
    st.lists(RULES, min_size=1, max_size=3).map(tuple),
    st.lists(ACTIONS, min_size=1, max_size=3).map(tuple),
)
PERIODS = st.builds(
    Period,
    st.none() | st.just(date(2026, 5, 1)),
    st.none() | st.just(date(2026, 7, 1)),
    st.none() | st.just("08:30"),
    st.none() | st.sampled_from(["07:00", "17:00"]),
    st.none() | st.just(("1", "2")),
)
VACATIONS = st.builds(
    Vacation,
    TEXTS,
    st.lists(ADDRESSES, max_size=2).map(tuple),
    st.integers(1, 30),
    st.none() | TEXTS.filter(lambda text: "\n" not in text),
    st.booleans(),
    always=st.booleans(),
    discard=st.booleans(),
    period=PERIODS,
)
FORWARDS = st.builds(Forward, st.lists(ADDRESSES, min_size=2, max_size=3).map(tuple), st.booleans(), st.booleans())
NOTICES = st.builds(Notification, st.lists(ADDRESSES, min_size=1, max_size=2).map(tuple), TEXTS, WORDS)
WISHES = st.builds(
    Wishes,
    st.lists(FILTERS, min_size=1, max_size=3).map(tuple),
    st.none() | VACATIONS,
    st.none() | FORWARDS,
    st.none() | NOTICES,
)


@settings(max_examples=fuzz_inputs(150), deadline=None)
@given(WISHES)
def test_what_is_written_is_read_back(wishes: Wishes) -> None:
    assert read(write(wishes, AROUND), AROUND) == wishes


@settings(max_examples=fuzz_inputs(60), deadline=None)
@given(WISHES, st.integers(0, 2_000), st.sampled_from(["", ";", "}", "keep;", '"', "# x\n", "\x00"]))
def test_what_somebody_has_changed_is_not_taken_for_ours(wishes: Wishes, place: int, change: str) -> None:
    script = write(wishes, AROUND)
    changed = script[:place] + change + script[place + 1 :]
    try:
        found = read(changed, AROUND)
    except NotOurs:
        return
    assert write(found, AROUND) == changed


@settings(max_examples=fuzz_inputs(150), deadline=None)
@given(st.text(st.sampled_from('abc ":;[](){},\r\n\\#/*.1K'), max_size=60) | st.text(max_size=40))
def test_any_text_is_sieve_or_malformed(text: str) -> None:
    with contextlib.suppress(FolkmootError):
        parse(text)
    with contextlib.suppress(NotOurs):
        read(text, AROUND)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["enabled", "active", "match", "rules", "actions", "field", "days"]), inner)
    ),
    max_leaves=10,
)


@settings(max_examples=fuzz_inputs(150), deadline=None)
@given(st.dictionaries(st.sampled_from(["SOGoSieveFilters", "Vacation", "Forward", "Notification"]), JSON))
def test_any_preferences_are_read_or_refused(values: dict[str, object]) -> None:
    with contextlib.suppress(FolkmootError):
        write(read_wishes(values, UTC_ZONE), AROUND)


def _filter(rule: object = None, action: object = None, **further: object) -> dict[str, object]:
    rule = rule or {"field": "subject", "operator": "is", "value": "x"}
    one = {"name": "n", "active": 1, "match": "any", "rules": [rule], "actions": [action or {"method": "keep"}]}
    return {"SOGoSieveFilters": [{**one, **further}]}


def _vacation(**further: object) -> dict[str, object]:
    return {"Vacation": {"enabled": 1, "autoReplyText": "x", **further}}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (_filter(match="some"), "filter 1: match"),
        (_filter(rules=[]), "filter 1: expected 1 to"),
        (_filter(actions={}), "filter 1: expected 1 to"),
        (_filter({"field": "moon"}), "filter 1, rule 1: there is no field 'moon'"),
        (_filter({"field": "subject", "operator": "over"}), "rule 1: subject is not compared by 'over'"),
        (_filter({"field": "size", "operator": "over", "value": "-1"}), "a number of kilobytes"),
        (_filter({"field": "header", "operator": "is", "value": "", "custom_header": 'X"\r\nstop;'}), "no name of a"),
        (_filter({"field": "subject", "operator": "is", "value": "a\x00"}), "control characters"),
        (_filter({"field": "subject", "operator": "is", "value": 7}), "expected a text"),
        (_filter(action={"method": "launch"}), "there is no action 'launch'"),
        (_filter(action={"method": "fileinto"}), "needs an argument"),
        (_filter(action={"method": "fileinto", "argument": "a\nb"}), "control characters"),
        (_filter(action={"method": "redirect", "argument": "a@b.c, d@e.f"}), "not a mail address"),
        (_filter(action={"method": "addflag", "argument": "a b"}), "is no flag"),
        ({"SOGoSieveFilters": [1]}, "filter 1: expected an object"),
        ({"SOGoSieveFilters": [{}] * 501}, "at most 500 filters"),
        (_vacation(customSubjectEnabled=1, customSubject="a\nb"), "more than one line"),
        (_vacation(daysBetweenResponse="often"), "number of days"),
        (_vacation(startDateEnabled=1, startDate="tomorrow"), "seconds since 1970"),
        (_vacation(endDateEnabled=1, endDate=10**30), "seconds since 1970"),
        (_vacation(startTimeEnabled=1, startTime='8" stop'), "a time such as"),
        (_vacation(weekdaysEnabled=1, days=["7"]), "days of the week"),
        (_vacation(weekdaysEnabled=1, days=[]), "days of the week"),
        (_vacation(autoReplyEmailAddresses=['a"b@example.org']), "not a mail address"),
        ({"Forward": {"enabled": 1, "forwardAddress": ["nobody"]}}, "Forward.forwardAddress: not a mail address"),
        ({"Forward": {"enabled": 1, "forwardAddress": {}}}, "mail addresses"),
        ({"Notification": []}, "expected an object"),
    ],
)
def test_what_cannot_be_done_is_told_with_its_place(values: dict[str, object], told: str) -> None:
    with pytest.raises(MalformedInput, match=told.replace("(", r"\(")):
        read_wishes(values, UTC_ZONE)


def test_what_is_switched_off_is_not_looked_at() -> None:
    values = {
        "SOGoSieveFilters": [{"active": 0, "rules": "?"}],
        "Vacation": {"enabled": 0, "startDateEnabled": 1, "startDate": "?"},
        "Forward": {"forwardAddress": 7},
    }
    assert read_wishes(values, UTC_ZONE) == Wishes()
    assert write(Wishes(), AROUND) == ""


def test_names_of_filters_do_not_reach_the_script() -> None:
    script = write(read_wishes(_filter(name='*/ stop; "\r\n.\r\n'), UTC_ZONE), AROUND)
    assert script == 'if anyof (header :is "subject" "x") {\r\n    keep;\r\n}\r\n'


def test_addresses_may_be_one_text_as_old_versions_kept_them() -> None:
    found = read_wishes({"Forward": {"enabled": "YES", "forwardAddress": "a@example.net, b@example.net,"}}, UTC_ZONE)
    assert found.forward == Forward(("a@example.net", "b@example.net"))


def test_days_are_those_of_the_persons_zone() -> None:
    values = _vacation(startDateEnabled=1, startDate=1_767_225_600)
    chicago = read_wishes(values, ZoneInfo("America/Chicago")).vacation
    utc = read_wishes(values, UTC_ZONE).vacation
    assert chicago is not None
    assert utc is not None
    assert (chicago.period.first, utc.period.first) == (date(2025, 12, 31), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("zone", "offset"),
    [("America/St_Johns", "-0230"), ("Asia/Kolkata", "+0530"), ("UTC", "+0000"), ("America/Chicago", "-0500")],
)
def test_times_are_of_the_persons_zone(zone: str, offset: str) -> None:
    assert replace(AROUND, zone=ZoneInfo(zone)).offset == offset


def test_without_date_tests_the_answer_stands_in_the_script_on_its_days_only() -> None:
    old = replace(AROUND, capabilities=frozenset({"vacation"}))
    vacation = Vacation("x", period=Period(date(2026, 6, 2), date(2026, 6, 3)))
    for day, there in ((1, False), (2, True), (3, True), (4, False)):
        now = datetime(2026, 6, day, 12, tzinfo=UTC)
        assert bool(write(Wishes(vacation=vacation), replace(old, now=now))) == there


def test_days_between_answers_follow_the_administrator() -> None:
    none, zero = Wishes(vacation=Vacation("x")), Wishes(vacation=Vacation("x", days=0))
    assert ":days 7 " in write(none, AROUND)
    assert ":days 7 " in write(zero, AROUND)
    assert ":days 0 " in write(zero, replace(AROUND, zero_days=True))


def test_the_administrators_subject_holds_where_none_is_chosen() -> None:
    around = replace(AROUND, default_subject="Away: ${subject}")
    assert ':subject "Away: ${subject}"' in write(Wishes(vacation=Vacation("x")), around)
    assert ':subject "mine"' in write(Wishes(vacation=Vacation("x", subject="mine")), around)


def test_what_the_server_lacks_is_told() -> None:
    few = replace(AROUND, capabilities=frozenset({"fileinto", "imapflags"}))
    rule = {"field": "body", "operator": "regex", "value": "x"}
    with pytest.raises(Unsupported, match="body, regex"):
        write(read_wishes(_filter(rule), UTC_ZONE), few)
    flags = write(read_wishes(_filter(action={"method": "addflag", "argument": "seen"}), UTC_ZONE), few)
    assert flags.startswith('require ["imapflags"];')


def test_levels_of_mailboxes_are_parted_as_the_server_does() -> None:
    wishes = read_wishes(_filter(action={"method": "fileinto", "argument": "a/b"}), UTC_ZONE)
    dotted = replace(AROUND, separator=".")
    assert 'fileinto "a.b";' in write(wishes, dotted)
    (found,) = read(write(wishes, dotted), dotted).filters
    assert found.actions == (Action(Method.FILE_INTO, "a/b"),)


def test_mailboxes_are_named_in_the_encoding_of_the_settings() -> None:
    assert mailbox_argument(SieveSettings(), "R&D/Größe") == "R&-D/Gr&APYA3w-e"
    assert mailbox_argument(SieveSettings(folder_encoding="UTF-8"), "R&D/Größe") == "R&D/Größe"


def test_templates_bring_what_they_require() -> None:
    around = replace(
        AROUND,
        script_header='require ["fileinto", "envelope"];\r\n# first\r\n',
        script_footer='require "copy";\n# last\n',
    )
    script = write(Wishes(forward=Forward(("a@example.net",))), around)
    assert script == 'require ["fileinto","envelope","copy"];\r\n# first\nredirect "a@example.net";\r\n\n# last\n'
    assert read(script, around) == Wishes(forward=Forward(("a@example.net",)))
    assert write(Wishes(), around) == 'require ["fileinto","envelope","copy"];\r\n# first\n\n# last\n'


def test_scripts_and_their_levels_have_limits() -> None:
    with pytest.raises(TooLarge):
        parse("if not " * (DEPTH_MAX + 2) + "true {}")
    with pytest.raises(TooLarge):
        parse("if true {" * (DEPTH_MAX + 2))
    with pytest.raises(TooLarge):
        parse("keep;" * 60_000)
    long = Vacation("x" * SCRIPT_MAX)
    with pytest.raises(TooLarge):
        write(Wishes(vacation=long), AROUND)


def test_strings_hold_anything() -> None:
    text = 'a "b" \\ c'
    (command,) = parse(f"redirect {quoted(text)};")
    assert command.arguments == (text,)
