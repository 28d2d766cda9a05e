"""The kernel: requests and answers, references, errors, standard methods, and the description of types.

A room of types makes one ``Capability`` (``calling.py``) of its ``DataType``s (``describing.py``) and ``Method``s.  The
methods of RFC 8620 section 5 are made by ``standard.py`` from what the room can do: load, follow, query, set.
``dispatch.py`` runs a request.
"""
