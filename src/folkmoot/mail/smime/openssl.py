"""Child processes of ``openssl``: argument lists, inputs in anonymous memory, bounds on everything.

Keys and passwords reach the child through memory files (memfd_create), which have no name and vanish with the last
process that holds them, however it ends.  Nothing is written to a disk, so there is nothing to clean up.
"""

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import Final

from folkmoot.core.errors import TooLarge, Unavailable

SECONDS_MAX: Final = 20  # of one child: a message of 50 MB takes about one
OUTPUT_MAX: Final = 100_000_000  # octets of what a child says or writes to one file
ERRORS_MAX: Final = 65_536  # octets of what it complains about
CHILDREN_MAX: Final = 4  # at once, in one worker
WAITING_MAX: Final = 100  # calls that wait for a child; beyond that we say that we are busy
_PIECE: Final = 65_536
_ENVIRONMENT: Final = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Finished:
    """What a child answered."""

    code: int
    output: bytes = field(repr=False)
    errors: str
    files: Mapping[str, bytes] = field(repr=False)  # written by it, by the name that was given

    @property
    def succeeded(self) -> bool:
        return self.code == 0


class Openssl:
    """Runs ``openssl``; one for a process."""

    def __init__(self, program: str = "openssl", *, seconds: float = SECONDS_MAX, children: int = CHILDREN_MAX) -> None:
        self._program = program
        self._seconds = seconds
        self._children = asyncio.Semaphore(children)
        self._waiting = 0

    async def run(
        self,
        arguments: Sequence[str],
        *,
        stdin: bytes = b"",
        inputs: Mapping[str, bytes] | None = None,
        outputs: Sequence[str] = (),
    ) -> Finished:
        """Run a command; an argument ``{name}`` becomes the path of that input or output.

        Raises:
            Unavailable: there is no openssl, it took too long, or too many calls wait already.
            TooLarge: it wrote more than ``OUTPUT_MAX``.
        """
        if self._waiting >= WAITING_MAX:
            raise Unavailable("too many signed or encrypted messages at once; try again")
        self._waiting += 1
        try:
            async with self._children:
                with ExitStack() as held:
                    return await self._run(held, arguments, stdin, inputs or {}, outputs)
        finally:
            self._waiting -= 1

    async def _run(
        self,
        held: ExitStack,
        arguments: Sequence[str],
        stdin: bytes,
        inputs: Mapping[str, bytes],
        outputs: Sequence[str],
    ) -> Finished:
        memory = {name: _memory(held, content) for name, content in inputs.items()}
        memory |= {name: _memory(held, b"") for name in outputs}
        paths = {name: f"/dev/fd/{number}" for name, number in memory.items()}
        source = _memory(held, stdin)
        try:
            child = await asyncio.create_subprocess_exec(
                self._program,
                *(_placed(argument, paths) for argument in arguments),
                stdin=source,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=_ENVIRONMENT,
                pass_fds=tuple(memory.values()),
                cwd="/",
                close_fds=True,
            )
        except OSError as failure:
            raise Unavailable(f"openssl does not run: {failure.strerror}") from failure
        try:
            async with asyncio.timeout(self._seconds):
                output, errors = await asyncio.gather(_all(child.stdout, OUTPUT_MAX), _all(child.stderr, ERRORS_MAX))
                code = await child.wait()
        except TimeoutError as late:
            raise Unavailable("openssl took too long for this message") from late
        finally:
            await _end(child)
        return Finished(
            code, output, errors.decode("utf-8", "replace"), {name: _content(memory[name]) for name in outputs}
        )


async def _end(child: asyncio.subprocess.Process) -> None:
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


async def _all(stream: asyncio.StreamReader | None, limit: int) -> bytes:
    out = bytearray()
    while stream is not None and (piece := await stream.read(_PIECE)):
        out += piece
        if len(out) > limit:
            raise TooLarge(f"more than {limit} octets came out of a signed or encrypted message")
    return bytes(out)


def _memory(held: ExitStack, content: bytes) -> int:
    number = os.memfd_create("smime", os.MFD_CLOEXEC)
    held.callback(os.close, number)
    view = memoryview(content)
    while view:
        view = view[os.write(number, view) :]
    os.lseek(number, 0, os.SEEK_SET)
    return number


def _content(number: int) -> bytes:
    size = os.fstat(number).st_size
    if size > OUTPUT_MAX:
        raise TooLarge(f"more than {OUTPUT_MAX} octets came out of a signed or encrypted message")
    return os.pread(number, size, 0)


def _placed(argument: str, paths: Mapping[str, str]) -> str:
    before, brace, name = argument.partition("{")
    return before + paths[name[:-1]] if brace else argument
