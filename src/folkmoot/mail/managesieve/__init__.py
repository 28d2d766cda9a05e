"""ManageSieve (RFC 5804): where mail servers keep people's Sieve scripts.

``wire`` knows octets and nothing else, ``answers`` what they mean, ``session`` carries out commands over a
``mail.channel``, and ``client`` opens one: ``async with managesieve.client.connect(server, credentials) as session``.
"""
