"""Did every clock fire, and was everybody told? The log of all events against what the tables hold.

`python -m services.escalation.jobs.audit` (`kesu audit`) runs it once, from the stream or a copy of it, and
leaves the day's signed statement in the database; the service starts it every `KESU_AUDIT_MINUTES`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import uvloop

from services.escalation.jobs.census import Census
from services.escalation.jobs.comparing import Difference
from services.escalation.jobs.sharing import Subject, outcomes
from services.escalation.jobs.showing import shown
from services.escalation.jobs.sorting import SortedLog
from services.escalation.jobs.statement import Finding, is_genuine, public_key_of, signed
from services.escalation.settings import Settings
from services.escalation.store.auditing import (
    how_many_sheets,
    keep_statement,
    kept_sheets,
    last_signature,
)
from services.escalation.store.registers import TABLES
from services.escalation.store.terms import all_terms
from shared.cli.printing import clean, one_line
from shared.clock import SystemClock
from shared.database.transaction import FAILURES, Database
from shared.errors import KesuError, Rejected
from shared.files import OPEN, OwnFile, write_own
from shared.host.keeping import rules_in_force
from shared.messaging.pieces import Piece, pieces
from shared.messaging.stream import read_pieces
from shared.policy.model import Rulebook
from shared.settings import database_of

GRACE = timedelta(seconds=60)
"""What happened since may still be on its way."""
_NICE = 10
_SHARE = 100
_MOST_PROCESSES = 4


async def audited(
    database: Database,
    log: AsyncIterator[Piece],
    rules: Rulebook,
    now: datetime,
    grace: timedelta = GRACE,
    *,
    processes: int = 1,
    on_compared: Callable[[int], None] = lambda _: None,
    others: Mapping[str, Database] | None = None,
) -> Finding:
    """Every complaint of the log and of the tables, compared; what both agree on is not told.

    Both are read in the order of complaints, side by side: neither has to fit into memory. `others` are
    the databases of the other three services; None: only this one's is looked at. Raises Unavailable when
    the log could not be read to its end: a part of it says nothing.
    """
    rules = rules.with_kept(await all_terms(database))
    census = Census({**others, "escalation": database}, now - grace) if others is not None else None
    found: list[Difference] = []
    names = hashlib.sha256()
    complaints = clocks = events = unreadable = 0

    async def shares() -> AsyncIterator[list[Subject]]:
        nonlocal complaints
        share: list[Subject] = []
        async for subject, ids in _side_by_side(sorted_log, database):
            complaints += 1
            names.update("".join(f"{name}\n" for name in ids).encode())
            if census is not None:
                await census.look(subject.complaint, subject.bodies)
            share.append(subject)
            if len(share) == _SHARE:
                yield share
                on_compared(complaints)
                share = []
        if share:
            yield share

    with tempfile.TemporaryDirectory(prefix="kesu-audit-") as directory:
        sorted_log = SortedLog(Path(directory))
        await sorted_log.read(log)
        if census is not None:
            await census.begin()
        async for outcome in outcomes(shares(), rules, now - grace, processes=processes):
            clocks += outcome.clocks
            events += outcome.events
            unreadable += outcome.unreadable
            found += outcome.differences
        if census is not None:
            found += _added(found, await census.end())
    unreadable += sorted_log.unreadable
    return Finding(now, complaints, clocks, events, tuple(found), names.hexdigest(), unreadable)


def _added(known: list[Difference], more: list[Difference]) -> list[Difference]:
    """Those of `more` that are not known by kind and complaint: a missing sheet is found both ways."""
    seen = {(one.kind, one.complaint_id) for one in known}
    return [one for one in more if (one.kind, one.complaint_id) not in seen]


async def _side_by_side(log: SortedLog, database: Database) -> AsyncIterator[tuple[Subject, list[str]]]:
    """Each complaint of log or tables by rising id, with the ids of its events."""
    logged = log.complaints()
    ahead = next(logged, None)
    sheets = kept_sheets(database)
    row = await anext(sheets, None)
    while row is not None or ahead is not None:
        complaint = min(one for one in (row and row.complaint, ahead and ahead[0]) if one)
        bodies: list[bytes] = []
        ids: list[str] = []
        sheet = None
        if ahead is not None and ahead[0] == complaint:
            _, bodies, ids = ahead
            ahead = next(logged, None)
        if row is not None and row.complaint == complaint:
            sheet = row
            row = await anext(sheets, None)
        yield Subject(complaint, bodies, sheet), ids


async def state(database: Database, finding: Finding, secret: str) -> dict[str, object]:
    """The signed statement of the day, kept in the database."""
    day = finding.as_of.date()
    statement = signed(finding, secret=secret, previous=await last_signature(database, day))
    await keep_statement(database, day, statement)
    return statement


def read_file(file: Path, option: str) -> bytes:
    """What the file holds. Raises Rejected('file-unreadable')."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Rejected("file-unreadable", f"{file}: {error.strerror}", field=option) from error


