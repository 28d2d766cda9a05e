"""The command line: ``folkmoot COMMAND``, a module a command; and ``sogod``, as SOGo's service files call it.

Commands load their rooms when they run, so that ``folkmoot --help`` and completion stay quick.
"""
