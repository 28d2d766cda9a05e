"""What there is to try with the demo people, for whoever has just started the server."""

from collections.abc import Iterator
from typing import Final

from folkmoot.collections.links import Links
from folkmoot.core.caller import Caller
from folkmoot.core.errors import NotFound
from folkmoot.server.routes import LINKS
from folkmoot.tool.demo.living import LINK_LABEL, TEAM

_STOPS: Final = (
    ("ben", "/SOGo/dav/ben/Calendar/", "the company's calendar and Anna's among his own, in his colours"),
    ("ben", "/SOGo/dav/anna/Calendar/personal/", "sees when Anna is busy, and not with what"),
    ("anna", "/SOGo/dav/anna/Calendar/personal/", 'Chiara asks her to "Offer for La Laguna" next Thursday: answer'),
    ("zoe", "/SOGo/dav/zoe/Calendar/anna_personal/", "acts for Anna: invites and answers in her name"),
    ("anna", "/SOGo/dav/emma/freebusy.ifb", "when Emma can be met, by her office hours in New York"),
)
_MORE: Final = """
Invite observatory@lindenhof.example while it is booked, or Hiro as Ben: both are refused, with the reason. The group
staff@lindenhof.example is everybody. Who may do what with Anna's calendar:
  {command} share list anna/Calendar/personal"""


async def tour(links: Links, command: str) -> Iterator[str]:
    """Return the lines to print, with the secret link unless it was revoked; ``command`` runs folkmoot here."""
    stops = list(_STOPS)
    try:
        kept = await links.of(Caller(TEAM.owner), TEAM)
    except NotFound:  # demo people of an older version, or the calendar was removed since
        kept = []
    stops += [
        ("nobody", f"{LINKS}{one.token}.ics", "the company's calendar by a secret link")
        for one in kept
        if one.kept.label == LINK_LABEL and one.token
    ]
    return _lines(stops, command)


def _lines(stops: list[tuple[str, str, str]], command: str) -> Iterator[str]:
    yield ""
    yield "To try, at the server's address, signed in as the one in front:"
    for who, path, what in stops:
        yield f"  {who:<8} {path}\n           {what}"
    yield _MORE.format(command=command)