async def copied(file: Path) -> AsyncIterator[Piece]:
    """What a file holds that `kesu events replay` wrote. Raises Rejected('file-unreadable')."""
    try:
        with file.open("rb") as lines:
            for line in lines:
                if text := line.strip():
                    for piece in pieces(text):
                        yield piece
    except OSError as error:
        raise Rejected("file-unreadable", f"{file}: {error.strerror}", field="--log") from error


def is_statement(head: bytes) -> bool:
    """Whether a file that begins so is a statement, which the one of today may replace."""
    return b'"statement": "kesu-audit-1"' in head


def _place(statement_file: Path | None, log_file: Path | None) -> OwnFile | None:
    """Where the statement goes, checked before anything is audited. Raises what `OwnFile` raises."""
    if statement_file is None:
        return None
    inputs = [log_file] if log_file else []
    return OwnFile(statement_file, is_ours=is_statement, option="--statement", inputs=inputs, mode=OPEN)


async def _run(
    settings: Settings, log_file: Path | None, statement_file: OwnFile | None, *, processes: int
) -> int:
    database = Database(database_of(settings.database_url, "escalation"), service="audit")
    others = {
        service: Database(database_of(settings.database_url, service), service="audit", pool=1)
        for service in TABLES
        if service != "escalation"
    }
    grace = timedelta(seconds=settings.audit_grace_seconds)
    try:
        rules = await rules_in_force(database, settings, SystemClock().now())
        with shown(await how_many_sheets(database)) as bars:
            log = copied(log_file) if log_file else read_pieces(settings.amqp_url, on_progress=bars.on_read)
            finding = await audited(
                database,
                log,
                rules,
                SystemClock().now(),
                grace,
                processes=processes,
                on_compared=bars.on_compared,
                others=others if await _readable(others) else None,
            )
        statement = await state(database, finding, settings.secret)
    finally:
        for each in (database, *others.values()):
            await each.close()
    if statement_file:
        text = orjson.dumps(statement, option=orjson.OPT_INDENT_2)
        await asyncio.to_thread(write_own, statement_file, text)
    for one in finding.differences:
        sys.stdout.write(f"{one.kind}: {one.complaint_id}: {one_line(one.what)}\n")
    if finding.unreadable:
        sys.stdout.write(
            f"{finding.unreadable} messages of the log are no events or cannot be read by this release; "
            "`kesu events replay` shows those that are none\n"
        )
    sys.stdout.write(
        f"{finding.complaints} complaints, {finding.clocks} clocks, {finding.events} events: "
        f"{len(finding.differences)} differences; signed with {public_key_of(settings.secret)}\n"
    )
    return 1 if finding.differences else 0


async def _readable(others: Mapping[str, Database]) -> bool:
    """Whether the other databases may be read; if not, it is said, and only this one's is compared."""
    for service, database in others.items():
        try:
            async with database.direct() as connection:
                await connection.fetchval(f"SELECT 1 FROM {TABLES[service]} LIMIT 1")  # noqa: S608 - our own names
        except FAILURES as error:
            sys.stdout.write(
                f"not compared: the database of {service} cannot be read here ({type(error).__name__}); "
                "orphans, doubles and missing complaints are found only by who may read all four\n"
            )
            return False
    return True


def verify(file: Path, key: str | None) -> int:
    """0: the holder of the key (None: the one that it names) signed exactly this; 1: it is not genuine."""
    try:
        statement = orjson.loads(read_file(file, "--verify"))
        signer = key or str(statement["public_key"])
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise Rejected("statement-unreadable", f"{file} holds no statement", field="--verify") from error
    if not is_genuine(statement, signer):
        sys.stdout.write(f"NOT genuine: {file} was changed, or {one_line(signer)} did not sign it\n")
        return 1
    day, missed = one_line(str(statement.get("day"))), one_line(str(statement.get("missed")))
    sys.stdout.write(f"genuine: {day}, {missed} differences, signed with {one_line(signer)}\n")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """0: all agree, or the statement is genuine; 1: something differs; 2: it could not be looked at."""
    parser = argparse.ArgumentParser(prog="kesu audit", description=__doc__)
    parser.add_argument("--log", type=Path, help="A copy written by `kesu events replay`; else the stream.")
    parser.add_argument("--statement", type=Path, help="Write the signed statement there too.")
    parser.add_argument("--verify", type=Path, help="Only check the signature of this statement.")
    parser.add_argument("--key", help="The public key that must have signed it; without: the one it names.")
    parser.add_argument("--gently", action="store_true", help="Step back when processors are short.")
    given = parser.parse_args(arguments)
    if given.gently:
        os.nice(_NICE)
    try:
        if given.verify:
            return verify(given.verify, given.key)
        place = _place(given.statement, given.log)
        settings = Settings()  # pyright: ignore[reportCallIssue]  # the environment has the rest
        processes = 1 if given.gently else min(_MOST_PROCESSES, os.cpu_count() or 1)
        return uvloop.run(_run(settings, given.log, place, processes=processes))
    except KesuError as error:
        sys.stderr.write(f"{clean(error.sentence())}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
