"""Which services did a launcher leave behind when it was killed, and who may end them?"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from shared.errors import Unavailable
from shared.local import pids
from shared.local.directories import Claim, made


@contextlib.contextmanager
def only_launcher(logs: Path, names: Sequence[str]) -> Iterator[None]:
    """While it lasts, no other launcher runs services with these logs; its orphans are ended first.

    Raises Unavailable('already-running') when a living launcher does.
    """
    claim = Claim(made(logs))
    if not claim.take():
        raise Unavailable(
            f"another Kesu already runs its services with logs in {logs}.",
            code="already-running",
            remedy="End it (Ctrl-C where it runs), or set KESU_VAR to another directory.",
        )
    try:
        for name in names:
            _end_orphan(logs / f"{name}.pid", f"services.{name}")
        yield
    finally:
        claim.give_back()


def note(logs: Path, name: str, pid: int) -> None:
    """Write down which process a launcher has started."""
    (logs / f"{name}.pid").write_text(f"{pid}\n")


def _end_orphan(file: Path, word: str) -> None:
    pid = pids.read_pid(file)
    if pid is not None and pids.is_alive(pid) and pids.mentions(pid, word):
        pids.end(pid, polite_seconds=10)
    file.unlink(missing_ok=True)
