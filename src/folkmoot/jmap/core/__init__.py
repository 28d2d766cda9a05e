"""``Core/echo``, blobs, and what the session tells of the server (RFC 8620, RFC 9404)."""
