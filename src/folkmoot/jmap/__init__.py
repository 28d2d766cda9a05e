"""JMAP: what the web application and every other JMAP client speaks (RFC 8620).

``JmapFace`` (``face.py``) answers HTTP; ``protocol`` is the kernel that knows requests, references, standard methods
and the description of types, and no type; each further package holds the types of one standard and lists its methods
in a ``Capability``, all of which stand in ``capabilities.py``.  What can be done is decided in services: here it is
mapped.
"""
