"""Content lines, the alphabet that iCalendar and vCard share (RFC 5545 section 3.1, RFC 6350 section 3.2).

Text goes in, ``Line`` values come out, and a line nobody touched goes out again as the very
text that came in.  A line is a value: to change one, make another with ``Line.replace``.
This room knows nothing of components, cards, dates or what any property means.

Entry points: ``parse_lines``, ``format_lines``, ``Line``, ``Parameter``, and for TEXT values
``escape_text``, ``unescape_text`` and ``split_values``.
"""

from folkmoot.contentline.charsets import decode
from folkmoot.contentline.line import Line, fold, format_line, format_lines
from folkmoot.contentline.parameters import Parameter
from folkmoot.contentline.parsing import LINES_MAX, OCTETS_MAX, line_number, parse_lines
from folkmoot.contentline.text import escape_text, split_values, unescape_text

__all__ = [
    "LINES_MAX",
    "OCTETS_MAX",
    "Line",
    "Parameter",
    "decode",
    "escape_text",
    "fold",
    "format_line",
    "format_lines",
    "line_number",
    "parse_lines",
    "split_values",
    "unescape_text",
]
