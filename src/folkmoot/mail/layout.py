"""Letters laid out by templates; administrators may put their own in front of ours.

A template of theirs is looked for by the letter's kind (``invitation.html``, ``invitation.txt``), then ``mail.html``
and ``mail.txt``.  One that fails is logged, and the letter goes out in our layout: no mail is lost by it.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import structlog
from jinja2 import BaseLoader, DictLoader, FileSystemLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

from folkmoot.mail.addresses import header_text
from folkmoot.mail.letter import Letter

RENDERED_MAX: Final = 1_000_000  # characters; what an administrator's template may make of a letter
_NAMES: Final = ("mail.html", "mail.txt")
_BLANK_LINES: Final = re.compile(r"\n{3,}")

_log: Final = structlog.get_logger("folkmoot.mail")


@dataclass(frozen=True, slots=True)
class Laid:
    """A letter ready to be put into a message."""

    subject: str
    text: str
    html: str


class Layout:
    """Templates: ours, and those of a directory (FolkmootTemplateDirectory)."""

    def __init__(self, directory: str = "") -> None:
        self._ours = _environment(DictLoader({name: _ours(name) for name in _NAMES}))
        self._theirs = _environment(FileSystemLoader(Path(directory))) if directory else None

    def lay_out(self, letter: Letter) -> Laid:
        """Return a letter as text and HTML."""
        text = self._render(letter, "txt")
        return Laid(
            subject=header_text(letter.subject),
            text=_BLANK_LINES.sub("\n\n", text).strip() + "\n",
            html=self._render(letter, "html"),
        )

    def _render(self, letter: Letter, ending: str) -> str:
        if self._theirs is not None:
            rendered = self._render_theirs(self._theirs, letter, ending)
            if rendered is not None:
                return rendered
        return self._ours.get_template(f"mail.{ending}").render(letter=letter)

    def _render_theirs(self, theirs: ImmutableSandboxedEnvironment, letter: Letter, ending: str) -> str | None:
        names = (f"{letter.kind}.{ending}", f"mail.{ending}")
        try:
            template = theirs.select_template(names)
        except TemplateNotFound:
            return None
        except Exception as error:  # noqa: BLE001  # whatever is wrong with it, the mail goes
            _log.error("mail template cannot be read", template=names[0], fault=str(error))
            return None
        try:
            rendered = template.render(letter=letter, **letter.values)
        except Exception as error:  # noqa: BLE001
            _log.error("mail template failed, using ours", template=template.name, fault=str(error))
            return None
        if not rendered.strip() or len(rendered) > RENDERED_MAX:
            _log.error("mail template gives nothing or too much, using ours", template=template.name)
            return None
        return rendered


def _environment(loader: BaseLoader) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _ours(name: str) -> str:
    return files("folkmoot.mail").joinpath("templates", name).read_text(encoding="utf-8")
