"""Documents of other servers, fetched with a guard: no private networks, bounded size, time and redirects."""
