"""What people want done with arriving mail, as data and as the Sieve script that does it (RFC 5228).

``values`` is the model, ``choices`` reads it from what people have chosen, ``writing`` makes the script, byte for byte
as SOGo does, and ``reading`` finds the model in a script again.  Pure: nothing here speaks to a server.
"""
