"""Web calendars: read-only copies of calendars that others publish."""
