"""A conversation of 200 messages whose programs refer to each other in all the ways that do not work."""

from collections.abc import Iterator

from tests.corpus.sample import Sample
from tests.corpus.writing import message, part, word_q

LENGTH = 200
PEOPLE = ("erika", "jonas", "carla", "paul", "ute", "noah", "mia")
SUBJECT = "Umzug der Abteilung"
_PREFIXES = ("Re: ", "AW: ", "RE: ", "Re[2]: ", "SV: ", "Antw: ", "Re: AW: Re: ")


def samples() -> Iterator[Sample]:
    """Yield the conversation in order: ``parent`` is the message that was answered, however badly it is named."""
    ids = [f"<thread-{number}@threads.example>" for number in range(LENGTH)]
    for number in range(LENGTH):
        parent = _parent(number)
        chain = _chain(number)
        sender = PEOPLE[number % len(PEOPLE)]
        subject = SUBJECT if not number else _PREFIXES[number % len(_PREFIXES)] + SUBJECT
        if number % 31 == 30:
            subject = word_q(subject)
        text = f"Beitrag {number} von {sender}."
        yield Sample(
            name=f"thread-{number:03}",
            special="one of a conversation; references " + _style(number),
            octets=message(
                f"{sender.title()} <{sender}@threads.example>",
                subject,
                part("text/plain; charset=utf-8", text + "\n"),
                *_fields(number, [ids[one] for one in chain]),
                date=f"Tue, {10 + number // 100} Mar 2026 {9 + (number % 100) // 10:02}:{number % 10 * 6:02}:00 +0100",
                message_id=ids[number],
            ),
            subject=SUBJECT if not number else _PREFIXES[number % len(_PREFIXES)] + SUBJECT,
            sender=f"{sender}@threads.example",
            text=(text,),
            message_id=ids[number],
            parent=ids[parent] if parent is not None else "",
        )


def _parent(number: int) -> int | None:
    if not number:
        return None
    return number - 1 if number % 3 else number // 2  # a long chain with branches


def _chain(number: int) -> list[int]:
    chain: list[int] = []
    parent = _parent(number)
    while parent is not None:
        chain.append(parent)
        parent = _parent(parent)
    return chain[::-1]


def _style(number: int) -> str:
    if not number:
        return "nothing"
    return (
        "all",
        "parent",
        "first-and-last",
        "cut",
        "commas",
        "comments",
        "in-reply-to-words",
        "folded",
        "missing-one",
        "twice",
    )[number % 10]


def _fields(number: int, chain: list[str]) -> list[str]:
    if not chain:
        return []
    match _style(number):
        case "parent":  # programs that know In-Reply-To only
            return [f"In-Reply-To: {chain[-1]}"]
        case "first-and-last":
            return ["References: " + " ".join(dict.fromkeys((chain[0], chain[-1])))]
        case "cut":  # the oldest are dropped, so that the line stays short
            return ["References: " + " ".join(chain[-3:])]
        case "commas":
            return ["References: " + ", ".join(chain)]
        case "comments":
            return [f"In-Reply-To: {chain[-1]} (Jonas' message of Tue, 10 Mar 2026)", "References: " + " ".join(chain)]
        case "in-reply-to-words":
            return [f'In-Reply-To: Your message of "Tue, 10 Mar 2026 09:15:00 +0100." {chain[-1]}']
        case "folded":
            return ["References: " + "\r\n\t".join(chain)]
        case "missing-one":  # a message nobody has stands between
            return ["References: " + " ".join([*chain[:-1], "<nobody-has-it@threads.example>", chain[-1]])]
        case "twice":
            return ["References: " + " ".join([*chain, *chain]), f"In-Reply-To: {chain[-1]}"]
        case _:
            return [f"In-Reply-To: {chain[-1]}", "References: " + " ".join(chain)]
