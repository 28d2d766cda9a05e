"""Writes on meetings, with all that follows for everybody else, in one transaction (RFC 6638)."""
