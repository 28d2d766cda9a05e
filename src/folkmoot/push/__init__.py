"""Telling people's programs of changes: what concerns whom, and the devices that are told while they are away.

What a change means to a program, a face knows: here are collections and their revisions, subscriptions of devices, and
the encryption of what they are sent (RFC 8030, 8291, 8292).
"""
