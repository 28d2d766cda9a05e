"""Contacts: customers, suppliers and friends with addresses, birthdays and portraits, as vCard 3.0 (RFC 2426)."""

import base64
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Final

from folkmoot.contentline import escape_text, fold
from folkmoot.tool.demo.people import COMPANY, PEOPLE, Person
from folkmoot.tool.demo.portrait import portrait

CONTACTS: Final = 60  # in each address book
KNOWN: Final = 90  # people outside that somebody in the company knows

_GIVEN: Final = (
    *("Aisha", "Björn", "Camille", "Dimitri", "Elif", "François", "Gudrun", "Håkon", "Inés", "Jakub", "Katarína"),
    *("Lars", "Mei", "Nikos", "Olga", "Paolo", "Quentin", "Renée", "Søren", "Tomás", "Ulrike", "Vera", "Wei"),
    *("Xenia", "Yusuf", "Zuzana", "Aarav", "Beatriz", "Colm", "Daniela"),
)
_FAMILY: Final = (
    *("Andersson", "Bianchi", "Çelik", "Dvořák", "Eriksen", "Fernández", "García", "Hoffmann", "Ivanova", "Jensen"),
    *("Kowalski", "Lefèvre", "Müller", "Nakamura", "O'Brien", "Papadopoulos", "Quirke", "Rossi", "Sørensen", "Tóth"),
    *("Ünal", "van Dijk", "Weiß", "Xu", "Yamada", "Zieliński", "Almeida", "Bauer", "Chowdhury", "Dubois"),
)
_FIRMS: Final = (
    ("Observatorio del Teide", "Research", "Vía Láctea s/n", "La Laguna", "38205", "Spain", "+34 922 605"),
    ("Nordlicht Optik GmbH", "Supplier", "Hafenstraße 12", "Kiel", "24103", "Germany", "+49 431 555"),
    ("Société Astronomique de Lyon", "Customer", "12 rue de la Charité", "Lyon", "69002", "France", "+33 4 72 55"),
    ("Blue Ridge Star Parties", "Customer", "410 Main Street", "Asheville", "NC 28801", "USA", "+1 828 555"),
    ("天文台設計株式会社", "Customer", "千代田区1-2-3", "東京", "100-0001", "Japan", "+81 3 5555"),
    ("Kraków Glassworks", "Supplier", "ul. Szklana 7", "Kraków", "30-002", "Poland", "+48 12 555"),
)


def contacts(person: Person) -> Iterator[str]:
    """Yield the cards of a person's address book: colleagues, then people elsewhere."""
    for colleague in PEOPLE:
        if colleague != person:
            yield _colleague(person, colleague)
    random = Random(f"contacts of {person.login}")  # noqa: S311 - the same at each run
    for given, family in random.sample(_known(), CONTACTS - len(PEOPLE) + 1):
        yield _outsider(person, given, family, random)


@cache
def _known() -> list[tuple[str, str]]:
    names = [(given, family) for given in _GIVEN for family in _FAMILY]
    return Random("whom the company knows").sample(names, KNOWN)  # noqa: S311 - the same at each run


def _colleague(person: Person, colleague: Person) -> str:
    return _card(
        f"demo-{person.login}-{colleague.login}",
        colleague.given,
        colleague.family,
        [
            f"ORG:{escape_text(COMPANY)}",
            f"TITLE:{escape_text(colleague.job)}",
            f"EMAIL;TYPE=INTERNET,WORK,PREF:{colleague.mail}",
            f"BDAY:{colleague.birthday:%Y-%m-%d}",
            "CATEGORIES:Colleague",
        ],
    )


def _outsider(person: Person, given: str, family: str, random: Random) -> str:
    firm, category, street, city, code, country, phone = random.choice(_FIRMS)
    address = f"{_ascii(given)}.{_ascii(family)}@{random.choice(('example.com', 'example.net', 'example.org'))}"
    lines = [
        f"ORG:{escape_text(firm)}",
        f"EMAIL;TYPE=INTERNET,WORK:{address.lower()}",
        f"TEL;TYPE=WORK,VOICE:{phone} {random.randrange(10, 100)} {random.randrange(10, 100)}",
        f"ADR;TYPE=WORK:;;{';'.join(escape_text(part) for part in (street, city, '', code, country))}",
        f"CATEGORIES:{category}",
    ]
    if random.random() < 0.5:  # noqa: PLR2004 - half of them
        lines.append(f"TEL;TYPE=CELL:+49 151 555 {random.randrange(1000, 10000)}")
    if random.random() < 0.4:  # noqa: PLR2004 - somewhat fewer
        born = date(1950, 1, 1) + timedelta(days=random.randrange(55 * 365))
        lines.append(f"BDAY:{born:%Y-%m-%d}")
    if random.random() < 0.3:  # noqa: PLR2004 - a third
        lines.append(f"NOTE:{escape_text('Met at the fair in Essen.' + chr(10) + 'Likes short mails, and Saturn.')}")
    return _card(f"demo-{person.login}-{_ascii(given)}-{_ascii(family)}".lower(), given, family, lines)


def _card(uid: str, given: str, family: str, lines: list[str]) -> str:
    return "".join(
        f"{fold(line)}\r\n"
        for line in (
            "BEGIN:VCARD",
            "VERSION:3.0",
            f"UID:{uid}",
            f"FN:{escape_text(f'{given} {family}')}",
            f"N:{escape_text(family)};{escape_text(given)};;;",
            *lines,
            f"PHOTO;ENCODING=b;TYPE=PNG:{_photo(f'{given} {family}')}",
            "END:VCARD",
        )
    )


@cache
def _photo(name: str) -> str:
    return base64.b64encode(portrait(name)).decode()


def _ascii(name: str) -> str:
    return "".join(letter for letter in name if letter.isascii() and letter.isalpha()) or "contact"
