"""Searching a whole book's texts at once finds what searching card by card finds."""

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.addressbooks.search_texts import SearchTexts
from folkmoot.core.ids import ResourceName
from folkmoot.vcard import Needle, Prefilter

WORDS = st.text(alphabet="ab", min_size=1, max_size=3)
TEXTS = st.lists(st.sampled_from(["FN", "EMAIL"]).flatmap(lambda n: WORDS.map(lambda w: f"{n}:{w}")), max_size=3).map(
    "\n".join
)
NEEDLES = st.builds(Needle, st.sampled_from(["FN", "EMAIL", "TEL"]), st.one_of(st.just(""), WORDS))
CLAUSES = st.lists(st.lists(NEEDLES, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)


@given(st.lists(st.one_of(st.none(), TEXTS), max_size=8), CLAUSES)
def test_the_same_cards_are_found(texts: list[str | None], clauses: tuple[tuple[Needle, ...], ...]) -> None:
    rows = [(ResourceName(f"{n}.vcf"), text) for n, text in enumerate(texts)]
    wanted = Prefilter(clauses, exact=False)
    one_by_one = {name for name, text in rows if text is None or wanted.accepts(text)}
    found = SearchTexts(rows).names(wanted)
    assert set(found) == one_by_one
    assert len(found) == len(one_by_one)
