"""Is anything lost whatever breaks? `make faults` runs every fault on real processes and servers."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from rich.console import Console

from shared.errors import KesuError
from shared.local import rabbitmq
from shared.local.addresses import NAMES
from shared.local.directories import Claim, made
from shared.local.orphans import only_launcher
from shared.local.ports import free_ports
from shared.local.postgres import PostgresServer
from shared.local.processes import stop_all
from shared.local.settings import LocalSettings
from shared.local.suite import ORGANISATION, local_servers, secrets_of
from tests.faults import report
from tests.faults.proving import Proof, prove, sound_world
from tests.faults.rig import Rig, runnable
from tests.faults.running import Result, Run
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.snapshot import Injected

# In a file or a pipe the ledger must stay a table.
_console = Console(width=None if sys.stdout.isatty() else 120)


def main() -> int:
    """0: all is well; 1: something was lost, doubled, stuck or odd; 2: wrong words; 3: no servers."""
    words = _words()
    if words.list:
        for one in SCENARIOS:
            _console.print(f"[bold]{one.name}[/bold]\n  {one.says}\n", highlight=False)
        return 0
    if words.prove:
        accepted, snapshot = sound_world()
        proofs = prove(accepted, snapshot, Injected())
        report.show_proofs(_console, proofs)
        return 0 if all(one.found for one in proofs) else 1
    chosen = [one for one in SCENARIOS if not words.scenarios or one.name in words.scenarios]
    try:
        return _run(chosen, words)
    except KesuError as failure:
        _console.print(failure.sentence(), highlight=False, markup=False)
        return 3


def _words() -> argparse.Namespace:
    names = [one.name for one in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "scenarios", nargs="*", metavar="SCENARIO", help=f"all, or some of {', '.join(names)}"
    )
    parser.add_argument("--complaints", type=int, default=500, help="a scenario; the default makes 6,000")
    parser.add_argument("--seed", type=int, default=7, help="of complaints and of what is random")
    parser.add_argument(
        "--patience", type=float, default=200, help="seconds until what moves counts as stuck"
    )
    parser.add_argument("--list", action="store_true", help="say what each scenario injects")
    parser.add_argument(
        "--prove", action="store_true", help="plant violations and see them found; no servers"
    )
    words = parser.parse_args()
    if unknown := set(words.scenarios) - set(names):
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    return words


def _run(chosen: Sequence[Scenario], words: argparse.Namespace) -> int:
    var = made(LocalSettings().var / "faults")
    intake, routing, escalation, surveys = free_ports(4)
    settings = LocalSettings(
        var=var,
        amqp_url=None,
        database_url=None,
        intake_port=intake,
        routing_port=routing,
        escalation_port=escalation,
        surveys_port=surveys,
    )
    claim = Claim(var)
    if not claim.take():
        _console.print(f"Another run of the fault rig uses {var}.")
        return 3
    with only_launcher(made(var / "log"), NAMES):
        _fresh(var)
        with local_servers(settings, say=_console.print) as found:
            postgres, broker = runnable(*found)
            environment = {
                **secrets_of(var),
                "KESU_DATABASE_URL": postgres.url,
                "KESU_AMQP_URL": broker.url,
                "KESU_ORGANISATION": str(ORGANISATION),
            }
            rig = Rig(settings, postgres, broker, environment, Random(words.seed), _say, words.patience)
            results, proofs = asyncio.run(_all(rig, chosen, words.complaints, words.seed))
    report.show_ledger(_console, results)
    report.show_proofs(_console, proofs)
    _console.print(f"Evidence: {report.keep(var, results, proofs)} and {var / 'log'}", highlight=False)
    sound = not any(one.findings for one in results)
    return 0 if sound and proofs and all(one.found for one in proofs) else 1


async def _all(
    rig: Rig, chosen: Sequence[Scenario], complaints: int, seed: int
) -> tuple[list[Result], tuple[Proof, ...]]:
    results: list[Result] = []
    run = Run(rig, complaints=complaints, seed=seed)
    try:
        await rig.start_services()
        for number, scenario in enumerate(chosen, start=1):
            _console.print(f"\n[bold]{scenario.name}[/bold] ({number} of {len(chosen)})", highlight=False)
            results.append(await run.scenario(number, scenario))
            report.show_line(_console, results[-1])
            report.keep(rig.settings.var, results, ())
        results.append(await run.everything())
        report.show_line(_console, results[-1])
        return results, run.proofs()
    finally:
        for one in (*rig.services.values(), *rig.others):
            one.resume()
        await asyncio.to_thread(stop_all, (*rig.services.values(), *rig.others))


def _fresh(var: Path) -> None:
    """Only this run's complaints may be there; servers of a run that was killed are ended first."""
    if (var / "postgres").exists():
        PostgresServer(var / "postgres").stop("immediate")
    if (var / "rabbitmq" / "node.json").exists():
        left = rabbitmq.find(var / "rabbitmq", say=_say)
        left.kill9()
        left.stop()
    for name in ("postgres", "rabbitmq", "log"):
        for old in (var / name).glob("*"):
            if old.name != "claim.lock":
                shutil.rmtree(old) if old.is_dir() else old.unlink()


def _say(text: str) -> None:
    _console.print(text, style="dim", highlight=False, markup=False)


if __name__ == "__main__":
    sys.exit(main())
