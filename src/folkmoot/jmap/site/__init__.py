"""``https://folkmoot.org/jmap/site``: what the administrator has decided, and a program that shows things must know."""
