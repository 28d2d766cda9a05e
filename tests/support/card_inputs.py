"""Mutated samples: bytes as damaged or hostile peers may send them."""

import random
from collections.abc import Iterator
from pathlib import Path

_TOKENS = (
    b"BEGIN:VCARD\r\n",
    b"END:VCARD\r\n",
    b"BEGIN:VLIST\r\n",
    b"AGENT:\r\n",
    b"VERSION:4.0\r\n",
    b"VERSION:2.1\r\n",
    b";ENCODING=QUOTED-PRINTABLE",
    b";CHARSET=utf-16",
    b";CHARSET=punycode",
    b";ENCODING=b",
    b";VALUE=uri",
    b";TYPE=pref",
    b";PREF=1",
    b";LABEL=x",
    b';SORT-AS="a,b"',
    b"item1.",
    b"BDAY:--0230",
    b"BDAY:1604-02-30",
    b"PHOTO:data:,",
    b"PHOTO:data:;base64,=",
    b"RELATED;VALUE=text:",
    b"IMPP:aim:%",
    b"GEO:geo:",
    b"TZ:+1",
    b"\\",
    b"\\n",
    b"=\r\n",
    b"\r\n ",
    b"\r",
    b"\n",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x98\x80",
    b"\xed\xa0\x80",
    b"\xc3",
    b'"',
    b"^n",
    b",",
    b";",
    b":",
    b"::",
    b":<",
    b"=",
    b"'",
    b"dn: cn=a\n",
    b"member: cn=a,mail=b\n",
    b"9" * 40,
    b"\xe3\x8f\x84" * 8,
)


def samples(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()]


def mutations(originals: list[bytes], *, count: int, seed: int) -> Iterator[bytes]:
    """Yield damaged copies of the samples: cut, doubled, spliced, sprinkled with tokens; now and then mere noise."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.03:
            yield chance.randbytes(chance.randrange(200))
            continue
        octets = bytearray(chance.choice(originals))
        for _ in range(chance.randint(1, 6)):
            place = chance.randrange(len(octets) + 1)
            match chance.randrange(6):
                case 0:
                    del octets[place : place + chance.randint(1, 60)]
                case 1:
                    octets[place:place] = chance.choice(_TOKENS)
                case 2:
                    octets[place:place] = octets[place : place + chance.randint(1, 120)]
                case 3:
                    other = chance.choice(originals)
                    start = chance.randrange(len(other))
                    octets[place : place + 80] = other[start : start + 80]
                case 4 if place < len(octets):
                    octets[place] = chance.randrange(256)
                case _:
                    octets[place:place] = chance.choice(_TOKENS) * chance.randint(1, 4)
        yield bytes(octets)
