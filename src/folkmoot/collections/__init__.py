"""What one can do to any collection of objects, once for all kinds and faces.

Entry points: ``Collections`` (one collection and its objects), ``Locks`` (WebDAV write locks), ``Place`` (where a
collection is), ``Content`` (what a kind of collection accepts).  Rights are checked here, on the loaded object;
each method opens its own transaction.  Knows nothing of HTTP, XML or of what an event means.
"""
