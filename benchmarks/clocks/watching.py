"""What does a process use of processor and memory? Read from /proc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIBIBYTE, _MEGABYTE = 1024, 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Processor seconds since the process began, and megabytes resident now and at most."""

    cpu_seconds: float
    resident_megabytes: float
    peak_megabytes: float


def usage(pid: int) -> Usage:
    """Of this process and its threads, not of its children."""
    status = (Path("/proc") / str(pid) / "status").read_text()
    sizes = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Vm")}
    return Usage(
        _seconds(pid),
        int(sizes["VmRSS"]) * _KIBIBYTE / _MEGABYTE,
        int(sizes["VmHWM"]) * _KIBIBYTE / _MEGABYTE,
    )


def tree_seconds(pid: int) -> float:
    """Processor seconds of a process and its living and ended children, e.g. PostgreSQL's back ends."""
    fields = _stat(pid)
    ended = (int(fields[13]) + int(fields[14])) / _TICKS
    children = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return (
        _seconds(pid)
        + ended
        + sum(_seconds(one) for one in children if (_stat(one) or [""] * 2)[1] == str(pid))
    )


def _seconds(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / _TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; empty when it has ended."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
