"""The servers around us: their configuration, written by us, and in the embedded set-up their processes.

``dovecot`` renders Dovecot's configuration from values, for the private one and for production alike; ``child`` keeps
the private one alive; ``calls`` answers what Dovecot asks us over HTTP: who signs in, and that mail has come; ``relay``
takes what is submitted and delivers it to people here.  Nothing in here knows what mail is about.
"""
