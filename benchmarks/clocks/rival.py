"""How does APScheduler fare with a job per clock? The same tests on the same server.

A running scheduler does not notice jobs that another process writes, so each test writes its jobs first
and starts the processes then. Jobs are copied in as `add_job` would store them: one by one that takes an
hour for a million.
"""

from __future__ import annotations

import asyncio
import io
import pickle
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import cast

import asyncpg
from apscheduler.job import Job
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.date import DateTrigger

from benchmarks.clocks import scheduler
from benchmarks.clocks.firing import Firing
from benchmarks.clocks.ours import Idle
from benchmarks.clocks.watching import tree_seconds, usage
from benchmarks.servers import Servers
from shared.clock import SystemClock, monotonic
from shared.local.databases import create_database, drop_database

DATABASE = "bench_rival"
START_SECONDS = 8.0
"""From the start of the processes until jobs fall due."""
_PATIENCE_SECONDS = 90
_PROGRAM = "import sys; from benchmarks.clocks.scheduler import scheduler; scheduler(sys.argv[1]).start()"
_OWNER = BlockingScheduler(timezone="UTC")
"""Jobs cannot be made without one; it is never started."""


@dataclass(slots=True)
class Rival:
    """Schedulers over one store."""

    servers: Servers
    url: str
    database: asyncpg.Connection
    numbers: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    async def fill(self, count: int) -> None:
        """Jobs that are due within a month, none within the hour."""
        now = SystemClock().now()
        await self._write([now + timedelta(hours=1, seconds=one * 2.5e6 / count) for one in range(count)])
        await self.database.execute("VACUUM ANALYZE apscheduler_jobs")

    async def idle(self, seconds: float) -> Idle:
        """One process with nothing to do."""
        self._start(1)
        await asyncio.sleep(5)
        pid = self.running[0].pid
        server = cast("int", self.servers.postgres.pid)
        before, spent, begun = usage(pid), tree_seconds(server), monotonic()
        await asyncio.sleep(seconds)
        after, passed = usage(pid), monotonic() - begun
        idle = Idle(
            100 * (after.cpu_seconds - before.cpu_seconds) / passed,
            100 * (tree_seconds(server) - spent) / passed,
            after.resident_megabytes,
        )
        self.stop()
        return idle

    async def together(self, count: int, *, processes: int = 1, kill: bool = False) -> Firing:
        """So many at one instant; with `kill` one process is killed once a third of them has fired."""
        first = self.numbers
        due = SystemClock().now() + timedelta(seconds=START_SECONDS)
        await self._write([due] * count)
        self._start(processes)
        deadline = monotonic() + START_SECONDS + _PATIENCE_SECONDS
        seen, killed, still = 0, not kill, 0
        # A lost job leaves no trace: the end is when nothing has come for a while.
        while monotonic() < deadline and still < 15:
            await asyncio.sleep(0.2)
            fired = await self.database.fetchval("SELECT count(*) FROM fired WHERE number >= $1", first)
            still = 0 if fired != seen or not fired else still + 1
            seen = fired
            if not killed and fired >= count // 3:
                self.running[0].kill()
                killed = True
        found = await self._firing(first, count)
        self.stop()
        return found

    async def _firing(self, first: int, count: int) -> Firing:
        twice = await self.database.fetchval(
            "SELECT count(*) FROM (SELECT number FROM fired WHERE number >= $1 GROUP BY number "
            "HAVING count(*) > 1) AS doubled",
            first,
        )
        rows = await self.database.fetch(
            "SELECT min(lag) FROM (SELECT number, "
            "extract(epoch FROM pg_xact_commit_timestamp(xmin) - due) AS lag "
            "FROM fired WHERE number >= $1) AS each GROUP BY number",
            first,
        )
        return Firing(count, tuple(sorted(float(row[0]) for row in rows)), twice)

    async def _write(self, moments: Sequence[datetime]) -> None:
        rows = []
        for due in moments:
            rows.append((str(self.numbers), due.timestamp(), _kept(self.numbers, due)))
            self.numbers += 1
        await self.database.copy_records_to_table("apscheduler_jobs", records=rows)

    def _start(self, processes: int) -> None:
        for _ in range(processes):
            self.running.append(subprocess.Popen([sys.executable, "-c", _PROGRAM, self.url]))

    def stop(self) -> None:
        """End the processes."""
        for one in self.running:
            one.kill()
            one.wait(10)
        self.running.clear()


async def rival(servers: Servers) -> Rival:
    """An empty store; nothing runs yet."""
    drop_database(servers.postgres.url, DATABASE)
    url = create_database(servers.postgres.url, DATABASE)
    database = await asyncpg.connect(url)
    await database.execute("CREATE TABLE fired (number int NOT NULL, due timestamptz NOT NULL)")
    # As its store declares it.
    await database.execute(
        "CREATE TABLE apscheduler_jobs (id varchar(191) PRIMARY KEY, next_run_time float8, "
        "job_state bytea NOT NULL)"
    )
    await database.execute(
        "CREATE INDEX ix_apscheduler_jobs_next_run_time ON apscheduler_jobs (next_run_time)"
    )
    return Rival(servers, url, database)


def _kept(number: int, due: datetime) -> bytes:
    job = Job(
        _OWNER,
        id=str(number),
        func=scheduler.fire,
        args=(number, due),
        kwargs={},
        trigger=DateTrigger(run_date=due, timezone=UTC),
        executor="default",
        misfire_grace_time=None,
        coalesce=True,
        max_instances=1,
        next_run_time=due,
        name="fire",
    )
    kept = io.BytesIO()
    pickle.dump(job.__getstate__(), kept, pickle.HIGHEST_PROTOCOL)
    return kept.getvalue()
