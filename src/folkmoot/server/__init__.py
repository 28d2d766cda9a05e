"""The composition root: settings become rooms, rooms become one ASGI application, a supervisor runs its workers.

Entry points: ``supervisor.serve`` (the daemon), ``rooms.open_rooms`` (rooms without a server, for the command line),
``app.Application`` (the ASGI callable).  Knows every room; no room knows it.
"""
