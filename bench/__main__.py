"""The command line: ``python -m bench up``, ``run`` and ``down``."""

import argparse
import re
import secrets
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bench import corpus, layouts, state
from bench.client import Account, Client
from bench.load import MARK_PREFIX_LENGTH, Result, run
from bench.servers import NAMES, down, up
from bench.table import markdown
from bench.workloads import WORKLOADS, Call, Workload


@dataclass(frozen=True, slots=True)
class Server:
    """One column of the table."""

    name: str
    url: str
    roots: tuple[int, ...]


def fill(server: Server, account: Account) -> Account:
    """Put the corpus into an account and return it with the sync token from before its last change."""
    with Client(server.url, account) as client:
        status, _ = client.call("GET", f"{account.calendar}bench-0999.ics")
        if status != 200:
            for uid, text in corpus.events():
                client.must("PUT", f"{account.calendar}{uid}.ics", text, {200, 201, 204}, Content_Type="text/calendar")
        status, _ = client.call("GET", f"{account.addressbook}card-0999.vcf")
        if status != 200:
            for uid, text in corpus.cards():
                client.must("PUT", f"{account.addressbook}{uid}.vcf", text, {200, 201, 204}, Content_Type="text/vcard")
        token = client.sync_token()
        changed = corpus.events()[1][1].replace("SEQUENCE:0", f"SEQUENCE:0\r\nX-BENCH:{secrets.token_hex(4)}")
        client.must("PUT", f"{account.calendar}bench-0001.ics", changed, {200, 201, 204}, Content_Type="text/calendar")
    return replace(account, token=token)


def measure(
    server: Server, workload: Workload, accounts: Sequence[Account], connections: Sequence[int], seconds: int
) -> list[Result]:
    """Run one row on one server, once for each number of connections."""
    calls: list[tuple[str, Call]] = []
    for account in accounts:
        calls += [(account.authorization, call) for call in workload.calls(account)]
    # People alternate, so that no run stays with one of them.
    calls = [
        call for start in range(len(calls) // len(accounts)) for call in calls[start :: len(calls) // len(accounts)]
    ]
    return [
        run(
            server.url,
            calls,
            connections=count,
            seconds=seconds,
            roots=server.roots,
            answer=workload.answer,
            mark=secrets.token_hex(MARK_PREFIX_LENGTH // 2),
        )
        for count in connections
    ]


def main() -> None:
    """Do what the command line says."""
    options = _options()
    match options.command:
        case "up":
            running = up(options.names, options.state)
            for server in running.servers:
                print(f"{server.name:12} {server.url}  (without nginx {server.direct})")
        case "down":
            down(options.state, keep=options.keep)
        case _:
            _run(options)


def _run(options: argparse.Namespace) -> None:
    """Measure and print."""
    servers = _servers(options)
    results: dict[tuple[str, str], list[Result]] = {}
    accounts: dict[str, list[Account]] = {}
    for server in servers:
        print(f"filling {options.users} accounts on {server.name}", file=sys.stderr)
        wanted = [layouts.account(server.url, server.name, user, password) for user, password in _people(options)]
        for account in wanted:  # one after the other: see there
            with Client(server.url, account) as client:
                layouts.prepare(client, account, server.name)
        with ThreadPoolExecutor(2) as pool:
            accounts[server.name] = list(pool.map(lambda a, s=server: fill(s, a), wanted))
    for workload in WORKLOADS:
        if options.only and not re.search(options.only, workload.name):
            continue
        for server in servers:
            rows = measure(server, workload, accounts[server.name], options.connections, options.seconds)
            results[workload.name, server.name] = rows
            for row in rows:
                _report(workload, server, row)
    print(markdown([w for w in WORKLOADS if (w.name, servers[0].name) in results], [s.name for s in servers], results))


def _report(workload: Workload, server: Server, row: Result) -> None:
    print(
        f"{workload.name:24} {server.name:12} c={row.connections:<3} {row.rate:8.0f}/s p50 {row.p50:7.1f} ms"
        f" p99 {row.p99:7.1f} ms cpu {row.cpu_ms:6.2f} ms wrong {row.wrong} broken {row.broken}"
        f" {row.memory_mib:.0f} MiB",
        file=sys.stderr,
        flush=True,
    )


def _servers(options: argparse.Namespace) -> list[Server]:
    if options.server:
        named = (text.partition("=") for text in options.server)
        return [Server(name, url, tuple(_pids(name, options.pid))) for name, _, url in named]
    running = state.load(options.state)
    if running is None:
        raise SystemExit("no servers are up: python -m bench up, or name some with --server")
    return [
        Server(each.name, each.direct if options.direct else each.url, running.roots(each)) for each in running.servers
    ]


def _people(options: argparse.Namespace) -> list[tuple[str, str]]:
    return [(options.user.format(n), options.password.format(n)) for n in range(1, options.users + 1)]


def _pids(name: str, files: Sequence[str]) -> list[int]:
    paths = [text.partition("=")[2] for text in files if text.partition("=")[0] == name]
    return [int(Path(path).read_text().split()[0]) for path in paths]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--state", type=Path, default=state.STATE_DIRECTORY, help="where servers keep everything")
    commands = parser.add_subparsers(required=True, dest="command")
    command = commands.add_parser("up", help="start servers to compare")
    command.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(NAMES)}; without, all")
    command = commands.add_parser("down", help="stop them and remove their data")
    command.add_argument("--keep", action="store_true", help="leave the data for the next start")
    command = commands.add_parser("run", help="measure servers")
    command.add_argument("--server", action="append", metavar="NAME=URL", help="DAV root of one not started by us")
    command.add_argument("--pid", action="append", default=[], metavar="NAME=FILE", help="pid file of a process of it")
    command.add_argument("--direct", action="store_true", help="go past nginx")
    command.add_argument("--user", default="load{:03}", help="login of person n")
    command.add_argument("--password", default="load", help="password of person n")
    command.add_argument("--users", type=int, default=10, help="how many people take part")
    command.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    command.add_argument("--seconds", type=int, default=5, help="length of each run")
    command.add_argument("--only", help="rows whose name matches this expression")
    options = parser.parse_args()
    if options.command == "up":
        unknown = set(options.names) - set(NAMES)
        if unknown:
            parser.error(f"no such server: {', '.join(sorted(unknown))}")
        options.names = options.names or NAMES
    return options


if __name__ == "__main__":
    main()
