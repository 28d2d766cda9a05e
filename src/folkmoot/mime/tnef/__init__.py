"""winmail.dat: what Outlook puts around a message for another Outlook ([MS-OXTNEF]).

``read_tnef`` takes it apart: files with their long names, the text (from compressed RTF, HTML where it is hidden
there), messages within, and for meetings the iCalendar text with the METHOD that it means.  ``unpack`` makes an
ordinary message of it, which is shown like any other, and ``expand`` does so within the message that carries it.

Ours, because what is around was last released years ago and believes the lengths it reads; others were brought down by
loops and by bombs here (CVE-2026-62642, CVE-2026-62641).
"""

from folkmoot.mime.tnef.expanding import expand, holds_tnef
from folkmoot.mime.tnef.reading import Tnef, TnefFile, is_tnef, read_tnef
from folkmoot.mime.tnef.unpacking import unpack

__all__ = ["Tnef", "TnefFile", "expand", "holds_tnef", "is_tnef", "read_tnef", "unpack"]
