"""What one can do with calendars: store, query, free-busy, export, birthdays (RFC 4791)."""
