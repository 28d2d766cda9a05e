"""Folkmoot: self-hosted groupware, a drop-in replacement for SOGo 5."""

__version__ = "0.1.0"
