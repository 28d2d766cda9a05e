"""A web server on loopback that answers as a test wants, in the clear and over TLS."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Web:
    """A running server: what it was asked, and what it answers by path."""

    port: int = 0
    tls_port: int = 0
    asked: list[Asked] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    def url(self, path: str, host: str = "calendar.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def tls_url(self, path: str, host: str = "calendar.example") -> str:
        return f"https://{host}:{self.tls_port}{path}"

    def on(self, path: str, body: bytes = b"", *, status: str = "200 OK", **headers: str) -> None:
        """Answer a path; ``content_type`` stands for Content-Type."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(_: Asked, writer: asyncio.StreamWriter) -> None:
            lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in fields.items()]
            writer.write("\r\n".join([*lines, "", ""]).encode() + body)
            await writer.drain()

        self.answers[path] = answer

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, path, _ = head[0].split(" ", 2)
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            asked = Asked(method, path, headers, body)
            self.asked.append(asked)
            if path in self.answers:
                await self.answers[path](asked, writer)
            else:
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def web_server(directory: Path) -> AsyncIterator[Web]:
    """Run a server that speaks for ``calendar.example``."""
    web = Web()
    plain = await asyncio.start_server(web.handle, "127.0.0.1", 0)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(*_files(directory))
    secure = await asyncio.start_server(web.handle, "127.0.0.1", 0, ssl=server_side)
    web.port = plain.sockets[0].getsockname()[1]
    web.tls_port = secure.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        for server in (plain, secure):
            server.close()
            await server.wait_closed()


def trusting(directory: Path) -> ssl.SSLContext:
    """Return a client's context that knows this server's certificate and no other."""
    certificate, _ = _files(directory)
    return ssl.create_default_context(cafile=str(certificate))


def _files(directory: Path) -> tuple[Path, Path]:
    certificate, key = directory / "web.pem", directory / "web.key"
    if not certificate.exists():
        pem, private = _certificate()
        certificate.write_bytes(pem)
        key.write_bytes(private)
    return certificate, key


@cache
def _certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "calendar.example")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("calendar.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.2"))]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
