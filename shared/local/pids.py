"""Is that process still alive, is it ours, and how is it ended?"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path

from shared.local.waiting import until


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended but was not collected by its parent does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:  # no /proc on macOS; the signal above is all there is to ask
        return not Path("/proc/self").exists()
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def mentions(pid: int, word: str) -> bool:
    """Whether the command line of the process holds `word`: a guard against numbers used again."""
    try:
        return word in Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        if Path("/proc/self").exists():
            return False
    shown = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return word in shown.stdout


def read_pid(path: Path) -> int | None:
    """The number in the first line of a pid file, or None."""
    try:
        return int(path.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None


def send(pid: int, what: signal.Signals) -> None:
    """Send a signal; a process that is gone already is no failure."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, what)


def has_ended(pid: int, *, seconds: float) -> bool:
    """Whether the process is gone within `seconds`."""
    return bool(until(lambda: not is_alive(pid), seconds=seconds, pause_seconds=0.02))


def end(pid: int, *, polite_seconds: float = 20, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask the process to end, and kill it when it has not after `polite_seconds`."""
    send(pid, first)
    if not has_ended(pid, seconds=polite_seconds):
        send(pid, signal.SIGKILL)
        has_ended(pid, seconds=10)
