"""``https://folkmoot.org/jmap/import`` and ``…/export``: files of other programs, in and out."""
