"""Configuration: property list text in, one frozen tree of settings out.

Entry points: ``load.load`` (precedence as SOGo's), ``check.check`` (every fault of a file), ``settings.Settings``
(what rooms are handed), ``plist.parse`` and ``plist.format`` (property lists, also for backups).  Parameters are
declared once, in the ``*_section`` modules and in ``sources``; the manual's list is generated from these.

The room knows nothing of sockets, databases or logging: values in, values out.
"""
