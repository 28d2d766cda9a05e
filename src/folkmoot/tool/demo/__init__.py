"""Demo people of a small company that does not exist, with a year of events and tasks, and contacts with portraits.

All of it follows from the person's login and the present date, so that a second run makes the same.
"""
