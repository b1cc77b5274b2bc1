"""How is it run? `python -m benchmarks.clocks [--clocks N] [--due N] [--quick] [--only kesu|apscheduler]`."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace

from rich.console import Console

from benchmarks.clocks.measuring import QUICK, STEPS, Size, apscheduler, kesu
from benchmarks.clocks.report import KESU, Column, bounds, show
from benchmarks.servers import Servers, running_servers
from shared.errors import KesuError
from shared.local.settings import LocalSettings

CONTESTANTS = {"kesu": kesu, "apscheduler": apscheduler}


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 all bounds met (or not asked), 1 one missed, 3 no server to be had."""
    options = _parser().parse_args(words)
    size = QUICK if options.quick else Size()
    size = replace(
        size,
        clocks=options.clocks or size.clocks,
        due=options.due or size.due,
        steps=tuple(options.steps or STEPS),
        reuse=options.reuse,
    )
    # Whoever ends this ends its servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(width=110, highlight=False)
    place = LocalSettings().var / "clocks"
    try:
        with running_servers(place, say=console.print) as servers:
            names = [options.only] if options.only else list(CONTESTANTS)
            columns = [_measured(name, servers, size, console) for name in names]
    except KesuError as error:
        console.print(error.sentence(), markup=False)
        return 3
    show(columns, size.due, console)
    file = place / "result.json"
    file.write_text(json.dumps([asdict(one) for one in columns], indent=1) + "\n")
    console.print(f"All figures are in {file}.")
    missed = [one for column in columns if column.name == KESU for one in bounds(column) if not one.met]
    return 1 if missed and not options.no_verdict else 0


def _measured(name: str, servers: Servers, size: Size, console: Console) -> Column:
    servers.settle()
    return asyncio.run(CONTESTANTS[name](servers, size, console.print))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clocks", description=__doc__)
    parser.add_argument("--clocks", type=int, help="open clocks; 1,000,000 unless told otherwise")
    parser.add_argument("--due", type=int, help="how many fall due together; 10,000")
    parser.add_argument("--quick", action="store_true", help="50,000 clocks, two minutes, less exact")
    parser.add_argument("--only", choices=tuple(CONTESTANTS), help="one contestant, without the ratio")
    parser.add_argument("--steps", nargs="+", choices=STEPS, help="only these, with Kesu")
    parser.add_argument("--reuse", action="store_true", help="take the clocks that an earlier run left")
    parser.add_argument("--no-verdict", action="store_true", help="exit with 0 whatever the bounds say")
    return parser


if __name__ == "__main__":
    sys.exit(main())
