"""Telling clients that something has changed: by event source, by WebSocket, and by the push service of a browser.

What is told is a StateChange (RFC 8620 section 7.1) and nothing else: the client then asks for what it wants to see.
"""
