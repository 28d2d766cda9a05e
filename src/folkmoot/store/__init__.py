"""Collections and objects in SQL: revisions, tombstones, ETags, locks, grants, and the change feed.

Functions take the transaction first; services open it.  Invariant: every write raises the collection's ``revision``
in the same transaction and stamps it on the row.  The raise takes the collection's row lock, so writers of one
collection follow each other and visible revisions have no gaps to come.  A deleted row stays as a tombstone until
``history_start`` has passed it.  Sync tokens, ctags and JMAP states are views of this counter.

Entry points: ``collections``, ``objects``, ``locks``, ``grants``, ``profiles``, ``secrets``, ``failures``, ``feed``,
``check``; the values are in ``records``.  This room knows neither rights nor formats.
"""
