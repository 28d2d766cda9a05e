"""vCard text and what it means: cards, their versions, searches and foreign formats (RFC 6350, RFC 2426, vCard 2.1).

Entry points: ``parse`` and ``format`` for one card, ``parse_stream`` for files; ``summarize`` for the index,
``check_address_object`` for what may be stored, ``match`` and ``prefilter`` for CARDDAV:filter, ``restrict`` and
``to_version`` for CARDDAV:address-data; ``cards_from_ldif``, ``cards_from_csv`` and their counterparts for imports
and exports.  Knows nothing of collections, requests or SQL, and does no I/O.
"""

from folkmoot.vcard.birthday import Birthday, birthdays
from folkmoot.vcard.card import Card, Rejected, format, parse, parse_stream  # noqa: A004  # the house's verb
from folkmoot.vcard.casemap import Collation
from folkmoot.vcard.convert import to_version
from folkmoot.vcard.csv_contacts import cards_from_csv, csv_from_cards
from folkmoot.vcard.dates import PartialDate, parse_date
from folkmoot.vcard.filter import AddressFilter, MatchType, ParamFilter, PropFilter, Test, TextMatch, match
from folkmoot.vcard.ldif_contacts import cards_from_ldif, ldif_from_cards
from folkmoot.vcard.names import display_name
from folkmoot.vcard.prefilter import Needle, Prefilter, prefilter
from folkmoot.vcard.restrict import (
    ADDRESS_DATA_TYPES,
    PropRequest,
    accepted_version,
    report_version,
    restrict,
)
from folkmoot.vcard.summary import Summary, search_fold, summarize
from folkmoot.vcard.validate import InvalidAddressObject, check_address_object, ensure_uid
from folkmoot.vcard.values import Binary, binary_value, listed_value, structured_value, text_value, types

__all__ = [
    "ADDRESS_DATA_TYPES",
    "AddressFilter",
    "Binary",
    "Birthday",
    "Card",
    "Collation",
    "InvalidAddressObject",
    "MatchType",
    "Needle",
    "ParamFilter",
    "PartialDate",
    "Prefilter",
    "PropFilter",
    "PropRequest",
    "Rejected",
    "Summary",
    "Test",
    "TextMatch",
    "accepted_version",
    "binary_value",
    "birthdays",
    "cards_from_csv",
    "cards_from_ldif",
    "check_address_object",
    "csv_from_cards",
    "display_name",
    "ensure_uid",
    "format",
    "ldif_from_cards",
    "listed_value",
    "match",
    "parse",
    "parse_date",
    "parse_stream",
    "prefilter",
    "report_version",
    "restrict",
    "search_fold",
    "structured_value",
    "summarize",
    "text_value",
    "to_version",
    "types",
]
