"""People and groups, and who may do what with whose calendars and books (RFC 9670)."""
