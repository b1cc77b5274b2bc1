"""How does the disk under an outbox get full, and free again?"""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from shared.errors import Unavailable
from shared.local import databases
from shared.local.postgres_programs import unprivileged_account
from shared.settings import database_of
from tests.faults.rig import Rig

Switches = tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]
_SPACE = "kesu_rig"
_TRIES = 20


@asynccontextmanager
async def small_disk(rig: Rig, services: Sequence[str]) -> AsyncIterator[Switches]:
    """The outboxes lie on a file system of 4 MB; `fill` leaves no byte of it, `free` gives it back."""
    place = Path(tempfile.mkdtemp(prefix="kesu-rig-disk-"))
    await _run("mount", "-t", "tmpfs", "-o", "size=4m,mode=755", "kesu-rig", str(place))
    try:
        account = unprivileged_account()
        if account is not None:
            os.chown(place, account.uid, account.gid)
        await _sql(rig.postgres.url, f"CREATE TABLESPACE {_SPACE} LOCATION '{place}'")
        for service in services:
            await _move(rig, service, _SPACE)
        rig.note(f"the outboxes of {' and '.join(services)} lie on 4 MB")
        filler = place / "filler"

        holders: list[asyncpg.Connection] = []

        async def fill() -> None:
            for service in services:
                holders.append(await _holder(_url(rig, service)))
            await asyncio.to_thread(_fill, filler)

        async def free() -> None:
            filler.unlink(missing_ok=True)
            while holders:
                await holders.pop().close()

        try:
            yield fill, free
        finally:
            await free()
    finally:
        for service in services:
            await _move(rig, service, "pg_default")
        await _sql(rig.postgres.url, f"DROP TABLESPACE {_SPACE}")
        await _run("umount", str(place))
        place.rmdir()


@asynccontextmanager
async def refusing(rig: Rig, services: Sequence[str]) -> AsyncIterator[Switches]:
    """For who may not mount: PostgreSQL says `disk full` (53100) to every row of these outboxes."""

    async def fill() -> None:
        for service in services:
            await _sql(
                _url(rig, service),
                "CREATE OR REPLACE FUNCTION kesu_rig_full() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END$$",
                "CREATE TRIGGER kesu_rig BEFORE INSERT ON outbox EXECUTE FUNCTION kesu_rig_full()",
            )

    async def free() -> None:
        for service in services:
            await _sql(_url(rig, service), "DROP TRIGGER IF EXISTS kesu_rig ON outbox")

    try:
        yield fill, free
    finally:
        await free()


async def _holder(url: str) -> asyncpg.Connection:
    """While it is open no space of deleted rows is used again, so that the few free pages run out."""
    holder = await asyncpg.connect(url)
    await holder.execute("SET idle_in_transaction_session_timeout = 0")
    await holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
    await holder.execute("SELECT count(*) FROM outbox")
    return holder


async def _move(rig: Rig, service: str, space: str) -> None:
    """Moves table and index; the table is locked meanwhile, so a busy one is asked again."""
    for attempt in range(_TRIES):
        try:
            await _sql(
                _url(rig, service),
                "SET lock_timeout = '2s'",
                f"ALTER TABLE outbox SET TABLESPACE {space}",
                f"ALTER INDEX outbox_pkey SET TABLESPACE {space}",
            )
        except Unavailable:
            if attempt == _TRIES - 1:
                raise
        else:
            return


def _fill(filler: Path) -> None:
    """Write until the file system takes no more."""
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue


def _url(rig: Rig, service: str) -> str:
    return database_of(rig.postgres.url, service)


async def _sql(url: str, *statements: str) -> None:
    await asyncio.to_thread(databases.run_sql, url, *statements, seconds=60)


async def _run(*command: str) -> None:
    await asyncio.to_thread(subprocess.run, command, check=True)
