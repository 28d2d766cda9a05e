"""The few types every room shares: ids, the root of errors, the clock, who is calling."""
