"""Password hashing off the event loop: some hashes take half a second of CPU."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from folkmoot.core.errors import Unavailable
from folkmoot.directory import passwords

THREADS_MAX: Final = 4  # of one worker; also bounds the memory of Argon2 at four hashes
WAITING_MAX: Final = 256  # log-ins; what comes after would wait for minutes
DUMMY_PASSWORD: Final = "correct horse battery staple"  # noqa: S105  belongs to nobody


class Verifier:
    """A few threads that verify passwords, and refuse work they could not do soon."""

    def __init__(self, threads: int | None = None) -> None:
        self._threads = ThreadPoolExecutor(
            threads or min(THREADS_MAX, os.cpu_count() or 1), thread_name_prefix="passwords"
        )
        self._waiting = 0
        self._dummies: dict[str, str] = {}

    def close(self) -> None:
        """Let running verifications end and take no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def verify(self, stored: str, password: str, *, default_scheme: str, key: bytes | None = None) -> bool:
        """Return whether the stored value stands for the password.

        Raises:
            Unavailable: too many log-ins are waiting already.
        """
        if self._waiting >= WAITING_MAX:
            raise Unavailable("too many log-ins at once")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: passwords.verify(stored, password, default_scheme=default_scheme, key=key)
            )
        finally:
            self._waiting -= 1

    async def hash(
        self,
        password: str,
        scheme: str = passwords.NEW_PASSWORD_SCHEME,
        *,
        key: bytes | None = None,
        prefix: bool = True,
    ) -> str:
        """Return a new stored value.

        Raises:
            Unsupported, TooLarge, ConfigurationError: as ``passwords.hash_password``.
        """
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: passwords.hash_password(password, scheme, key=key, prefix=prefix)
        )

    async def pretend(self, password: str, scheme: str, key: bytes | None = None) -> None:
        """Take as long as a wrong password takes, so that time does not tell whether a login exists."""
        if scheme not in self._dummies:
            self._dummies[scheme] = await self.hash(DUMMY_PASSWORD, scheme, key=key)
        await self.verify(self._dummies[scheme], password, default_scheme=scheme, key=key)
