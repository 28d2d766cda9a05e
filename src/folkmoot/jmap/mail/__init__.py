"""Mail (RFC 8621) over the mailboxes of IMAP; nothing of a message is kept but what can be made again."""
