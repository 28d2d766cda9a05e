"""People, groups and resources: user sources, looked up as one directory; passwords.

A *user source* is a configured SQL table or the built-in table of local people.  ``Directory`` merges them in
the configured order and keeps found principals for a short while.  Who is logged in is decided in ``auth``; what
they may do, in ``sharing``.
"""
