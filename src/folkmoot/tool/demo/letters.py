"""What the people of the company have written to each other, and others to them: threads, oldest mail first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

STAFF: Final = "staff"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter; ``content`` is its text."""

    name: str
    kind: str  # media type
    content: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail; people of the company are named by login, others as ``Name <address>``."""

    days_ago: int
    hour: int
    sender: str
    to: tuple[str, ...]
    text: str
    cc: tuple[str, ...] = ()
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A subject and what was said about it."""

    subject: str
    letters: Sequence[Letter] = field(default_factory=tuple)


_OBSERVATORY: Final = "Lucía Hernández <lucia@teide-observatory.example>"
_UNIVERSITY: Final = "Prof. Krzysztof Nowak <k.nowak@uni-krakow.example>"
_GLASS: Final = "Orders <orders@northern-glass.example>"
_NEWS: Final = "Instrument Makers' Weekly <news@instrument-weekly.example>"
_JUNK: Final = "Lucky Winner <prize@win-a-lot.example>"

_PRICES: Final = "Item;Pieces;EUR\nPrimary mirror 800 mm;1;41500\nMount ALT-6;1;28900\nAssembly on site, days;6;7200\n"
_MEASURED: Final = "zone,surface error (nm)\n1,11.8\n2,9.4\n3,12.1\n4,8.7\n5,10.2\n6,31.6\n"
_NEWS_HTML: Final = """\
<html><body style="font-family: Georgia, serif; color: #222">
<h1 style="color: #2f6f8f">Coatings that last</h1>
<p>A laboratory in Jena reports <b>protected silver</b> that keeps 97&nbsp;% of its reflectivity
after ten years on a roof.</p>
<p><img src="https://instrument-weekly.example/pictures/coating.jpg" alt="A mirror in its chamber" width="480"></p>
<ul><li>Interview: polishing by robot</li><li>Fairs in spring</li><li>Who buys used mounts?</li></ul>
<p style="font-size: 80%">You read this because you subscribed.
<a href="https://instrument-weekly.example/leave?who=lindenhof">Unsubscribe</a></p>
</body></html>
"""

