"""The DAV face: WebDAV, CalDAV, CardDAV and GroupDAV over HTTP (RFC 4918, 3744, 4791, 6352, 6578, 5689, 5397).

Parses requests into values, asks one service, prints the answer.  No rule about meetings or rights lives here.
"""
