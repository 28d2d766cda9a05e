"""Benchmarks against any CalDAV and CardDAV server, side by side."""
