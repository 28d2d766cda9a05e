"""What a write of one's own means for others: of the organizer, of an attendee (RFC 6638 section 3.2)."""
