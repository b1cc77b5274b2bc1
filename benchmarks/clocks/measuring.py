"""What is done with each contestant, in which order? Idle, one clock, a minute, an instant, kill -9."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg

from benchmarks.clocks.filling import fill, real_sheets
from benchmarks.clocks.firing import Firing
from benchmarks.clocks.ours import Ours, escalation
from benchmarks.clocks.report import BOTH, INSTANT, KESU, KILLED, MINUTE, RIVAL, SINGLE, Column
from benchmarks.servers import Servers
from shared.clock import SystemClock, perf_counter
from shared.database.migrate import prepare
from shared.errors import Unavailable
from shared.local.databases import database_url, drop_database, has_database
from shared.local.mailbox import mailbox
from shared.local.suite import ORGANISATION, secrets_of
from shared.messaging import provision
from shared.policy.loader import load_rulebook

_USED = (
    "SELECT coalesce(max(n), 0) FROM bench_clocks JOIN sheets USING (complaint_id) "
    # Fired, or given a due date by a run that was cut short.
    "WHERE updated_at > created_at OR wake_at < created_at + interval '1 hour'"
)
Say = Callable[[str], None]
STEPS = ("idle", "single", "minute", "instant", "both", "killed")


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    clocks: int = 1_000_000
    due: int = 10_000
    idle_seconds: float = 30
    singles: int = 5
    spread_seconds: float = 60
    rival_jobs: int = 100_000
    steps: tuple[str, ...] = STEPS
    reuse: bool = False
    """Take the clocks that an earlier run left, as far as they have not fired."""


QUICK = Size(clocks=50_000, due=2_000, idle_seconds=15, singles=3, spread_seconds=10, rival_jobs=20_000)


async def kesu(servers: Servers, size: Size, say: Say) -> Column:
    """The real escalation service over so many clocks."""
    database = await _filled(servers, size, say)
    with servers.fresh_vhost() as amqp_url, mailbox() as mails:
        await provision.apply(amqp_url)
        environment = {
            **secrets_of(servers.place),
            "KESU_DATABASE_URL": servers.postgres.url,
            "KESU_AMQP_URL": amqp_url,
            "KESU_ORGANISATION": str(ORGANISATION),
            "KESU_SMTP_URL": mails.url,
        }
        used = await database.fetchval(_USED)
        with escalation(servers, database, environment, say) as ours:
            ours.picks.used = used
            await ours.start()
            idle = await ours.idle(size.idle_seconds) if "idle" in size.steps else None
            say(f"{KESU}: {idle}")
            firings = await _fired(ours, size, say)
            told = await ours.told(amqp_url)
        say(f"{KESU}: {len(mails.mails)} mails, {len(told):,} breaches in the log")
        await database.close()
    twice = sum(count > 1 for count in told.values())
    lost = ours.picks.used - used - len(told)
    return Column(KESU, size.clocks, idle, ours.peak_megabytes, firings, (lost, twice))


async def _filled(servers: Servers, size: Size, say: Say) -> asyncpg.Connection:
    url = database_url(servers.postgres.url, "kesu_escalation")
    if size.reuse and has_database(servers.postgres.url, "kesu_escalation"):
        await prepare(servers.postgres.url, "escalation")
        return await asyncpg.connect(url)
    drop_database(servers.postgres.url, "kesu_escalation")
    await prepare(servers.postgres.url, "escalation")
    database = await asyncpg.connect(url)
    begun = perf_counter()
    await fill(database, real_sheets(load_rulebook(ORGANISATION), SystemClock().now()), size.clocks)
    say(f"{KESU}: {size.clocks:,} open clocks after {perf_counter() - begun:.0f} s")
    return database


async def _fired(ours: Ours, size: Size, say: Say) -> dict[str, Firing]:
    firings = {}
    if "single" in size.steps:
        firings[SINGLE] = _said(SINGLE, await ours.single(size.singles), say)
    if "minute" in size.steps:
        minute = await ours.together(size.due, spread_seconds=size.spread_seconds)
        firings[MINUTE] = _said(MINUTE, minute, say)
    if "instant" in size.steps:
        firings[INSTANT] = _said(INSTANT, await ours.together(size.due), say)
    if {"both", "killed"} & set(size.steps):
        await ours.start()
    if "both" in size.steps:
        firings[BOTH] = _said(BOTH, await ours.together(size.due), say)
    if "killed" in size.steps:
        kills = [_said(KILLED, await ours.killed(size.due, victim), say) for victim in (0, 1)]
        lags = tuple(sorted(lag for one in kills for lag in one.lags))
        firings[KILLED] = Firing(sum(one.due for one in kills), lags)
    return firings


async def apscheduler(servers: Servers, size: Size, say: Say) -> Column:
    """A job per clock. Raises Unavailable when the package is not there."""
    try:
        from benchmarks.clocks.rival import rival  # noqa: PLC0415 - only who compares needs the package
    except ModuleNotFoundError as error:
        raise Unavailable(
            f"{error.name} is not installed", remedy="Run `make venv-dev`, or give --only kesu."
        ) from error
    them = await rival(servers)
    try:
        begun = perf_counter()
        await them.fill(size.rival_jobs)
        say(f"{RIVAL}: {size.rival_jobs:,} jobs after {perf_counter() - begun:.0f} s")
        idle = await them.idle(size.idle_seconds)
        firings = {
            SINGLE: _said(SINGLE, await them.together(1), say),
            INSTANT: _said(INSTANT, await them.together(size.due), say),
            BOTH: _said(BOTH, await them.together(size.due, processes=2), say),
            KILLED: _said(KILLED, await them.together(size.due, processes=2, kill=True), say),
        }
    finally:
        them.stop()
        await them.database.close()
    lost, twice = sum(one.lost for one in firings.values()), sum(one.twice for one in firings.values())
    return Column(RIVAL, size.rival_jobs, idle, None, firings, (lost, twice))


def _said(what: str, found: Firing, say: Say) -> Firing:
    late = f"p50 {found.lag(0.5):.2f} s, p99 {found.lag(0.99):.2f} s, last {found.lag(1):.2f} s"
    say(f"{what}: {late}; lost {found.lost}, twice {found.twice}")
    return found
