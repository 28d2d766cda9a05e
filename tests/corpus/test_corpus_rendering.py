"""Every message of the corpus, shown."""

import pytest

from folkmoot.mime.reading import read_message
from folkmoot.mime.tnef import expand
from tests.corpus.looking import faults, look
from tests.corpus.sample import Sample
from tests.corpus.samples import samples


@pytest.mark.parametrize("sample", samples(), ids=lambda sample: sample.name)
def test_what_is_seen_is_what_was_meant(sample: Sample) -> None:
    message = read_message(expand(sample.octets) or sample.octets)
    rendered = look(message.part, message.sections)
    assert faults(sample, message.part, rendered, message.sections) == []
