"""The results as a table for people."""

from collections.abc import Mapping, Sequence

from bench.load import Result
from bench.workloads import Row, Workload


def markdown(
    workloads: Sequence[Workload], servers: Sequence[str], results: Mapping[tuple[str, str], Sequence[Result]]
) -> str:
    """Return a table: the best rate of each server in each row, and the first server's ratio to the others."""
    first, *others = servers
    heads = ["row", *[f"{name}: req/s (p50, p99 ms; CPU ms)" for name in servers], *[f"{first} / {o}" for o in others]]
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for workload in workloads:
        cells = [f"{workload.name} ({'x3' if workload.row is Row.OBJECT else 'x5'})"]
        best = {name: max(results[workload.name, name], key=lambda r: r.rate) for name in servers}
        for name in servers:
            top, full = best[name], results[workload.name, name][-1]
            wrong = sum(r.wrong for r in results[workload.name, name])
            cells.append(
                f"{top.rate:,.0f} at {top.connections} ({full.p50:.0f}, {full.p99:.0f} at {full.connections};"
                f" {top.cpu_ms:.2f})" + (f" **{wrong} wrong**" if wrong else "")
            )
        cells += [f"{best[first].rate / max(best[o].rate, 0.1):.1f}" for o in others]
        lines.append("| " + " | ".join(cells) + " |")
    memory = {
        name: max((r.memory_mib for (_, n), rows in results.items() if n == name for r in rows), default=0)
        for name in servers
    }
    lines += [
        "",
        "Memory (proportional set size of all processes, most seen): "
        + ", ".join(f"{n} {m:,.0f} MiB" for n, m in memory.items()),
    ]
    return "\n".join(lines)
