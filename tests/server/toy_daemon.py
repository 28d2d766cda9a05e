"""A supervised server with a toy application, for the supervisor's tests; arguments: directory, workers, options."""

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

from folkmoot.config.kinds import ListenAddress
from folkmoot.core.errors import ConfigurationError
from folkmoot.server import listeners, logs, worker
from folkmoot.server.asgi import ASGI, Receive, Scope, Send
from folkmoot.server.supervisor import Plan, Supervisor
from folkmoot.server.worker import WorkerLimits

directory, workers, *options = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]
MEMORY_MAX = 150 * 1024 * 1024 if "small" in options else 0
hoard: list[bytes] = []


def make(stopping: asyncio.Event) -> ASGI:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            if "broken" in options:
                await send({"type": "lifespan.startup.failed", "message": "broken"})
                return
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        match scope["path"]:
            case "/crash":
                os.kill(os.getpid(), signal.SIGKILL)
            case "/block":
                time.sleep(60)  # noqa: ASYNC251 - the point
            case "/grow":
                hoard.append(b"x" * MEMORY_MAX)
            case "/park":
                await stopping.wait()
            case "/slow":
                await asyncio.sleep(1)
        body = b"%d" % os.getpid()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    return application


def plan() -> Plan:
    wanted = directory / "workers"
    count = int(wanted.read_text()) if wanted.exists() else workers
    if count == 0:
        raise ConfigurationError("no workers")
    limits = WorkerLimits(memory_octets=MEMORY_MAX, leave_seconds=3, send_seconds=30, backlog=64)
    return Plan(
        workers=count,
        silence_seconds=2 if "watched" in options else 0,
        leave_seconds=8,
        run=lambda channel: worker.run(sockets, channel, make, limits, log_file),
    )


log_file = logs.LogFile(str(directory / "log"))
logs.configure(log_file, json=False, level="info")
sockets = [
    listeners.bind(ListenAddress("127.0.0.1", 0), backlog=64),
    listeners.bind(ListenAddress(path=str(directory / "socket")), backlog=64),
]
(directory / "port").write_text(listeners.name_of(sockets[0]).rpartition(":")[2])
sys.exit(Supervisor(plan(), again=plan, log_file=log_file).run())
