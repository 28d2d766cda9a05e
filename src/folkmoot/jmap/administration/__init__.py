"""``https://folkmoot.org/jmap/administration``: for administrators only."""
