"""Mail servers as we reach them: SMTP to send.  Knows nothing of calendars or of the store."""
