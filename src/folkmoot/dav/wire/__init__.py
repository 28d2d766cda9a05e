"""DAV bodies and headers as values: bytes in, frozen values out, and string templates for answers; no I/O."""
