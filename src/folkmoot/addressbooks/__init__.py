"""What one can do with address books: store, query, export (RFC 6352)."""
