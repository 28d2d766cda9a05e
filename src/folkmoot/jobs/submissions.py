"""Sends messages of people that wait for their time, and goes on with those whose worker died."""

from dataclasses import dataclass

from folkmoot.mailboxes.sending import Sending
from folkmoot.store.jobs import Job


@dataclass(frozen=True, slots=True)
class Submissions:
    """The handler of submission jobs, whose key is the submission's number."""

    sending: Sending

    async def run(self, job: Job) -> int | None:
        """Go on with one message; return when to look again."""
        return await self.sending.resume(int(job.key)) if job.key.isdecimal() else None
