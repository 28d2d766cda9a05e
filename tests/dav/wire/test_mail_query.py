"""The mail-query report, whatever somebody writes into it."""

from contextlib import suppress
from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as st

from folkmoot.core.errors import FolkmootError
from folkmoot.dav.wire.mail_query import parse_mail_query
from folkmoot.dav.wire.xml import parse_body

_NAMES = st.sampled_from(
    ["from", "subject", "body", "keywords", "uid", "size", "sequence", "date", "sent-date", "seen", "recent", "strange"]
)
_ATTRIBUTES = st.sampled_from(["match", "from", "to", "min", "max", "not"])
_VALUES = st.sampled_from(["0", "1", "99999999999", "-1", "*", "20091201T000000Z", "00010101", "99991231", "a) ALL"])
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
_FILTERS = st.lists(st.tuples(_NAMES, st.dictionaries(_ATTRIBUTES, _VALUES | _TEXT, max_size=3)), max_size=6)


@given(_FILTERS)
def test_a_query_is_read_or_refused_and_never_breaks_a_command(filters: list[tuple[str, dict[str, str]]]) -> None:
    inner = "".join(
        f"<i:{name}{''.join(f' {key}={quoteattr(value)}' for key, value in found.items())}/>" for name, found in filters
    )
    body = f'<i:mail-query xmlns:i="urn:inverse:params:xml:ns:inverse-dav"><i:mail-filters>{inner}</i:mail-filters>'
    with suppress(FolkmootError):
        root = parse_body(f"{body}</i:mail-query>".encode())
        assert root is not None
        query = parse_mail_query(root)
        plain = [piece for piece in query.filter.pieces if isinstance(piece, bytes)]
        assert not any(b"\r" in piece or b"\n" in piece for piece in plain)
