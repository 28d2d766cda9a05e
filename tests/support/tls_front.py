"""TLS in front of a server that speaks plain HTTP, with a certificate that only its tests trust."""

import asyncio
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def make_certificate(directory: Path) -> Path:
    """Make a key and a certificate of its own for ``localhost``; return the file that holds both."""
    both = directory / "localhost.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", both, "-out", f"{both}.crt"),
        ],
        check=True,
        capture_output=True,
    )
    both.write_bytes(both.read_bytes() + Path(f"{both}.crt").read_bytes())
    return both


@contextmanager
def tls_front(certificate: Path, front: int, behind: int) -> Iterator[None]:
    """Listen with TLS on the port ``front`` of loopback and pass all on to the port ``behind``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        with suppress(OSError):
            writer.close()
            await writer.wait_closed()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", behind)
        try:
            await asyncio.gather(carry(reader, back), carry(there, writer))
        finally:
            back.close()
            writer.close()

    async def listen() -> asyncio.Server:
        return await asyncio.start_server(accept, "127.0.0.1", front, ssl=context)

    async def leave() -> None:
        server.close()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        await asyncio.sleep(0)  # transports close with the next turn of the loop

    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(10)
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(leave(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
