"""Raw HTTP for tests: exactly these octets out, whatever comes back in."""

import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes


def exchange(port: int, *pieces: bytes, seconds: float = 10) -> bytes:
    """Send the pieces, then return all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except (BrokenPipeError, ConnectionResetError):
                break
        return drain(connection)


def drain(connection: socket.socket) -> bytes:
    received = b""
    while True:
        try:
            part = connection.recv(65536)
        except ConnectionResetError:
            return received
        if not part:
            return received
        received += part


def parse(reply: bytes) -> Reply:
    head, _, body = reply.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Reply(int(first.split()[1]), headers, body)


def request(port: int, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    """Ask once on a connection of its own."""
    fields = {"Host": "localhost", "Connection": "close", **{n.replace("_", "-"): v for n, v in headers.items()}}
    if body:
        fields["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return parse(exchange(port, f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body))


def resident_octets(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
