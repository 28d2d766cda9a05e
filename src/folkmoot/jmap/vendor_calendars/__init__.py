"""``https://folkmoot.org/jmap/calendars``: secret links, web calendars, times to meet."""
