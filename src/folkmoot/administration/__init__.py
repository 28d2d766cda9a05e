"""What administrators do beside their own work: people, ways in, mails that wait, jobs, what is told everybody.

Each service takes the caller and refuses who is no superuser; each action is written down in its transaction.
"""
