"""Data that people bring along and take away: files of other programs, large ones, with progress."""
