"""Messages as mails: words for people, the calendar part for their programs (RFC 6047)."""
