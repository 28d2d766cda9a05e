"""Who is this: credentials in, a ``Caller`` out.

``Authenticator`` verifies HTTP Basic credentials and believes a trusted proxy; ``Sessions`` are browsers';
``RequestLimits`` counts requests.  What the caller may do is decided in ``sharing``.  This room keeps no password that
it could read by itself: only keyed digests of headers, and what the key in a browser's cookie opens.
"""
