"""What did each process use of processor and memory? Read from /proc; empty where there is none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import Running
from benchmarks.servers import Servers

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds so far of each party, and megabytes resident of each service."""

    cpu_seconds: Mapping[str, float]
    resident_megabytes: Mapping[str, float]

    def since(self, before: Usage) -> dict[str, float]:
        """Processor seconds of each party after `before`."""
        return {name: now - before.cpu_seconds.get(name, 0.0) for name, now in self.cpu_seconds.items()}


def usage(servers: Servers, running: Running) -> Usage:
    """The services, both servers and this process, which sends."""
    pids = {name: service.pid for name, service in running.services.items()}
    cpu = {name: _cpu_seconds(pid) for name, pid in pids.items() if pid is not None}
    cpu["PostgreSQL"] = _tree_seconds(servers.postgres.pid)
    cpu["RabbitMQ"] = _cpu_seconds(servers.rabbitmq.pid)
    cpu["load"] = _cpu_seconds(os.getpid())
    return Usage(cpu, {name: _resident(pid) for name, pid in pids.items() if pid is not None})


def _cpu_seconds(pid: int | None) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _tree_seconds(pid: int | None) -> float:
    """A process, its children, and those children that ended and were collected."""
    fields = _stat(pid)
    if not fields:
        return 0.0
    ended = (int(fields[13]) + int(fields[14])) / _TICKS
    return _cpu_seconds(pid) + ended + sum(_cpu_seconds(child) for child in _children(pid))


def _children(pid: int | None) -> list[int]:
    candidates = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [one for one in candidates if (fields := _stat(one)) and int(fields[1]) == pid]


def _stat(pid: int | None) -> list[str]:
    """The fields of /proc/PID/stat after the name: state, parent, ..."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _resident(pid: int | None) -> float:
    fields = _stat(pid)
    return int(fields[21]) * _PAGE_BYTES / _MEGABYTE if fields else 0.0
