"""Who is this: credentials in, a ``Caller`` out.

``Authenticator`` verifies HTTP Basic credentials and believes a trusted proxy; ``RequestLimits`` counts requests.
What the caller may do is decided in ``sharing``.  This room never keeps a password: only keyed digests of headers.
"""
