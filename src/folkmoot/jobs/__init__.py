"""What happens without a request: mails of the outbox, alarms, web calendars, clean-up; each job once, by any worker.

Jobs are leased rows; a handler may run again after a crash, so its effect is that of one run.
"""
