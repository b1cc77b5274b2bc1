"""Where does a service spend its time under load? Runs it inside Python's own profiler.

The profiler slows the service down by half or more: read the shares, not the seconds.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import runpy
import signal
import sys
from functools import partial
from pathlib import Path

from benchmarks.contestants import kesu
from benchmarks.measuring import Size, throughput
from benchmarks.servers import Servers

_LINES = 45
_CONCURRENCY = 64


def profiled(service: str, servers: Servers, size: Size) -> str:
    """The functions of a service by their own time, after `size.measured` complaints."""
    file = servers.place / f"{service}.profile"
    command = (sys.executable, "-m", "benchmarks.profiling", f"services.{service}", str(file))
    throughput(partial(kesu, commands={service: command}), servers, size, _CONCURRENCY)
    text = io.StringIO()
    stats = pstats.Stats(str(file), stream=text)
    stats.sort_stats("tottime").print_stats(_LINES)
    return f"{text.getvalue()}\nThe whole profile is {file}."


def _run(module: str, file: Path) -> None:
    # uvicorn repeats the signal that ended it; the profile must outlive that.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    profile = cProfile.Profile()
    try:
        profile.runcall(runpy.run_module, module, run_name="__main__", alter_sys=True)
    finally:
        profile.dump_stats(file)


if __name__ == "__main__":
    _run(sys.argv[1], Path(sys.argv[2]))
