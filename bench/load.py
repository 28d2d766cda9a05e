"""Runs one workload with wrk and reads what it and the processes' own accounts say."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.workloads import UNIQUE, Call

WRK_THREADS_MAX: Final = 2  # the machine is shared with the server: more threads only take its time
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_SCRIPT: Final = """
local calls = dofile(CALLS)
local run, turn, unique, number = RUN, 0, 0, 0
local threads = {}
function setup(thread)
  thread:set("id", number)
  number = number + 1
  table.insert(threads, thread)
end
function init() turn = id * 7919 % #calls; statuses = {} end
function request()
  turn = turn % #calls + 1
  local call = calls[turn]
  if not call.unique then return call.text end
  unique = unique + 1
  local mark = string.format("%s-%d-%09d", run, id, unique)
  return (call.before .. mark .. call.after:gsub("@@UNIQUE@@", mark))
end
function response(status) statuses[status] = (statuses[status] or 0) + 1 end
function done(summary, latency)
  local sums = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("statuses")) do sums[status] = (sums[status] or 0) + count end
  end
  io.write("RESULT {")
  io.write(string.format('"duration_us":%d,"requests":%d,"p50_us":%d,"p99_us":%d,"max_us":%d,', summary.duration,
    summary.requests, latency:percentile(50), latency:percentile(99), latency.max))
  io.write(string.format('"socket_errors":%d,"statuses":{', summary.errors.connect + summary.errors.read
    + summary.errors.write + summary.errors.timeout))
  local first = true
  for status, count in pairs(sums) do
    io.write(string.format('%s"%d":%d', first and "" or ",", status, count)); first = false
  end
  io.write("}}\\n")
end
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What one run showed; times in milliseconds."""

    connections: int
    rate: float  # right answers a second
    p50: float
    p99: float
    wrong: int  # answers of another status
    broken: int  # connections that failed, or that the server closed after an answer
    cpu_ms: float  # of all the server's processes, for each request
    memory_mib: float  # proportional set size of all the server's processes at the end


def descendants(roots: Sequence[int]) -> list[int]:
    """Return the processes with these pids and all their descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.append(pid)
            waiting += children.get(pid, [])
    return found


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return user and system time that these processes have used."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def memory_mib(pids: Sequence[int]) -> float:
    """Return the proportional set size of these processes: shared pages are counted once."""
    total = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return total / 1024


def run(
    url: str,
    calls: Sequence[tuple[str, Call]],
    *,
    connections: int,
    seconds: int,
    roots: Sequence[int],
    answer: int,
    mark: str,
) -> Result:
    """Repeat calls, each with its Authorization value, over so many connections; pipelining is off."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("wrk is missing: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        requests = Path(folder, "calls.lua")
        requests.write_text("return {\n" + "".join(_lua(url, *call) for call in calls) + "}\n", encoding="utf-8")
        script = Path(folder, "load.lua")
        script.write_text(_SCRIPT.replace("CALLS", json.dumps(str(requests))).replace("RUN", json.dumps(mark)))
        before = cpu_seconds(descendants(roots))
        threads = min(WRK_THREADS_MAX, connections)
        done = subprocess.run(
            [wrk, f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "-s", str(script), url],
            check=True,
            capture_output=True,
            text=True,
        )
        pids = descendants(roots)
        used = cpu_seconds(pids) - before
    line = next(line for line in done.stdout.splitlines() if line.startswith("RESULT "))
    told = json.loads(line.removeprefix("RESULT "))
    statuses: Mapping[str, int] = told["statuses"]
    right = statuses.get(str(answer), 0)
    return Result(
        connections=connections,
        rate=right / (told["duration_us"] / 1e6),
        p50=told["p50_us"] / 1000,
        p99=told["p99_us"] / 1000,
        wrong=sum(statuses.values()) - right,
        broken=told["socket_errors"],
        cpu_ms=used * 1000 / max(1, told["requests"]),
        memory_mib=memory_mib(pids),
    )


def _lua(url: str, authorization: str, call: Call) -> str:
    host = url.split("/")[2]
    body = call.body.encode()
    # A unique mark is as long as the text it stands for is not: the length is that of the finished body.
    length = len(body) + body.count(UNIQUE.encode()) * (_MARK_LENGTH - len(UNIQUE))
    head = f"{call.method} {call.path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {authorization}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in call.headers)
    head += f"User-Agent: Folkmoot-bench\r\nContent-Length: {length}\r\n\r\n"
    text = head + call.body
    if UNIQUE not in text:
        return f"  {{text={_quoted(text)}}},\n"
    before, _, after = text.partition(UNIQUE)
    return f"  {{unique=true, before={_quoted(before)}, after={_quoted(after)}}},\n"


MARK_PREFIX_LENGTH: Final = 8
_MARK_LENGTH: Final = MARK_PREFIX_LENGTH + len("-0-000000000")


def _quoted(text: str) -> str:
    return '"' + "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\{b:03}" for b in text.encode()) + '"'
