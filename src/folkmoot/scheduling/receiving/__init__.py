"""What a message of others means for one's own copy (RFC 5546 section 3, RFC 6638 section 4)."""
