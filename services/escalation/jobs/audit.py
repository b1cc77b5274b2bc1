"""Did every clock fire, and was everybody told? The log of all events against what the tables hold.

`python -m services.escalation.jobs.audit` (`kesu audit`) runs it once, from the stream or a copy of it;
inside the service it runs every `KESU_AUDIT_MINUTES` and leaves the day's signed statement in the database.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import structlog
from aio_pika.exceptions import AMQPError
from sqlalchemy.exc import SQLAlchemyError

from services.escalation.jobs.comparing import Difference, Kept, differences
from services.escalation.jobs.statement import Finding, digest_of, public_key_of, signed
from services.escalation.settings import Settings
from services.escalation.store.auditing import keep_statement, kept_sheets, last_signature
from shared.clock import SystemClock
from shared.database.transaction import Database
from shared.errors import KesuError, Rejected
from shared.events import catalogue
from shared.events.base import read_event
from shared.messaging.stream import read_stream
from shared.policy.loader import load_rulebook
from shared.policy.model import Rulebook
from shared.settings import database_of

log = structlog.get_logger("kesu.audit")
GRACE = timedelta(seconds=60)
"""What happened since may still be on its way."""
_IDLE_SECONDS = 2.0
Log = dict[UUID, list[bytes]]


async def audited(
    database: Database, bodies: AsyncIterator[bytes], rules: Rulebook, now: datetime, grace: timedelta = GRACE
) -> Finding:
    """Every complaint of the log and of the tables, compared; what both agree on is not told."""
    events, identifiers = await _grouped(bodies)
    found: list[Difference] = []
    clocks = complaints = 0
    async for complaint_id, sheet, wake_at, heard, keys in kept_sheets(database):
        complaints, clocks = complaints + 1, clocks + len(sheet.clocks)
        lines = [read_event(body) for body in events.pop(complaint_id, ())]
        kept = Kept(sheet, wake_at, heard, keys)
        found += differences(complaint_id, lines, kept, rules, now - grace)
    for complaint_id, rest in events.items():
        complaints += 1
        lines = [read_event(body) for body in rest]
        found += differences(complaint_id, lines, None, rules, now - grace)
    return Finding(now, complaints, clocks, len(identifiers), tuple(found), digest_of(list(identifiers)))


async def state(database: Database, finding: Finding, secret: str) -> dict[str, object]:
    """The signed statement of the day, kept in the database."""
    day = finding.as_of.date()
    statement = signed(finding, secret=secret, previous=await last_signature(database, day))
    await keep_statement(database, day, statement)
    return statement


def again(on_finding: Callable[[Finding], None]) -> Callable[[Settings, Database], Coroutine[Any, Any, None]]:
    """A job that audits every `audit_minutes`; what fails is logged and tried at the next turn."""

    async def audit(settings: Settings, database: Database) -> None:
        while settings.audit_minutes:
            await asyncio.sleep(settings.audit_minutes * 60)
            try:
                finding, _ = await _once(settings, database, _stream(settings.amqp_url))
            except (KesuError, SQLAlchemyError, AMQPError, OSError, TimeoutError) as error:
                log.warning("audit.failed", error=type(error).__name__)
                continue
            on_finding(finding)

    return audit


async def _once(
    settings: Settings, database: Database, bodies: AsyncIterator[bytes]
) -> tuple[Finding, dict[str, object]]:
    rules = load_rulebook(settings.organisation, settings.profiles)
    finding = await audited(database, bodies, rules, SystemClock().now())
    statement = await state(database, finding, settings.secret)
    if finding.differences:
        log.error("audit.differs", missed=len(finding.differences), kinds=dict(+finding.by_kind))
    return finding, statement


async def _grouped(bodies: AsyncIterator[bytes]) -> tuple[Log, set[str]]:
    """The bodies of each complaint in the order of the log, each once, and the ids of all."""
    known: set[str] = set()
    events: Log = {}
    wanted = {data.type_name for data in catalogue.all_events() if data.producer != "surveys"}
    async for body in bodies:
        head = orjson.loads(body)
        if head["id"] in known or head["type"] not in wanted:
            continue
        known.add(head["id"])
        events.setdefault(UUID(head["subject"]), []).append(body)
    return events, known


def _stream(url: str) -> AsyncIterator[bytes]:
    return read_stream(url, "first", idle_seconds=_IDLE_SECONDS)


def _lines(file: Path) -> list[bytes]:
    try:
        return file.read_bytes().splitlines()
    except OSError as error:
        raise Rejected("file-unreadable", f"{file}: {error.strerror}", field="--log") from error


async def copied(file: Path) -> AsyncIterator[bytes]:
    """The bodies in a file that `kesu events replay` wrote. Raises Rejected('file-unreadable')."""
    for line in await asyncio.to_thread(_lines, file):
        yield line


async def _run(settings: Settings, log_file: Path | None, statement_file: Path | None) -> int:
    database = Database(database_of(settings.database_url, "escalation"), service="audit")
    try:
        bodies = copied(log_file) if log_file else _stream(settings.amqp_url)
        finding, statement = await _once(settings, database, bodies)
    finally:
        await database.close()
    if statement_file:
        text = orjson.dumps(statement, option=orjson.OPT_INDENT_2)
        await asyncio.to_thread(statement_file.write_bytes, text)
    for one in finding.differences:
        sys.stdout.write(f"{one.kind}: {one.complaint_id}: {one.what}\n")
    sys.stdout.write(
        f"{finding.complaints} complaints, {finding.clocks} clocks, {finding.events} events: "
        f"{len(finding.differences)} differences; signed with {public_key_of(settings.secret)}\n"
    )
    return 1 if finding.differences else 0


def main(arguments: list[str] | None = None) -> int:
    """Audit once; 0: all agree, 1: something differs."""
    parser = argparse.ArgumentParser(prog="kesu audit", description=__doc__)
    parser.add_argument("--log", type=Path, help="A copy written by `kesu events replay`; else the stream.")
    parser.add_argument("--statement", type=Path, help="Write the signed statement there too.")
    given = parser.parse_args(arguments)
    settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment has the rest
    return asyncio.run(_run(settings, given.log, given.statement))


if __name__ == "__main__":
    sys.exit(main())
