"""What lies in the directory of an embedded PostgreSQL before it can start?"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from shared.errors import Unavailable
from shared.local.directories import cannot_write, made
from shared.local.postgres_programs import Account, command_as, program, require_reachable
from shared.local.settings import inherited_environment

# sun_path has 104 bytes on macOS and 108 on Linux; the socket's own name takes 14 of them.
_LONGEST_SOCKET_DIRECTORY = 85


def socket_directory(directory: Path) -> Path:
    """Where the Unix socket of the server in `directory` lies; the path is short enough for one."""
    near = directory / "socket"
    if len(os.fsencode(near)) <= _LONGEST_SOCKET_DIRECTORY:
        return near
    name = hashlib.sha256(os.fsencode(directory.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kesu-socket-{name}"


def prepare(data: Path, socket: Path, account: Account | None, *, durable: bool) -> None:
    """Make and fill the data directory unless it is there, both owned by who runs the server.

    Raises Unavailable when it belongs to somebody else or initdb fails.
    """
    for place in (data, socket):
        made(place, mode=0o700)
        _own(place, account)
    if (data / "PG_VERSION").exists():
        return
    # What an interrupted initdb left behind would stop the next one.
    for leftover in data.iterdir():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    require_reachable(account, [program("postgres"), data])
    _initdb(data, account, durable=durable)


def _own(place: Path, account: Account | None) -> None:
    owner = place.stat().st_uid
    wanted = account.uid if account else os.geteuid()
    if owner == wanted:
        return
    if account and owner == 0:
        os.chown(place, account.uid, account.gid)
        return
    raise Unavailable(
        f"{place} belongs to another user (number {owner}).",
        code="not-your-directory",
        remedy="Run Kesu as that user, remove the directory, or set KESU_VAR to another one.",
    )


def _initdb(data: Path, account: Account | None, *, durable: bool) -> None:
    command = [str(program("initdb")), "-D", str(data), "-U", "postgres", "--encoding=UTF8"]
    # One collation everywhere, whatever locales the machine has; the socket's directory is closed
    # to others, so whoever reaches it is trusted.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=trust"]
    if not durable:
        command.append("--no-sync")
    try:
        done = subprocess.run(
            command_as(account, command, [data, program("initdb")]),
            env=inherited_environment(LC_ALL="C"),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    except subprocess.TimeoutExpired as failure:
        raise Unavailable("initdb did not end within 120 s.", code="postgres-not-made") from failure
    if done.returncode:
        if "No space left" in done.stderr:
            raise cannot_write(data, OSError(28, "No space left on device"))
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1]
        raise Unavailable(
            f"the embedded PostgreSQL could not be set up in {data}: {last}",
            code="postgres-not-made",
            remedy="Set KESU_DATABASE_URL to a PostgreSQL server instead.",
        )
