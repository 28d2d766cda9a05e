"""SOGo's JSON actions, as far as its own tests and known integrations call them: a thin face for browsers' scripts.

``WebFace`` (``face.py``) is a callable from ``Request`` to ``Response``.  A caller is known by the cookie of a session
(``auth.sessions``) or by HTTP Basic credentials.  What calendars, preferences and free-busy are is decided in services.
"""
