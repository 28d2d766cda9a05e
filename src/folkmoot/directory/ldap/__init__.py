"""User sources in LDAP directories, Active Directory included (``type = ldap``).

``source`` is the source; ``connections`` asks the servers from threads, by python-ldap, which is installed with
``folkmoot[ldap]``; ``filters``, ``places`` and ``entries`` are pure.  Nothing but passwords is ever written there.
"""
