"""Puts a corpus into a mailbox: many messages with each APPEND (RFC 3502), which also fills the server's cache."""

import socket
from typing import Final

from bench.mail.corpus import messages
from bench.mariadb import PASSWORD

AT_ONCE: Final = 500  # messages of one command


def fill(port: int, user: str, mailbox: str, count: int) -> None:
    """Append messages until the mailbox holds so many.

    Raises:
        SystemExit: the server refused.
    """
    with socket.create_connection(("127.0.0.1", port)) as connection:
        lines = connection.makefile("rb")
        lines.readline()

        def ask(command: bytes) -> list[bytes]:
            connection.sendall(b"a " + command + b"\r\n")
            answers = []
            while not (line := lines.readline()).startswith(b"a "):
                answers.append(line)
            if not line.startswith(b"a OK"):
                raise SystemExit(line.decode(errors="replace"))
            return answers

        ask(f"LOGIN {user} {PASSWORD}".encode())
        status = ask(f"STATUS {mailbox} (MESSAGES)".encode())
        there = int(status[0].rsplit(b"MESSAGES ", 1)[1].rstrip(b")\r\n"))
        pieces: list[bytes] = []
        for number, made in enumerate(messages(count)):
            if number < there:
                continue
            date = made.received.strftime("%d-%b-%Y %H:%M:%S +0000")
            pieces.append(f'({" ".join(made.flags)}) "{date}" {{{len(made.octets)}+}}\r\n'.encode() + made.octets)
            if len(pieces) == AT_ONCE or number == count - 1:
                ask(f"APPEND {mailbox} ".encode() + b" ".join(pieces))
                pieces.clear()
