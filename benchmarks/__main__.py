"""How is the benchmark run? `python -m benchmarks [--quick] [--no-verdict]`, or `profile SERVICE`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from rich.console import Console

from benchmarks.contestants import KESU, YARDSTICK, kesu, yardstick
from benchmarks.measuring import Run, Size, half_load, throughput
from benchmarks.profiling import profiled
from benchmarks.report import show
from benchmarks.servers import Servers, running_servers
from benchmarks.verdict import Result
from shared.errors import KesuError
from shared.local.settings import LocalSettings

FULL = Size(warm_up=300, sweep=600, measured=3000, half_load_seconds=15)
QUICK = Size(warm_up=200, sweep=0, measured=1000, half_load_seconds=5)


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 all bounds met (or not asked), 1 one missed, 3 no server to be had."""
    options = _parser().parse_args(words)
    console = Console()
    place = LocalSettings().var / "bench"
    try:
        with running_servers(place, say=console.print) as servers:
            if options.service:
                console.print(profiled(options.service, servers, FULL))
                return 0
            result = measure(servers, QUICK if options.quick else FULL, options.rounds, console)
    except KesuError as error:
        console.print(error.sentence(), highlight=False, markup=False)
        return 3
    show(result, console)
    file = place / "result.json"
    file.write_text(json.dumps(result.as_json(), indent=1) + "\n")
    console.print(f"All figures are in {file}.")
    return 0 if options.no_verdict or all(bound.met for bound in result.bounds()) else 1


def measure(servers: Servers, size: Size, rounds: int, console: Console) -> Result:
    """Both in turn, so that whatever else the machine does hits both alike."""
    full: list[Run] = []
    best: dict[str, int] = {}
    contestants = {YARDSTICK: yardstick, KESU: kesu}
    for number in range(rounds):
        for name, contestant in contestants.items():
            run = throughput(contestant, servers, size, best.get(name))
            best[name] = run.concurrency
            full.append(run)
            console.print(
                f"round {number + 1}: {name} {run.journeys.rate:.0f}/s with {run.concurrency} clients"
            )
    rates = Result(tuple(full), ())
    half = []
    for name, contestant in contestants.items():
        console.print(f"half load: {name} at {rates.rate(name) / 2:.0f}/s")
        half.append(half_load(contestant, servers, size, rates.rate(name) / 2))
    return Result(tuple(full), tuple(half))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of four, less exact")
    parser.add_argument("--no-verdict", action="store_true", help="exit with 0 whatever the bounds say")
    parser.add_argument("--rounds", type=int, default=2, help="how often each runs at full speed")
    verbs = parser.add_subparsers()
    profile = verbs.add_parser("profile", help="where one service spends its time")
    profile.add_argument("service", choices=("intake", "routing", "escalation", "surveys"))
    parser.set_defaults(service="")
    return parser


if __name__ == "__main__":
    sys.exit(main())
