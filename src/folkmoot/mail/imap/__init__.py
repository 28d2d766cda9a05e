"""IMAP (RFC 3501 and 9051): a wire codec that knows no sockets, one asyncio connection, and a pool of these.

``values`` is what answers become.  Mailbox names are text with the server's own separator; modified UTF-7 stays in
here, and so do tags, literals and the differences between servers.  What a message says (headers, bodies) stays
octets: ``mime`` understands it.  Only fetches that peek are possible.
"""
