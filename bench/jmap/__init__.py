"""JMAP on a large mailbox."""
