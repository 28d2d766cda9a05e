"""To whom rights can be given, and who may give them."""

from collections.abc import Collection, Mapping

import pytest

from folkmoot.collections import grants
from folkmoot.collections.grants import UnknownSubject
from folkmoot.core.errors import Forbidden, NotFound, TooLarge
from folkmoot.core.ids import PrincipalId
from folkmoot.directory.principal import Principal
from tests.collections.conftest import ANNA, BERT, BOOK, House, card
from tests.support.everybody import Everybody

pytestmark = pytest.mark.anyio

VIEWER = frozenset(["ObjectViewer"])
NONE: frozenset[str] = frozenset()


class Few(Everybody):
    """Knows bert and the group staff."""

    async def find_many(self, principals: Collection[PrincipalId]) -> Mapping[PrincipalId, Principal]:
        known = await super().find_many(principals)
        return {name: one for name, one in known.items() if name in {"bert", "staff"}}


@pytest.fixture
async def few(house: House) -> grants.Grants:
    """Rights in a house whose directory knows few."""
    await house.put("a.vcf", card("a"))
    return grants.Grants(house.access, Few())


@pytest.mark.parametrize("subject", ["zoe", "@zoe", "staff", "@bert", "", "@", "@@staff", "bert'--", "<all>"])
async def test_nobody_unknown_is_given_rights(few: grants.Grants, subject: str) -> None:
    for give in (few.change(ANNA, BOOK, {"bert": VIEWER, subject: VIEWER}), few.replace(ANNA, BOOK, {subject: VIEWER})):
        with pytest.raises(UnknownSubject):
            await give
    assert (await few.of(ANNA, BOOK))[1] == {}


async def test_known_people_groups_and_everybody_are_given_rights(few: grants.Grants) -> None:
    wanted = dict.fromkeys(("bert", "@staff", "<default>", "anonymous"), VIEWER)
    await few.change(ANNA, BOOK, wanted)
    assert (await few.of(ANNA, BOOK))[1] == wanted
    assert (await few.of(BERT, BOOK))[1] == {"bert": VIEWER}


async def test_who_has_gone_keeps_rows_until_they_are_taken_away(house: House, few: grants.Grants) -> None:
    await house.grants.set_(ANNA, BOOK, "zoe", VIEWER)
    await few.replace(ANNA, BOOK, {"zoe": VIEWER, "bert": VIEWER})
    await few.set_(ANNA, BOOK, "zoe", NONE)
    assert (await few.of(ANNA, BOOK))[1] == {"bert": VIEWER}
    with pytest.raises(UnknownSubject):
        await few.set_(ANNA, BOOK, "zoe", VIEWER)


async def test_only_the_owner_gives_rights_and_strangers_learn_nothing(few: grants.Grants) -> None:
    everything = frozenset(["ObjectEditor", "ObjectCreator", "ObjectEraser"])
    with pytest.raises(NotFound):
        await few.set_(BERT, BOOK, "bert", everything)
    await few.set_(ANNA, BOOK, "bert", everything)
    for subject in ("bert", "@staff", "<default>", "anonymous", "zoe"):
        with pytest.raises(Forbidden):
            await few.set_(BERT, BOOK, subject, VIEWER)
    with pytest.raises(Forbidden):
        await few.set_(ANNA, BOOK, "bert", frozenset(["PublicViewer"]))


async def test_a_collection_names_a_bounded_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.put("a.vcf", card("a"))
    monkeypatch.setattr(grants, "SUBJECTS_MAX", 2)
    await house.grants.change(ANNA, BOOK, {"b": VIEWER, "c": VIEWER})
    with pytest.raises(TooLarge):
        await house.grants.set_(ANNA, BOOK, "d", VIEWER)
    with pytest.raises(TooLarge):
        await house.grants.replace(ANNA, BOOK, dict.fromkeys("bcd", VIEWER))
