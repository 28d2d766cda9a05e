"""What the columns of other programs' contact tables mean.

Outlook writes its headers in the language of its user, Thunderbird too; Google numbers its columns and names the
kind of each value in a column beside it.  Headers are compared without case, accents, blanks and punctuation.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from folkmoot.vcard.slots import Slot

_HOME: Final = ("home",)
_WORK: Final = ("work",)
_HEADER_CHARS_MAX: Final = 100
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
_NUMBERED: Final = re.compile(
    r"(?P<what>e-?mail|phone|address|website|im|organization) (?P<number>\d{1,3}) - (?P<part>.+)",
    re.IGNORECASE | re.ASCII,
)

# Parts of a birthday in three columns; part 0 is the whole date.
BIRTH_YEAR: Final = 1
BIRTH_MONTH: Final = 2
BIRTH_DAY: Final = 3

# Several headers of one slot are separated by bars.
_NAMES: Final[dict[Slot, str]] = {
    Slot("FN"): "Name|Full Name|Display Name|File As|Anzeigename|Vollständiger Name|Nom complet|Nom affiché|"
    "Nom à afficher|Nom d'affichage|Formatted Name",
    Slot("N", part=0): "Last Name|Family Name|Surname|Nachname|Familienname|Nom|Nom de famille",
    Slot("N", part=1): "First Name|Given Name|Vorname|Prénom",
    Slot("N", part=2): "Middle Name|Additional Name|Weitere Vornamen|Zweiter Vorname|Deuxième prénom|Second prénom",
    Slot("N", part=3): "Title|Name Prefix|Prefix|Anrede|Titre|Civilité|Préfixe",
    Slot("N", part=4): "Suffix|Name Suffix|Namenszusatz|Suffixe",
    Slot("NICKNAME"): "Nickname|Nick Name|Spitzname|Surnom|Pseudonyme",
    Slot("ORG", part=0): "Company|Organization|Organisation|Organization Name|Firma|Unternehmen|Société|Entreprise",
    Slot("ORG", part=1): "Department|Organization Department|Abteilung|Service|Département",
    Slot(
        "TITLE"
    ): "Job Title|Organization Title|Position|Berufsbezeichnung|Funktion|Fonction|Titre professionnel|Profession",
    Slot("EMAIL"): "E-mail Address|Email|E-mail|Email Address|Primary Email|Mail|E-Mail-Adresse|E-Mail 1 Adresse|"
    "Primäre E-Mail-Adresse|Adresse de messagerie|Adresse e-mail|Courriel|Adresse électronique principale|"
    "Adresse de courrier|Première adresse électronique|E-mail 1 Address|Adresse mail",
    Slot("EMAIL", place=2): "E-mail 2 Address|Secondary Email|Email 2|E-Mail-Adresse 2|E-Mail 2: Adresse|"
    "Sekundäre E-Mail-Adresse|Zweite E-Mail-Adresse|Adresse de messagerie 2|Adresse électronique secondaire|"
    "Adresse de courrier 2|Adresse électronique alternative|E-Mail 2 Adresse",
    Slot("EMAIL", place=3): "E-mail 3 Address|Email 3|E-Mail-Adresse 3|E-Mail 3: Adresse|Adresse de messagerie 3|"
    "Adresse de courrier 3|E-Mail 3 Adresse",
    Slot("EMAIL", _HOME): "Home Email|Private Email|E-Mail privat|Private E-Mail",
    Slot("EMAIL", _WORK): "Work Email|Business Email|E-Mail geschäftlich",
    Slot("TEL", _WORK): "Business Phone|Work Phone|Telefon geschäftlich|Telefon (geschäftlich)|Dienstlich|"
    "Telefon dienstlich|Téléphone (bureau)|Téléphone professionnel|Tél. professionnel|Company Main Phone|"
    "Telefon Firma|Hauptnummer der Firma|Téléphone société",
    Slot("TEL", _WORK, place=2): "Business Phone 2|Telefon geschäftlich 2|Téléphone 2 (bureau)",
    Slot("TEL", _HOME): "Home Phone|Telefon privat|Telefon (privat)|Privat|Téléphone (domicile)|"
    "Téléphone personnel|Tél. personnel",
    Slot("TEL", _HOME, place=2): "Home Phone 2|Telefon (privat 2)|Telefon privat 2|Téléphone 2 (domicile)",
    Slot("TEL", ("cell",)): "Mobile Phone|Mobile Number|Mobile|Cell Phone|Cellular|Mobiltelefon|Handy|Mobil|"
    "Mobilnummer|Tél. mobile|Téléphone mobile|Portable|Téléphone portable",
    Slot("TEL"): "Phone|Telephone|Phone Number|Primary Phone|Other Phone|Telefon|Telefonnummer|Weiteres Telefon|"
    "Haupttelefon|Téléphone|Téléphone (autre)|Téléphone principal|Car Phone|Autotelefon|Téléphone (voiture)",
    Slot("TEL", ("fax", "work")): "Business Fax|Fax Number|Fax|Fax geschäftlich|Faxnummer|Fax dienstlich|"
    "Télécopie (bureau)|Télécopieur|Numéro de fax",
    Slot("TEL", ("fax", "home")): "Home Fax|Fax privat|Télécopie (domicile)",
    Slot("TEL", ("pager",)): "Pager|Pager Number|Pagernummer|Récepteur de radiomessagerie|Numéro de pager",
    Slot("URL"): "Web Page|Website|Webseite|Homepage|Page Web|Site Web|URL|Internet",
    Slot("URL", _WORK): "Web Page 1|Webseite 1|Page Web 1|Business Web Page",
    Slot("URL", _HOME): "Web Page 2|Webseite 2|Page Web 2|Personal Web Page",
    Slot("BDAY"): "Birthday|Birth Date|Date of Birth|Geburtstag|Geburtsdatum|Anniversaire|Date de naissance",
    # Thunderbird has three columns for it; that of the day, "Birth Day" or "Geburtstag", is Outlook's whole date.
    Slot("BDAY", part=BIRTH_YEAR): "Birth Year|Geburtsjahr|Année de naissance",
    Slot("BDAY", part=BIRTH_MONTH): "Birth Month|Geburtsmonat|Mois de naissance",
    Slot("BDAY", part=BIRTH_DAY): "Jour de naissance",
    Slot("X-ANNIVERSARY"): "Anniversary|Jahrestag|Anniversaire de mariage ou fête|Anniversaire de mariage",
    Slot("NOTE"): "Notes|Note|Notizen|Bemerkungen|Anmerkungen|Remarques|Commentaires",
    Slot("CATEGORIES"): "Categories|Labels|Group Membership|Kategorien|Gruppen|Catégories|Groupes",
    Slot("X-AIM"): "Screen Name|AIM|Messenger-Name|Pseudonyme AIM",
    Slot("X-SPOUSE"): "Spouse|Partner|Conjoint|Conjoint(e)",
    Slot("X-MANAGER"): "Manager's Name|Name des/der Vorgesetzten|Vorgesetzter|Responsable",
    Slot("X-ASSISTANT"): "Assistant's Name|Name Assistent|Nom de l'assistant(e)",
    Slot("X-CUSTOM1"): "Custom 1|User 1|Benutzerdef. 1|Benutzerdefiniert 1|Benutzer 1|Divers 1|Utilisateur 1",
    Slot("X-CUSTOM2"): "Custom 2|User 2|Benutzerdef. 2|Benutzerdefiniert 2|Benutzer 2|Divers 2|Utilisateur 2",
    Slot("X-CUSTOM3"): "Custom 3|User 3|Benutzerdef. 3|Benutzerdefiniert 3|Benutzer 3|Divers 3|Utilisateur 3",
    Slot("X-CUSTOM4"): "Custom 4|User 4|Benutzerdef. 4|Benutzerdefiniert 4|Benutzer 4|Divers 4|Utilisateur 4",
    Slot("UID"): "UID",
}
# Part of an address: what English, German, French headers call it, the kind put before, after or in parentheses.
_ADDRESS_PARTS: Final[dict[int, str]] = {
    0: "PO Box|Address PO Box|Postfach|B.P.|Boîte postale",
    1: "Address 2|Street 2|Straße 2|Strasse 2|Adresse 2|Rue 2",
    2: "Address|Street|Straße|Strasse|Adresse|Rue|Anschrift",
    3: "City|Ort|Stadt|Ville",
    4: "State|Region|Province|Bundesland|Bundesland/Kanton|Region/Kanton|Dép/Région|Département|État|Province/État",
    5: "Postal Code|ZipCode|Zip Code|Zip|PLZ|Postleitzahl|Code postal",
    6: "Country|Country/Region|Land|Land/Region|Pays|Pays/Région|Region/Land",
}
_ADDRESS_KINDS: Final[dict[tuple[str, ...], str]] = {
    _HOME: "Home|Private|Privat|privat|domicile|personnel|personnelle",
    _WORK: "Business|Work|geschäftlich|dienstlich|Dienstlich|bureau|professionnel|professionnelle|travail",
    (): "Other|weiteres|weitere|autre",
}
_GOOGLE_ADDRESS: Final = {
    "po box": 0,
    "extended address": 1,
    "street": 2,
    "city": 3,
    "region": 4,
    "postal code": 5,
    "country": 6,
}
_GOOGLE: Final[dict[tuple[str, str], Slot]] = {
    ("email", "value"): Slot("EMAIL"),
    ("phone", "value"): Slot("TEL"),
    ("website", "value"): Slot("URL"),
    ("im", "value"): Slot("IMPP"),
    ("organization", "name"): Slot("ORG", part=0),
    ("organization", "department"): Slot("ORG", part=1),
    ("organization", "title"): Slot("TITLE"),
    **{("address", name): Slot("ADR", part=part) for name, part in _GOOGLE_ADDRESS.items()},
}


@dataclass(frozen=True, slots=True)
class Column:
    """Where a column's text goes; ``kind_column``, from 0, is where Google names the kind of the value."""

    slot: Slot
    kind_column: int | None = None


