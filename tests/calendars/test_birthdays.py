"""The birthday calendar follows the cards."""

import pytest

from folkmoot.collections.content import Place, ReadOnly
from folkmoot.collections.objects import Objects
from folkmoot.core.ids import ResourceName
from folkmoot.ical import parse
from folkmoot.store.records import Kind
from tests.calendars.conftest import ANNA, BOOK, House, event

pytestmark = pytest.mark.anyio

BIRTHDAYS = Place(ANNA.principal, Kind.CALENDAR, "birthdays")


def card(name: str, *lines: str) -> str:
    return "\n".join(
        ["BEGIN:VCARD", "VERSION:3.0", f"UID:{name}", f"FN:{name}", f"N:{name};;;;", *lines, "END:VCARD", ""]
    )


async def shown(house: House) -> dict[str, str]:
    _, rows = await Objects(house.access).list_(ANNA, BIRTHDAYS)
    _, stored = await house.objects.read_many(ANNA, BIRTHDAYS, [row.name for row in rows])
    found = {}
    for item in stored.values():
        lines = parse(item.body).components[0]
        found[lines.text("SUMMARY") or ""] = f"{lines.get('DTSTART').value} {lines.get('RRULE').value}"  # type: ignore[union-attr]  # both are always there
    return found


async def test_days_appear_change_and_vanish_with_the_card(house: House) -> None:
    await house.put("eva.vcf", card("Eva", "BDAY:1980-03-14", "X-ANNIVERSARY:2005-06-01"), place=BOOK)
    await house.put("jan.vcf", card("Jan", "BDAY;VALUE=date:--0229"), place=BOOK)
    await house.put("ida.vcf", card("Ida"), place=BOOK)
    assert await shown(house) == {
        "\N{BIRTHDAY CAKE} Eva (1980)": "19800314 FREQ=YEARLY",
        "\N{RING} Eva (2005)": "20050601 FREQ=YEARLY",
        "\N{BIRTHDAY CAKE} Jan": "19720229 FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1",
    }
    await house.put("eva.vcf", card("Eva", "BDAY:1981-03-14"), place=BOOK)
    await house.objects.delete(ANNA, BOOK, ResourceName("jan.vcf"))
    assert await shown(house) == {"\N{BIRTHDAY CAKE} Eva (1981)": "19810314 FREQ=YEARLY"}


async def test_a_change_that_moves_no_day_leaves_the_calendar_alone(house: House) -> None:
    await house.put("eva.vcf", card("Eva", "BDAY:1980-03-14"), place=BOOK)
    _, before = await house.objects.changes(ANNA, BIRTHDAYS, None, None)
    await house.put("eva.vcf", card("Eva", "BDAY:1980-03-14", "NOTE:new"), place=BOOK)
    _, after = await house.objects.changes(ANNA, BIRTHDAYS, before.token, None)
    assert not after.rows


async def test_a_removed_book_takes_its_days_along(house: House) -> None:
    other = Place(ANNA.principal, Kind.ADDRESSBOOK, "other")
    await house.collections.create(ANNA, other, {})
    await house.put("eva.vcf", card("Eva", "BDAY:1980-03-14"), place=BOOK)
    await house.put("jan.vcf", card("Jan", "BDAY:1980-03-15"), place=other)
    assert len(await shown(house)) == 2
    await house.collections.delete(ANNA, other)
    assert list(await shown(house)) == ["\N{BIRTHDAY CAKE} Eva (1980)"]


async def test_nobody_writes_to_it(house: House) -> None:
    await house.put("eva.vcf", card("Eva", "BDAY:1980-03-14"), place=BOOK)
    with pytest.raises(ReadOnly):
        await house.put("a.ics", event("a", "DTSTART:20260610T100000Z"), place=BIRTHDAYS)
    name = next(iter(await house.names(BIRTHDAYS)))
    with pytest.raises(ReadOnly):
        await house.objects.delete(ANNA, BIRTHDAYS, ResourceName(name))


async def test_damaged_days_are_no_days(house: House) -> None:
    for number, bad in enumerate(("BDAY:", "BDAY:soon", "BDAY:1980-13-45", "BDAY:1981-02-29", "BDAY:0000-00-00")):
        await house.put(f"{number}.vcf", card(f"p{number}", bad), place=BOOK)
    home = await house.collections.home(ANNA, ANNA.principal, Kind.CALENDAR)
    if any(seen.collection.name == "birthdays" for seen in home):
        assert set((await shown(house)).values()) <= {"19720229 FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-1"}
