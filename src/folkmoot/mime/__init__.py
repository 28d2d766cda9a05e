"""Mail messages (RFC 5322, MIME): their parts, their text, safe HTML of them, and new ones.

Pure: octets and values in, octets and values out.  ``part`` is the structure of a message, whether an IMAP server told
it or we read the octets; the same structure and the contents of a few parts are enough to show a message.  Whatever
comes in is hostile and may be broken: it is bounded, and never an error beyond ``MalformedInput`` and ``TooLarge``.
"""