def columns(headers: tuple[str, ...]) -> dict[int, Column]:
    """Return the columns we know, by their place from 0; empty if the row is no header."""
    kinds = _google_kinds(headers)
    found: dict[int, Column] = {}
    title_seen = False
    for index, header in enumerate(headers):
        numbered = _NUMBERED.fullmatch(header[:_HEADER_CHARS_MAX])
        if numbered is not None:
            what, number = numbered["what"].lower().replace("-", ""), int(numbered["number"])
            slot = _GOOGLE.get((what, numbered["part"].lower()))
            if slot is not None:
                placed = Slot(slot.name, slot.types, slot.part, number)
                found[index] = Column(placed, kinds.get((what, number)))
            continue
        folded = fold_header(header)
        slot = _SLOT_OF.get(folded)
        if folded == "titre":
            # French Outlook calls both the form of address and the position "Titre", in this order.
            slot = Slot("TITLE") if title_seen else slot
            title_seen = True
        if slot is not None:
            found[index] = Column(slot)
    return found


def fold_header(header: str) -> str:
    """Return a header without case, accents, blanks and punctuation."""
    decomposed = unicodedata.normalize("NFKD", header[:_HEADER_CHARS_MAX].casefold())
    return _NOT_WORD.sub("", "".join(c for c in decomposed if not unicodedata.combining(c)))


