"""What one message of the corpus is, and what reading it must give."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that the reader is offered."""

    name: str
    content_type: str
    size: int | None = None  # octets when decoded; None where broken encoding leaves it open


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A message written for the purpose, in a shape that real programs or accidents give messages."""

    name: str  # unique
    special: str  # why it is here
    octets: bytes = field(repr=False)
    subject: str = ""
    sender: str = ""  # address of From
    text: tuple[str, ...] = ()  # each stands in what the reader sees, whatever the white space
    hidden: tuple[str, ...] = ()  # none stands there
    attachments: tuple[Attached, ...] = ()  # in order; calendar parts and pictures shown in the text are not listed
    pictures: int = 0  # shown in the text, from parts of the message
    method: str = ""  # of the calendar part, from its text; "" none
    charset: str = ""  # label of the first text, lower case, as declared
    remote: bool = False  # it asks for content from elsewhere
    message_id: str = ""
    parent: str = ""  # Message-ID of the message that this one answers
    shape: str = ""  # such as "mixed(alternative(text/plain,text/html),image/png)"
