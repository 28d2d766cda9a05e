"""What one's own address books know of whom one writes with."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from folkmoot.addressbooks.content import AddressBookContent
from folkmoot.addressbooks.correspondent_cards import card_text, certificates_of, new_card, with_certificates
from folkmoot.addressbooks.correspondents import COLLECTED_MAX, Correspondents
from folkmoot.addressbooks.service import AddressBooks
from folkmoot.collections.access import Access
from folkmoot.collections.collections import Collections
from folkmoot.collections.content import Place
from folkmoot.collections.objects import Objects
from folkmoot.core.caller import Caller
from folkmoot.core.clock import SystemClock
from folkmoot.core.errors import MalformedInput
from folkmoot.core.ids import PrincipalId, ResourceName
from folkmoot.database import Database
from folkmoot.directory.directory import Directory
from folkmoot.mail.smime import Certificate
from folkmoot.mime.headers import MailAddress
from folkmoot.sharing.policy import SharingPolicy
from folkmoot.store.records import Kind
from folkmoot.vcard import Card, parse, to_version
from tests.support.memory_source import Memory
from tests.support.smime_people import authority

pytestmark = pytest.mark.anyio
ANNA = Caller(PrincipalId("anna"))


@dataclass
class Shelf:
    """The books of Anna."""

    objects: Objects
    collections: Collections
    known: Correspondents

    async def put(self, book: str, card: bytes, name: str = "one.vcf") -> None:
        await self.objects.put(ANNA, _book(book), ResourceName(name), card, "text/vcard")

    async def cards(self, book: str) -> list[Card]:
        _, rows = await self.objects.list_(ANNA, _book(book))
        _, found = await self.objects.read_many(ANNA, _book(book), [row.name for row in rows])
        return sorted((parse(one.body) for one in found.values()), key=lambda card: card.text("EMAIL") or "")


def _book(name: str) -> Place:
    return Place(ANNA.principal, Kind.ADDRESSBOOK, name)


@pytest.fixture
async def shelf(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Shelf]:
    shutil.copy(migrated_file, tmp_path / "books.db")
    async with await Database.open(f"sqlite:///{tmp_path}/books.db") as database:
        access = Access(database, [AddressBookContent()], SharingPolicy(), SystemClock())
        objects, collections = Objects(access), Collections(access)
        directory = Directory([Memory({"anna": "secret", "bert": "secret"})])
        yield Shelf(objects, collections, Correspondents(collections, objects, AddressBooks(access), directory))


def certificate(address: str) -> Certificate:
    return authority().person(address, kind="ec").key.certificate


def card_of(address: str, *lines: str) -> bytes:
    text = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{address}", "FN:Ida", f"EMAIL;TYPE=INTERNET:{address}", *lines]
    return ("\r\n".join([*text, "END:VCARD"]) + "\r\n").encode()


async def test_who_is_new_becomes_a_card_once(shelf: Shelf) -> None:
    ida, otto = MailAddress("Ida Vogel", "ida@example.net"), MailAddress("", "Otto@example.net")
    assert await shelf.known.collect(ANNA, [ida, otto, ida, MailAddress("", "not an address")]) == 2
    assert await shelf.known.collect(ANNA, [MailAddress("I. V.", "IDA@example.net"), otto]) == 0
    first, second = sorted(await shelf.cards("collected"), key=lambda card: card.text("FN") or "")
    assert (first.text("FN"), first.text("N"), first.text("EMAIL")) == ("Ida Vogel", "Vogel;Ida;;;", "ida@example.net")
    assert (second.text("FN"), second.text("EMAIL")) == ("Otto@example.net", "Otto@example.net")


async def test_who_is_in_some_book_or_of_this_server_is_not_collected(shelf: Shelf) -> None:
    await shelf.put("personal", card_of("Ida@Example.net"))
    people = [MailAddress("", address) for address in ("ida@example.net", "bert@example.org", "da@example.net")]
    assert await shelf.known.collect(ANNA, people) == 1
    assert [card.text("EMAIL") for card in await shelf.cards("collected")] == ["da@example.net"]


async def test_new_people_go_into_the_chosen_book_and_into_the_usual_one_if_that_is_gone(shelf: Shelf) -> None:
    await shelf.collections.create(ANNA, _book("work"), {})
    assert await shelf.known.collect(ANNA, [MailAddress("", "a@example.net")], book="work") == 1
    assert await shelf.known.collect(ANNA, [MailAddress("", "b@example.net")], book="gone") == 1
    assert [card.text("EMAIL") for card in await shelf.cards("work")] == ["a@example.net"]
    assert [card.text("EMAIL") for card in await shelf.cards("collected")] == ["b@example.net"]


async def test_a_message_to_crowds_does_not_fill_the_book(shelf: Shelf) -> None:
    crowd = [MailAddress("", f"{number}@example.net") for number in range(COLLECTED_MAX + 20)]
    assert await shelf.known.collect(ANNA, crowd) == COLLECTED_MAX


async def test_a_name_never_becomes_a_line_of_the_card(shelf: Shelf) -> None:
    evil = MailAddress("Ida\r\nTEL:666\r\nEND:VCARD", "ida@example.net")
    assert await shelf.known.collect(ANNA, [evil]) == 1
    (card,) = await shelf.cards("collected")
    assert card.get("TEL") is None
    assert card.text("FN") == "Ida TEL:666 END:VCARD"


async def test_certificates_are_found_in_cards_of_any_version_and_book(shelf: Shelf) -> None:
    ida, otto = certificate("ida@example.net"), certificate("otto@example.net")
    third = with_certificates(parse(card_of("ida@example.net")), [ida])
    assert third is not None
    await shelf.put("personal", card_text(third))
    fourth = with_certificates(to_version(parse(card_of("OTTO@example.net")), "4.0"), [otto])
    assert fourth is not None
    assert b"KEY:data:application/pkix-cert;base64," in card_text(fourth)
    await shelf.put("collected", card_text(fourth))
    found = await shelf.known.certificates_for(ANNA, ["Ida@example.net", "otto@example.net", "x@example.net"])
    assert found == {"ida@example.net": [ida], "otto@example.net": [otto]}
    assert await shelf.known.certificates_for(ANNA, []) == {}


def test_keys_that_are_none_are_passed_over() -> None:
    ida = certificate("ida@example.net")
    pem = ida.pem.replace("\n", "\\n")
    card = parse(
        card_of(
            "ida@example.net",
            "KEY;TYPE=PGP;ENCODING=b:AAEC",
            "KEY:https://example.net/key",
            "KEY;TYPE=X509;ENCODING=b:!!!!",
            f"KEY;TYPE=X509:{pem}",
        )
    )
    assert certificates_of(card) == [ida]
    assert with_certificates(card, [ida]) is None


async def test_a_signers_certificate_goes_into_the_card_that_is_there(shelf: Shelf) -> None:
    await shelf.put(
        "personal", card_of("ida@example.net", "X-OWN;X-P=1:stays as it is", "KEY;TYPE=PGP;ENCODING=b:AAEC")
    )
    ida = certificate("ida@example.net")
    for _ in range(2):
        await shelf.known.keep_certificates(ANNA, MailAddress("Ida", "Ida@example.net"), [ida])
    (card,) = await shelf.cards("personal")
    assert len(card.all("KEY")) == 2
    assert b"X-OWN;X-P=1:stays as it is" in card_text(card)
    assert await shelf.cards("collected") == []
    assert await shelf.known.certificates_for(ANNA, ["ida@example.net"]) == {"ida@example.net": [ida]}


async def test_a_signer_without_a_card_gets_one(shelf: Shelf) -> None:
    ida = certificate("ida@example.net")
    await shelf.known.keep_certificates(ANNA, MailAddress("Ida Vogel", "ida@example.net"), [ida])
    (card,) = await shelf.cards("collected")
    assert (card.text("FN"), certificates_of(card)) == ("Ida Vogel", [ida])


async def test_a_certificate_of_another_address_is_refused(shelf: Shelf) -> None:
    with pytest.raises(MalformedInput):
        await shelf.known.keep_certificates(ANNA, MailAddress("", "ida@example.net"), [certificate("o@example.net")])


def test_a_name_with_a_comma_begins_with_the_family() -> None:
    assert new_card("1", "ida@example.net", "Vogel, Ida").text("N") == "Vogel;Ida;;;"
