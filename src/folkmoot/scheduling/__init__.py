"""Meetings: what a change means for the others (RFC 6638, RFC 5546), and the mails that tell them (RFC 6047).

Decisions are pure: ``decide`` turns an old and a new calendar object into what is stored and what is sent;
``receive`` turns a copy and a message into the new copy.  Nothing here knows collections, rights or HTTP.
"""
