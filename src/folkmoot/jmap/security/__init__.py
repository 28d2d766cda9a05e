"""``https://folkmoot.org/jmap/security``: one's own sessions, app passwords, second factor, passkeys and recovery."""