CONVERSATIONS: Final = (
    Conversation(
        "Mirror for La Laguna: zone 6",
        (
            Letter(
                9,
                8,
                "ben",
                ("david", "anna"),
                "Morning both,\n\nthe interferometer says zone 6 is out by 31 nm, all others are "
                "below 13. The table is "
                "attached.\n\nDavid, is the support pad at 240 degrees still the old one?\n\nBen\n",
                attachments=(Attachment("la-laguna-zones.csv", "text/csv", _MEASURED),),
            ),
            Letter(
                9,
                10,
                "david",
                ("ben",),
                "> David, is the support pad at 240 degrees still the old one?\n\nIt is. The new "
                "ones came on Friday and "
                "I had only two hands. Give me until tomorrow noon.\n\nDavid\n",
                cc=("anna",),
            ),
            Letter(
                8,
                13,
                "david",
                ("ben",),
                "Pad changed, mirror back on the test stand. It has to rest for a night before you measure.\n\nDavid\n",
                cc=("anna",),
            ),
            Letter(
                7,
                9,
                "ben",
                ("david",),
                "12.4 nm. That was it, thank you!\n\nAnna, we can confirm the date to La Laguna.\n\nBen\n",
                cc=("anna",),
            ),
            Letter(
                7,
                11,
                "anna",
                ("ben", "david"),
                "Well done. Chiara tells them today.\n\nAnna\n",
                cc=("chiara",),
            ),
        ),
    ),
    Conversation(
        "Offer for an 80 cm telescope",
        (
            Letter(
                12,
                16,
                _OBSERVATORY,
                ("chiara",),
                "Dear Chiara,\n\nafter our talk in Granada: could you make an offer for the 80 cm "
                "with the ALT-6 mount, "
                "installed on the island?\n\nWe would need it by the end of the month for the board.\n\n"
                "Saludos,\nLucía Hernández\nTeide Observatory\n",
            ),
            Letter(
                10,
                9,
                "chiara",
                (_OBSERVATORY,),
                "Dear Lucía,\n\nwith pleasure. The figures are attached; the days on site are an "
                "estimate.\n\nShall I come "
                "to the meeting of your board, or is a call enough?\n\nBest wishes\nChiara\n",
                cc=("anna",),
                attachments=(Attachment("offer-80cm.csv", "text/csv", _PRICES),),
            ),
            Letter(
                6,
                17,
                _OBSERVATORY,
                ("chiara",),
                "Dear Chiara,\n\na call is enough. The board asks two things: how long is the "
                "warranty of the drive, and "
                "can the dome be served from the same computer?\n\nLucía\n",
                cc=("anna",),
            ),
            Letter(
                5,
                9,
                "chiara",
                ("fatima",),
                "Fatima, could you answer the second one, please? I know that it can, I do not know how to say it.\n\n"
                "Chiara\n\n> can the dome be served from the same computer?\n",
            ),
            Letter(
                5,
                14,
                "fatima",
                ("chiara",),
                "It can: the dome speaks ASCOM Alpaca, and so do we. One cable, no driver. Send "
                "them to me if they want to "
                "see it.\n\nFatima\n",
            ),
        ),
    ),
    Conversation(
        "Who brings what on Thursday?",
        (
            Letter(
                4,
                12,
                "zoe",
                (STAFF,),
                "Dear all,\n\nfor Hiro's visit we eat together on Thursday at noon, in the "
                "observatory if it is dry.\n\n"
                "Tell me what you bring, and what you do not eat.\n\nZoë\n",
            ),
            Letter(4, 12, "david", ("zoe",), "Bread, and the big pot.\n\nDavid\n", cc=(STAFF,)),
            Letter(4, 13, "fatima", ("zoe",), "Tabbouleh. No pork for me, please.\n\nFatima\n", cc=(STAFF,)),
            Letter(4, 15, "emma", ("zoe",), "I'm an ocean away. Eat something for me! 🥧\n\nEmma\n", cc=(STAFF,)),
            Letter(
                3, 1, "hiro", ("zoe",), "ありがとうございます。I bring wagashi from Kyoto.\n\n田中 Hiro\n", cc=(STAFF,)
            ),
        ),
    ),
    Conversation(
        "Your order 20418: delivery",
        (
            Letter(
                3,
                7,
                _GLASS,
                ("zoe",),
                "Dear customer,\n\nthe blanks of your order 20418 leave our works tomorrow. The "
                "carrier will call an hour "
                "before.\n\nNorthern Glass\n",
                headers=(("X-Priority", "2 (High)"), ("Importance", "high")),
            ),
            Letter(3, 9, "zoe", ("david",), "Blanks come tomorrow; are you there to unload?\n\nZoë\n"),
            Letter(3, 9, "david", ("zoe",), "From seven.\n\nDavid\n"),
        ),
    ),
    Conversation(
        "Students in the workshop",
        (
            Letter(
                2,
                10,
                _UNIVERSITY,
                ("anna",),
                "Dear Ms Lindgren,\n\nmay I bring twelve students of our optics course to your "
                "workshop in spring, as last "
                "year? Any day of the third week of March suits us.\n\nWith kind regards\nKrzysztof Nowak\n",
                headers=(("Disposition-Notification-To", "k.nowak@uni-krakow.example"),),
            ),
            Letter(2, 11, "anna", ("zoe", "david"), "Again? They were a pleasure. Wednesday of that week?\n\nAnna\n"),
            Letter(
                1, 8, "david", ("anna",), "Wednesday is fine. No more than six at the grinder at a time.\n\nDavid\n"
            ),
        ),
    ),
    Conversation(
        "Coatings that last: this week's letter",
        (
            Letter(
                1,
                6,
                _NEWS,
                ("ben", "chiara", "fatima"),
                "Coatings that last\n\nA laboratory in Jena reports protected silver that keeps 97 "
                "% of its reflectivity "
                "after ten years on a roof.\n\nUnsubscribe: https://instrument-weekly.example/leave?who=lindenhof\n",
                html=_NEWS_HTML,
                headers=(
                    ("List-Id", "Instrument Makers' Weekly <weekly.instrument-weekly.example>"),
                    ("List-Unsubscribe", "<https://instrument-weekly.example/leave?who=lindenhof>"),
                    ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
                ),
            ),
        ),
    ),
    Conversation(
        "YOU HAVE WON!!!",
        (
            Letter(
                1,
                3,
                _JUNK,
                ("anna", "emma", "zoe"),
                "Send us your bank account and receive your telescope of gold.\n",
                headers=(("X-Spam-Flag", "YES"),),
            ),
        ),
    ),
)
