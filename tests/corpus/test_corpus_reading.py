"""Every message of the corpus, read from its octets."""

from collections import Counter

import pytest

from folkmoot.core.errors import FolkmootError
from folkmoot.mime.headers import message_ids
from folkmoot.mime.part import Part
from folkmoot.mime.reading import read_message
from tests.corpus.sample import Sample
from tests.corpus.samples import samples

EACH = pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)


def shape_of(part: Part) -> str:
    """Return the structure of a message in one line."""
    name = part.subtype if part.is_multipart else part.content_type
    return f"{name}({','.join(map(shape_of, part.children))})" if part.children or part.is_multipart else name


def test_there_are_enough_messages_and_each_has_a_name_of_its_own() -> None:
    names = Counter(sample.name for sample in samples())
    assert not [name for name, count in names.items() if count > 1]
    assert len([name for name in names if not name.startswith("thread-")]) >= 300
    assert len(names) >= 500


@EACH
def test_fields_are_read(sample: Sample) -> None:
    headers = read_message(sample.octets).headers()
    if sample.subject:
        assert headers.text("subject") == sample.subject
    if sample.sender:
        assert headers.addresses("from")[0].address == sample.sender
    if sample.message_id:
        assert message_ids(headers.get("message-id") or b"") == (sample.message_id,)
    assert "\r" not in headers.text("subject")
    assert "\n" not in headers.text("subject")


@EACH
def test_parts_are_read(sample: Sample) -> None:
    message = read_message(sample.octets)
    if sample.shape:
        assert shape_of(message.part) == sample.shape
    for part in message.part.walk():
        if not part.is_multipart:
            assert len(message.content(part.path)) <= len(sample.octets)
    if sample.charset:
        first = next(part for part in message.part.walk() if part.type == "text")
        assert first.parameter("charset").lower() == sample.charset


@pytest.mark.parametrize("sample", [one for one in samples() if one.parent], ids=lambda sample: sample.name)
def test_whoever_answers_names_the_answered_message_last(sample: Sample) -> None:
    headers = read_message(sample.octets).headers()
    named = message_ids(headers.get("references") or b"") or message_ids(headers.get("in-reply-to") or b"")
    assert named[-1] == sample.parent


def test_no_piece_of_a_message_is_a_bug() -> None:
    for sample in samples()[::7]:
        for end in range(0, len(sample.octets), max(1, len(sample.octets) // 20)):
            try:
                message = read_message(sample.octets[:end])
                for part in message.part.walk():
                    message.headers(part.path)
                    message.content(part.path)
            except FolkmootError:
                continue
