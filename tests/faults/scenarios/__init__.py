"""Which faults are there? One module each: its docstring says what is injected and what must hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import ModuleType

from tests.faults.load import Load
from tests.faults.rig import Rig
from tests.faults.scenarios import (
    black_hole,
    broker_kill,
    cut_link,
    database_stop,
    disk_full,
    disorder,
    duplicates,
    hostile_bundle,
    import_beside_live,
    kill_each,
    kill_random,
    lost_ways,
    older_dump,
    organisation_shrinks,
    pause_alone,
    pause_with_standby,
    poison,
    timers_kill,
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One fault; the load is spread over `seconds`."""

    name: str
    says: str
    seconds: float
    run: Callable[[Rig, Load], Awaitable[None]]


def _scenario(module: ModuleType) -> Scenario:
    name = module.__name__.rpartition(".")[2]
    return Scenario(name, (module.__doc__ or "").strip(), module.SECONDS, module.run)


SCENARIOS = tuple(
    _scenario(module)
    for module in (
        kill_each,
        kill_random,
        broker_kill,
        database_stop,
        pause_alone,
        pause_with_standby,
        black_hole,
        cut_link,
        duplicates,
        disorder,
        poison,
        hostile_bundle,
        # Before those that set due dates by hand: it ends with `kesu audit`, which would find them.
        older_dump,
        timers_kill,
        organisation_shrinks,
        disk_full,
        import_beside_live,
        lost_ways,
    )
)