def is_english(headers: tuple[str, ...]) -> bool:
    """Return whether the headers are English, so that 2/3/1980 is a day in February."""
    folded = {fold_header(header) for header in headers}
    return bool(folded & {"firstname", "lastname", "givenname", "familyname", "name", "emailaddress", "fullname"})


def _google_kinds(headers: tuple[str, ...]) -> dict[tuple[str, int], int]:
    kinds: dict[tuple[str, int], int] = {}
    for index, header in enumerate(headers):
        numbered = _NUMBERED.fullmatch(header[:_HEADER_CHARS_MAX])
        if numbered is not None and numbered["part"].lower() in {"type", "label"}:
            kinds[numbered["what"].lower().replace("-", ""), int(numbered["number"])] = index
    return kinds


def _address_headers() -> dict[str, Slot]:
    headers: dict[str, Slot] = {}
    for part, names in _ADDRESS_PARTS.items():
        for name in names.split("|"):
            headers.setdefault(fold_header(name), Slot("ADR", (), part))
            for words, kinds in _ADDRESS_KINDS.items():
                for kind in kinds.split("|"):
                    for header in (f"{kind} {name}", f"{name} ({kind})", f"{name} {kind}"):
                        headers.setdefault(fold_header(header), Slot("ADR", words, part))
                    if name.endswith(" 2"):
                        headers.setdefault(fold_header(f"{name[:-2]} {kind} 2"), Slot("ADR", words, part))
    return headers


_SLOT_OF: Final[dict[str, Slot]] = {
    **_address_headers(),
    **{fold_header(name): slot for slot, names in _NAMES.items() for name in names.split("|")},
}
