"""Calendars, events and tasks (draft-ietf-jmap-calendars, draft-ietf-jmap-tasks) over the services of calendars.

A stored object is one ``CalendarEvent`` or ``Task``, with all its occurrences; its text stays iCalendar, and
``folkmoot.jmap.jscalendar`` shows and edits it.  An account is an owner's home as the caller may see it.
"""
