"""Who ends the services of a launcher that was killed? A small process that hears it die.

The kernel's own way (PR_SET_PDEATHSIG) follows the thread that started a process, not the program, and the
fault rig starts services in threads that end before it. A pipe knows better: it closes when the last holder
of its other end is gone, however that happened.
"""

from __future__ import annotations

import atexit
import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterable
from threading import Lock

from shared.local import pids
from shared.local.settings import ROOT, inherited_environment

_POLITE_SECONDS = 10.0


class Guardian:
    """Knows which processes must not outlive this one; costs one small process once there are any."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def watch(self, pid: int, word: str) -> None:
        """From now on, end this process when ours is gone; `word` is in its command line."""
        self._tell(f"+ {pid} {word}")

    def forget(self, pid: int) -> None:
        """It has ended, its number may be somebody else's."""
        if self._process is not None:
            self._tell(f"- {pid} .")

    def leave(self) -> None:
        """Let the watching process go; what it still watches ends with it."""
        with self._lock:
            if self._process is not None and self._process.stdin is not None:
                with contextlib.suppress(BrokenPipeError):
                    self._process.stdin.close()
                self._process.wait(2 * _POLITE_SECONDS)
                self._process = None

    def _tell(self, line: str) -> None:
        with self._lock:
            process = self._process or self._started()
            assert process.stdin is not None
            # A guardian that somebody killed is no reason to fail: services run without it too.
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(f"{line}\n".encode())
                process.stdin.flush()

    def _started(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "shared.local.guardian"],
            env=inherited_environment(PYTHONPATH=str(ROOT)),
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the launcher.
        )
        atexit.register(self.leave)
        return self._process


GUARDIAN = Guardian()
"""The one of this process."""


def watched(lines: Iterable[str]) -> dict[int, str]:
    """The processes that were still to be watched when the lines ended, with their words."""
    left: dict[int, str] = {}
    for line in lines:
        sign, number, word = line.split(maxsplit=2)
        if sign == "+":
            left[int(number)] = word.strip()
        else:
            left.pop(int(number), None)
    return left


def end_all(left: dict[int, str]) -> None:
    """End them together: each is asked before the first is waited for."""
    ours = [pid for pid, word in left.items() if pids.is_alive(pid) and pids.mentions(pid, word)]
    for pid in ours:
        pids.send(pid, signal.SIGTERM)
        pids.send(pid, signal.SIGCONT)  # One that was stopped must hear it.
    for pid in ours:
        pids.end(pid, polite_seconds=_POLITE_SECONDS)


if __name__ == "__main__":
    end_all(watched(sys.stdin))
