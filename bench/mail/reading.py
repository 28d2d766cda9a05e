"""Measures how messages are shown and attachments sent: ``python -m bench.mail.reading``."""

import asyncio
import base64
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final, cast

from bench.mail.dovecot import running
from bench.mail.people import CALLER, opened
from folkmoot.mailboxes.access import MailAccess
from folkmoot.mailboxes.downloading import Downloading
from folkmoot.mailboxes.opening import Opening
from folkmoot.mailboxes.reading import Reading
from folkmoot.mailboxes.values import MAIN, MessageRef

TIMES: Final = 50
FILE_OCTETS: Final = 20_000_000


def _message(file: bytes = b"") -> bytes:
    text = "<p>Dear Eva, <b>the agenda</b> is below.</p>" * 110
    head = b"From: ida@example.org\r\nTo: eva@example.com\r\nSubject: Agenda\r\nMIME-Version: 1.0\r\n"
    html = b"Content-Type: text/html; charset=utf-8\r\n\r\n" + text.encode() + b"\r\n"
    if not file:
        return head + html
    encoded = base64.encodebytes(file).replace(b"\n", b"\r\n")
    return b"".join(
        [
            head,
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
            html,
            b"--x\r\nContent-Type: application/pdf; name=agenda.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
            encoded,
            b"--x--\r\n",
        ]
    )


def _peak_afresh() -> float:
    Path("/proc/self/clear_refs").write_text("5")  # the peak becomes what is in use now
    return _peak()


def _peak() -> float:
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


async def _put(access: MailAccess, octets: bytes) -> MessageRef:
    async with access.connection(CALLER, MAIN) as connection:
        done = await connection.append("INBOX", octets)
    return MessageRef("INBOX", done.uid_validity or 0, done.uid or 0)


async def measure(access: MailAccess) -> None:
    """Print how long it takes, and how far the memory's peak rises."""
    reading = Reading(access, cast("Opening", None))  # nothing here is signed or encrypted
    downloading = Downloading(access, reading)
    small = await _put(access, _message())
    large = await _put(access, _message(random.Random(1).randbytes(FILE_OCTETS)))
    for name, ref in (("view of 5 kB", small), ("view beside a file of 20 MB", large)):
        took, before = [], _peak_afresh()
        for _ in range(TIMES):
            start = time.perf_counter()
            await reading.view(CALLER, MAIN, ref)
            took.append((time.perf_counter() - start) * 1000)
        print(f"{name:32} {statistics.median(took):7.1f} ms  worst {max(took):7.1f}  peak +{_peak() - before:.1f} MB")
    before, start, octets = _peak_afresh(), time.perf_counter(), 0
    download = await downloading.part(CALLER, MAIN, large, "2")
    async for piece in download.pieces:
        octets += len(piece)
    took_ms = (time.perf_counter() - start) * 1000
    print(f"{'download of 20 MB':32} {took_ms:7.1f} ms  {octets} octets  peak +{_peak() - before:.1f} MB")


async def _run(directory: Path, port: int) -> None:
    async with opened(directory, port) as access:
        await measure(access)


def main() -> None:
    """Run with a Dovecot of one's own."""
    with tempfile.TemporaryDirectory(prefix="folkmoot-reading-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with running(directory / "dovecot") as dovecot:
            asyncio.run(_run(directory, dovecot.port))


if __name__ == "__main__":
    main()
