"""The scheduling inbox: messages received, until their owner's clients take them away (RFC 6638 section 2.2)."""

from typing import Final

from folkmoot.calendars.meetings.copies import INBOX
from folkmoot.collections.server_made import ServerMadeContent
from folkmoot.store.records import Kind

INBOX_CONTENT: Final = ServerMadeContent(Kind.INBOX, INBOX, ".ics", "messages come into the inbox by being sent")
