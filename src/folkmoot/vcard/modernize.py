"""vCard 2.1 lines as 3.0 writes them: no quoted-printable, no character sets, no bare words (RFC 2426 section 5)."""

from typing import Final

from folkmoot.contentline import Line, Parameter, escape_text, split_values, unescape_text
from folkmoot.vcard.values import encoding, types, written_value

_TEXT: Final = frozenset({"FN", "NOTE", "TITLE", "ROLE", "LABEL", "MAILER", "NAME", "SORT-STRING", "PRODID"})
_LINK_WORDS: Final = frozenset({"URL", "CONTENT-ID", "CID"})
_STRUCTURED: Final = frozenset({"N", "ADR", "ORG"})


def modernize(line: Line, *, version: str) -> Line:
    """Return the line in 3.0's form; the very line if nothing in it is 2.1's.

    2.1 escapes nothing but semicolons, so in a 2.1 card every text is escaped anew; in a later card only lines
    are touched that carry 2.1's parameters.
    """
    written_old = line.has_params and any(_is_old(parameter) for parameter in line.params)
    if version != "2.1" and not written_old:
        return line
    params = _params(line) if written_old else line.params
    value = line.value if encoding(line) == "B" or line.name == "AGENT" else _value(line, version=version)
    if not written_old and value == line.value:
        return line
    return line.replace(value=value, params=params)


def _is_old(parameter: Parameter) -> bool:
    return (
        not parameter.values
        or parameter.name == "CHARSET"
        or (parameter.name == "ENCODING" and parameter.value.upper() != "B")
    )


def _params(line: Line) -> list[Parameter]:
    kept = [
        parameter
        for parameter in line.params
        if parameter.values and parameter.name not in {"CHARSET", "ENCODING", "TYPE"}
    ]
    bare_words = {parameter.name for parameter in line.params if not parameter.values}
    if bare_words & _LINK_WORDS and line.param("VALUE") is None:
        kept.append(Parameter("VALUE", ("uri",)))
    if encoding(line) == "B":
        kept.append(Parameter("ENCODING", ("b",)))
    return kept + [Parameter("TYPE", (word,)) for word in types(line)]


def _value(line: Line, *, version: str) -> str:
    value = written_value(line)
    if line.name in _STRUCTURED:
        if version == "2.1":
            return ";".join(escape_text(unescape_text(part)) for part in split_values(value, ";"))
        return _one_line(value)
    if line.name in _TEXT and version == "2.1":
        return escape_text(unescape_text(value))
    return _one_line(value)


def _one_line(value: str) -> str:
    return value.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")
