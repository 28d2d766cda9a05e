"""What a mailbox of 100,000 messages costs: ``python -m bench.mail``."""
