"""How does a machine without PostgreSQL get one: started under a directory, durable, and ended?"""

from __future__ import annotations

import contextlib
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import quote

from shared.errors import Unavailable
from shared.local import databases, pids, postgres_files
from shared.local.directories import Claim, made, require_space
from shared.local.postgres_programs import command_as, program, unprivileged_account
from shared.local.settings import inherited_environment
from shared.local.waiting import until

StopMode = Literal["smart", "fast", "immediate"]
_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
TUNING = {
    "shared_buffers": "256MB",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "2GB",
    "max_connections": "100",
    # A transaction that a stopped process left open must not hold its locks for ever.
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres(Protocol):
    """A PostgreSQL server; `url` names its database `postgres`, `databases` makes others on it."""

    @property
    def url(self) -> str:
        """`postgresql://...`, without driver: asyncpg takes it so, SQLAlchemy wants one added."""
        ...


class ExternalPostgres:
    """A server that somebody else runs; nothing here starts or stops it."""

    def __init__(self, url: str) -> None:
        self.url = url


class PostgresServer:
    """The embedded server in one directory; its Unix socket is the only door."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = made(directory)
        self._durable = durable
        self._data = self.directory / "data"
        self._account = unprivileged_account()
        self._socket = postgres_files.socket_directory(self.directory)
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://postgres@/postgres?host={quote(str(self._socket), safe='/')}"
        self.log = self.directory / "server.log"

    @property
    def pid(self) -> int | None:
        """Process id of the running server, or None."""
        pid = pids.read_pid(self._data / "postmaster.pid")
        if pid is None or not pids.is_alive(pid) or not pids.mentions(pid, str(self._data)):
            return None
        return pid

    def start(self, *, deadline_seconds: float = 60) -> None:
        """Run the server until it accepts connections; one that runs already is kept.

        Raises Unavailable when it cannot start, or not in time (recovery after a crash counts).
        """
        if self.pid is None:
            require_space(self.directory, megabytes=500)
            postgres_files.prepare(self._data, self._socket, self._account, durable=self._durable)
            self._spawn()
        if not until(self._accepts_or_died, seconds=deadline_seconds):
            self.stop("immediate")
            raise self._did_not_start(f"did not accept connections within {deadline_seconds:g} s")

    def stop(self, mode: StopMode = "fast", *, deadline_seconds: float = 30) -> None:
        """End the server; `immediate` is a crash that leaves recovery to the next start."""
        pid = self.pid
        if pid is not None:
            pids.send(pid, _SIGNALS[mode])
        self._collect(deadline_seconds)
        if pid is not None:
            pids.end(pid, polite_seconds=0 if self._process else deadline_seconds)

    def kill9(self) -> None:
        """Kill the server as a power cut would; its data stay and `start` recovers them."""
        if (pid := self.pid) is not None:
            pids.send(pid, signal.SIGKILL)
            self._collect(10)
            pids.has_ended(pid, seconds=10)

    def _spawn(self) -> None:
        settings = {
            **TUNING,
            **({} if self._durable else NOT_DURABLE),
            "listen_addresses": "",
            "unix_socket_directories": str(self._socket),
        }
        command = [str(program("postgres")), "-D", str(self._data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        reach = [self._data, program("postgres"), self._socket]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command_as(self._account, command, reach),
                env=inherited_environment(LC_ALL="C"),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the launcher, which ends us in good order.
            )

    def _accepts_or_died(self) -> bool:
        asked = subprocess.run(
            [str(program("pg_isready")), "-q", "-h", str(self._socket), "-t", "3"], check=False
        )
        if asked.returncode == 0:
            return True
        if self._process is not None and self._process.poll() is not None:
            self._process = None
            # After a kill -9 the old back ends need a moment to notice; then a start succeeds.
            if "shared memory block" not in self._last_complaint():
                raise self._did_not_start("did not start")
            self._spawn()
        return False

    def _collect(self, seconds: float) -> None:
        if self._process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(seconds)
                self._process = None

    def _last_complaint(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:]
        grave = [line for line in lines if "FATAL" in line or "PANIC" in line or "rror" in line]
        return (grave or lines or ["its log is empty"])[-1]

    def _did_not_start(self, what: str) -> Unavailable:
        return Unavailable(
            f"the embedded PostgreSQL {what}: {self._last_complaint()}",
            code="postgres-not-started",
            remedy=f"The whole log is {self.log}; or set KESU_DATABASE_URL to another server.",
        )


@contextlib.contextmanager
def local_postgres(
    directory: Path, *, url: str | None = None, durable: bool = True
) -> Iterator[PostgresServer | ExternalPostgres]:
    """A running server: the one of `url` when given, else the embedded one in `directory`.

    One that another process started there is shared and left running; one that was orphaned is
    taken over. Raises Unavailable. Source: architecture.md section 9.
    """
    if url:
        databases.run_sql(url, "SELECT 1", seconds=10)
        yield ExternalPostgres(url)
        return
    server = PostgresServer(directory, durable=durable)
    claim = Claim(server.directory)
    ours = claim.take()
    try:
        server.start()
        yield server
    finally:
        if ours:
            server.stop()
            claim.give_back()


def running_url(directory: Path) -> str | None:
    """URL of the server that runs in the directory now, or None."""
    if not directory.is_dir():
        return None
    server = PostgresServer(directory)
    return server.url if server.pid is not None else None
