import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from folkmoot.contentline import Line, Parameter, escape_text
from folkmoot.vcard import (
    AddressFilter,
    Card,
    Collation,
    MatchType,
    ParamFilter,
    PropFilter,
    Test,
    TextMatch,
    match,
    parse,
    prefilter,
    summarize,
)

JANE = parse(
    "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:1\r\nN:Doe;Jane;;;\r\nFN:Jane Doe\r\nNICKNAME:JD,Janey\r\n"
    "EMAIL;TYPE=WORK:jane@firm.example\r\nitem1.EMAIL;TYPE=HOME:jane@home.example\r\nitem1.X-ABLabel:own\r\n"
    "TEL;CELL:+1 555\r\nNOTE:Straße, René\r\nEND:VCARD\r\n"
)


def prop(
    name: str,
    text: str = "",
    *,
    match_type: str = "contains",
    collation: str = "i;unicode-casemap",
    negate: bool = False,
) -> PropFilter:
    return PropFilter(name, text_matches=(TextMatch(text, Collation(collation), MatchType(match_type), negate=negate),))


def test_a_filter_without_conditions_matches_everything() -> None:
    assert match(JANE, AddressFilter())


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (PropFilter("NICKNAME"), True),
        (PropFilter("nickname"), True),
        (PropFilter("PHOTO"), False),
        (PropFilter("PHOTO", is_not_defined=True), True),
        (PropFilter("EMAIL", is_not_defined=True), False),
        (prop("FN", "JANE"), True),
        (prop("FN", "john"), False),
        (prop("PHOTO", "x", negate=True), False),
        (prop("FN", "john", negate=True), True),
        (prop("FN", "jane doe", match_type="equals"), True),
        (prop("FN", "jane", match_type="equals"), False),
        (prop("FN", "jane", match_type="starts-with"), True),
        (prop("FN", "doe", match_type="starts-with"), False),
        (prop("FN", "DOE", match_type="ends-with"), True),
        (prop("N", "doe", match_type="equals"), True),
        (prop("N", "doe;jane;;;", match_type="equals"), True),
        (prop("NICKNAME", "janey", match_type="equals"), True),
        (prop("FN", "jane", collation="i;octet"), False),
        (prop("FN", "Jane", collation="i;octet"), True),
        (prop("NOTE", "RENÉ"), True),
        (prop("NOTE", "REN\u00c9", collation="i;ascii-casemap"), False),
        (prop("NOTE", "ren\u00e9", collation="i;ascii-casemap"), True),
        (prop("NOTE", "STRASSE"), True),
        (prop("item1.EMAIL", "home"), True),
        (prop("ITEM1.email", "firm"), False),
        (PropFilter("item2.EMAIL", is_not_defined=True), True),
    ],
)
def test_conditions_on_a_property(condition: PropFilter, expected: bool) -> None:
    assert match(JANE, AddressFilter((condition,))) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (ParamFilter("TYPE"), True),
        (ParamFilter("PREF"), False),
        (ParamFilter("PREF", is_not_defined=True), True),
        (ParamFilter("type", text_match=TextMatch("home")), True),
        (ParamFilter("TYPE", text_match=TextMatch("cell")), False),
        (ParamFilter("PREF", text_match=TextMatch("1", negate=True)), False),
    ],
)
def test_conditions_on_a_parameter(condition: ParamFilter, expected: bool) -> None:
    assert match(JANE, AddressFilter((PropFilter("EMAIL", param_filters=(condition,)),))) is expected


def test_a_bare_word_of_2_1_is_a_type() -> None:
    cell = ParamFilter("TYPE", text_match=TextMatch("CELL", match_type=MatchType.EQUALS))
    assert match(JANE, AddressFilter((PropFilter("TEL", param_filters=(cell,)),)))


def test_all_conditions_are_asked_of_one_instance() -> None:
    def at(kind: str, text: str, test: Test) -> AddressFilter:
        kinds = (ParamFilter("TYPE", text_match=TextMatch(kind)),)
        return AddressFilter((PropFilter("EMAIL", text_matches=(TextMatch(text),), param_filters=kinds, test=test),))

    assert match(JANE, at("work", "firm", Test.ALLOF))
    assert not match(JANE, at("work", "home.example", Test.ALLOF))
    assert match(JANE, at("work", "nowhere", Test.ANYOF))


