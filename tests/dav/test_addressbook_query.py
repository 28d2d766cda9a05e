"""CARDDAV:addressbook-query over real services."""

import pytest

from tests.support.dav import Dav, card, condition
from tests.support.reports import ADDRESS_DATA, BOOK, document, names, put, report, status_of

pytestmark = pytest.mark.anyio

BASE = "/SOGo/dav/anna/Contacts/personal/"
PROP = "<D:prop><D:getetag/><CR:address-data/></D:prop>"


def named(text: str, attributes: str = "") -> str:
    return f'<CR:prop-filter name="FN"><CR:text-match {attributes}>{text}</CR:text-match></CR:prop-filter>'


def query(inner: str, attributes: str = "", prop: str = PROP) -> str:
    return f"{prop}<CR:filter {attributes}>{inner}</CR:filter>"


async def fill(dav: Dav) -> None:
    await put(dav, f"{BOOK}jan.vcf", card("jan", "Jan Novák", "EMAIL;TYPE=WORK:jan@example.org\r\n"))
    await put(dav, f"{BOOK}eva.vcf", card("eva", "Eva Nováková", "EMAIL;TYPE=HOME:eva@example.com\r\n"))
    await put(dav, f"{BOOK}lee.vcf", card("lee", "Lee Park"))


async def test_text_is_found_whatever_its_case(dav: Dav) -> None:
    await fill(dav)
    answers = await report(dav, BOOK, "CR:addressbook-query", query(named("NOVÁK")), depth="1")
    assert names(answers) == ["eva.vcf", "jan.vcf"]


async def test_an_empty_filter_finds_every_card(dav: Dav) -> None:
    await fill(dav)
    assert len((await report(dav, BOOK, "CR:addressbook-query", query(""), depth="1")).hrefs) == 3


async def test_conditions_combine_as_the_test_says(dav: Dav) -> None:
    await fill(dav)
    both = named("Jan") + '<CR:prop-filter name="EMAIL"><CR:text-match>example.com</CR:text-match></CR:prop-filter>'
    assert names(await report(dav, BOOK, "CR:addressbook-query", query(both))) == ["eva.vcf", "jan.vcf"]
    assert not (await report(dav, BOOK, "CR:addressbook-query", query(both, 'test="allof"'))).hrefs


async def test_parameters_and_absence_are_conditions_too(dav: Dav) -> None:
    await fill(dav)
    work = (
        '<CR:prop-filter name="EMAIL"><CR:param-filter name="TYPE"><CR:text-match match-type="equals">work'
        "</CR:text-match></CR:param-filter></CR:prop-filter>"
    )
    assert names(await report(dav, BOOK, "CR:addressbook-query", query(work))) == ["jan.vcf"]
    without = '<CR:prop-filter name="EMAIL"><CR:is-not-defined/></CR:prop-filter>'
    assert names(await report(dav, BOOK, "CR:addressbook-query", query(without))) == ["lee.vcf"]


async def test_a_limit_ends_the_answer_with_507_for_the_target(dav: Dav) -> None:
    await fill(dav)
    limited = query("") + "<CR:limit><CR:nresults>2</CR:nresults></CR:limit>"
    answers = await report(dav, BOOK, "CR:addressbook-query", limited)
    assert len(answers.hrefs) == 3
    assert "507" in status_of(answers, BASE)


async def test_named_properties_of_a_card_can_be_asked_for(dav: Dav) -> None:
    await fill(dav)
    prop = '<D:prop><CR:address-data><CR:prop name="FN"/><CR:prop name="UID"/></CR:address-data></D:prop>'
    text = (await report(dav, BOOK, "CR:addressbook-query", query(named("Jan"), prop=prop))).text(ADDRESS_DATA)
    assert "FN:Jan Novák" in text
    assert "VERSION:3.0" in text
    assert "EMAIL" not in text


async def test_one_card_and_a_whole_home_can_be_queried(dav: Dav) -> None:
    await fill(dav)
    assert (await report(dav, f"{BOOK}jan.vcf", "CR:addressbook-query", query(named("Jan")))).hrefs
    assert not (await report(dav, f"{BOOK}lee.vcf", "CR:addressbook-query", query(named("Jan")))).hrefs
    home = await report(dav, "/anna/Contacts/", "CR:addressbook-query", query(named("Jan")), depth="infinity")
    assert names(home) == ["jan.vcf"]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (query(named("x", 'collation="klingon"')), "supported-collation"),
        (query("", prop='<D:prop><CR:address-data version="9.0"/></D:prop>'), "supported-address-data"),
        (query("", prop='<D:prop><CR:address-data content-type="text/html"/></D:prop>'), "supported-address-data"),
    ],
)
async def test_what_cannot_be_asked_names_its_precondition(dav: Dav, content: str, name: str) -> None:
    response = await dav.request("REPORT", BOOK, document("CR:addressbook-query", content))
    assert response.status == 403
    assert condition(response) == f"{{urn:ietf:params:xml:ns:carddav}}{name}"


@pytest.mark.parametrize(
    "content",
    [
        PROP,
        query("<CR:prop-filter/>"),
        query(named("x", 'match-type="sounds-like"')),
        query("", 'test="noneof"'),
        query("") + "<CR:limit><CR:nresults>-1</CR:nresults></CR:limit>",
        query(named("x") * 600),
    ],
)
async def test_malformed_queries_are_400(dav: Dav, content: str) -> None:
    assert (await dav.request("REPORT", BOOK, document("CR:addressbook-query", content))).status == 400