def test_conditions_combine_on_the_upper_level_too() -> None:
    here, gone = prop("FN", "jane"), prop("FN", "john")
    assert match(JANE, AddressFilter((here, gone), Test.ANYOF))
    assert not match(JANE, AddressFilter((here, gone), Test.ALLOF))


def test_the_usual_search_is_decided_by_the_index() -> None:
    search = AddressFilter((prop("FN", "Jane"), prop("EMAIL", "jane"), prop("NICKNAME", "jane")))
    narrowed = prefilter(search)
    assert narrowed is not None
    assert narrowed.exact
    assert narrowed.accepts(summarize(JANE).search)
    assert not narrowed.accepts("FN:john\nTEL:jane")


@pytest.mark.parametrize(
    "condition",
    [
        PropFilter("NOTE"),
        PropFilter("FN", is_not_defined=True),
        prop("X-OWN", "a"),
    ],
)
def test_what_the_index_does_not_know_is_not_narrowed(condition: PropFilter) -> None:
    assert prefilter(AddressFilter((condition, prop("FN", "a")))) is None
    both = prefilter(AddressFilter((condition, prop("FN", "a")), Test.ALLOF))
    assert both is not None
    assert not both.exact


@pytest.mark.parametrize(
    "condition",
    [
        prop("FN", "a", match_type="equals"),
        prop("FN", "a", collation="i;octet"),
        prop("FN", "a", negate=True),
        prop("item1.FN", "a"),
        prop("FN", "a\nb"),
        PropFilter("FN", text_matches=(TextMatch("a"),), param_filters=(ParamFilter("TYPE"),)),
    ],
)
def test_what_the_index_only_narrows_is_not_called_exact(condition: PropFilter) -> None:
    narrowed = prefilter(AddressFilter((condition,)))
    assert narrowed is not None
    assert not narrowed.exact


_letters = st.text(
    st.sampled_from("aAbéE\u0301\u0327ßs\u017f\ufb01i\u0130\u0131\u03a3\u03c2\u03c3,;\\ \n\u1100\u1161가"), max_size=4
)
_text_matches = st.builds(
    TextMatch,
    _letters,
    st.sampled_from(Collation),
    st.sampled_from(MatchType),
    negate=st.booleans(),
)
_prop_filters = st.builds(
    PropFilter,
    st.sampled_from(["FN", "N", "EMAIL", "g.FN", "NOTE"]),
    is_not_defined=st.booleans(),
    text_matches=st.lists(_text_matches, max_size=2).map(tuple),
    param_filters=st.lists(
        st.builds(ParamFilter, st.just("TYPE"), is_not_defined=st.booleans(), text_match=st.none() | _text_matches),
        max_size=1,
    ).map(tuple),
    test=st.sampled_from(Test),
)
_filters = st.builds(AddressFilter, st.lists(_prop_filters, max_size=3).map(tuple), st.sampled_from(Test))
_cards = st.lists(
    st.builds(
        lambda name, text, group, kinds: Line(
            name, escape_text(text), [Parameter("TYPE", (kind,)) for kind in kinds], group
        ),
        st.sampled_from(["FN", "N", "EMAIL", "NOTE"]),
        _letters,
        st.sampled_from([None, "g"]),
        st.lists(st.sampled_from(["a", "ß"]), max_size=1),
    ),
    max_size=4,
).map(lambda lines: Card("VCARD", lines))


@given(_cards, _filters)
@settings(max_examples=500)
def test_the_index_never_hides_a_matching_card(card: Card, condition: AddressFilter) -> None:
    narrowed = prefilter(condition)
    if narrowed is None:
        return
    accepted = narrowed.accepts(summarize(card).search)
    if narrowed.exact:
        assert accepted is match(card, condition)
    elif match(card, condition):
        assert accepted
