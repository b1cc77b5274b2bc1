"""Which PostgreSQL and RabbitMQ do the tests of one session use, and how is each test kept apart?

Found in this order: environment (`KESU_TEST_DATABASE_URL`, `KESU_TEST_AMQP_URL` with
`KESU_TEST_AMQP_MANAGEMENT_URL`), testcontainers when a Docker engine answers and has or can pull
the image, the embedded default of `shared.local`. One of each serves the whole session; a test gets
a database and a virtual host of its own.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

from shared.errors import Unavailable
from shared.local import databases, pids, rabbitmq
from shared.local.amqp_greeting import door
from shared.local.management import Management
from shared.local.postgres import PostgresServer
from tests.support import containers

KINDS = ("postgres", "rabbitmq")
POOL: pytest.StashKey[ServerPool] = pytest.StashKey()
_PREFIX = "kesu-tests-"


@dataclass(frozen=True, slots=True)
class TestPostgres:
    """The session's PostgreSQL: databases are made and dropped on it by name."""

    __test__ = False
    url: str

    def create(self, name: str, *, template: str | None = None) -> str:
        """URL of a new database; a copy of `template` costs little more than an empty one."""
        return databases.create_database(self.url, name, template=template)

    def drop(self, name: str) -> None:
        """Drop it with whoever is connected."""
        databases.drop_database(self.url, name)


@dataclass(frozen=True, slots=True)
class TestRabbit:
    """The session's RabbitMQ: virtual hosts are made and dropped on it by name."""

    __test__ = False
    url: str
    management_url: str

    @property
    def management(self) -> Management:
        """The management API: what `rabbitmqctl` would be asked, in milliseconds."""
        return Management(self.management_url)

    def url_of(self, vhost: str) -> str:
        """AMQP URL of one virtual host."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/{quote(vhost, safe='')}"


class ServerPool:
    """Starts what the chosen tests need, once, and ends it with the session."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self._found: dict[str, TestPostgres | TestRabbit] = {}
        self._failures: dict[str, Unavailable] = {}
        self._numbers = itertools.count(1)
        self._templates: set[str] = set()

    def start(self, kinds: Iterable[str]) -> None:
        """Have these kinds running; what fails is told to the tests that need it."""
        missing = [kind for kind in kinds if kind not in self._found]
        with ThreadPoolExecutor(len(KINDS)) as workers:
            for kind, outcome in zip(missing, workers.map(self._obtained, missing), strict=True):
                if isinstance(outcome, Unavailable):
                    self._failures[kind] = outcome
                else:
                    self._found[kind] = outcome

    def stop(self) -> None:
        """End what was started here."""
        self._ends.close()

    def postgres(self) -> TestPostgres:
        """The session's PostgreSQL; the test fails in a plain sentence when there is none."""
        found = self._the("postgres")
        assert isinstance(found, TestPostgres)
        return found

    def rabbitmq(self) -> TestRabbit:
        """The session's RabbitMQ; the test fails in a plain sentence when there is none."""
        found = self._the("rabbitmq")
        assert isinstance(found, TestRabbit)
        return found

    def fresh_name(self) -> str:
        """A name that no other test of any session on this server has."""
        return f"test_{os.getpid()}_{next(self._numbers)}"

    def template(self, name: str, prepare: Callable[[str], None]) -> str:
        """Name of a database that `prepare(url)` has filled once for the session."""
        full = f"template_{os.getpid()}_{name}"
        if full not in self._templates:
            server = self.postgres()
            server.drop(full)
            prepare(server.create(full))
            self._templates.add(full)
            self._ends.callback(server.drop, full)
        return full

    def _the(self, kind: str) -> TestPostgres | TestRabbit:
        if kind not in self._found and kind not in self._failures:
            self.start([kind])
        if kind in self._failures:
            pytest.fail(self._failures[kind].sentence(), pytrace=False)
        return self._found[kind]

    def _obtained(self, kind: str) -> TestPostgres | TestRabbit | Unavailable:
        try:
            return self._postgres() if kind == "postgres" else self._rabbitmq()
        except Unavailable as failure:
            return failure

    def _postgres(self) -> TestPostgres:
        if url := os.environ.get("KESU_TEST_DATABASE_URL"):
            databases.run_sql(url, "SELECT 1", seconds=10)
            return TestPostgres(url)
        if url := containers.postgres_url(self._ends):
            return TestPostgres(url)
        server = PostgresServer(_session_directory("postgres", self._ends), durable=False)
        self._ends.callback(server.stop, "immediate")
        server.start()
        return TestPostgres(server.url)

    def _rabbitmq(self) -> TestRabbit:
        if url := os.environ.get("KESU_TEST_AMQP_URL"):
            return _external_rabbit(url, os.environ.get("KESU_TEST_AMQP_MANAGEMENT_URL"))
        if urls := containers.rabbitmq_urls(self._ends):
            return TestRabbit(*urls)
        directory = _session_directory("rabbitmq", self._ends)
        with _one_session_at_a_time():
            broker = rabbitmq.find(directory, say=lambda text: print(f"\n{text}", flush=True))
        self._ends.callback(broker.stop)
        # Thrown away right after: a crash is six seconds quicker than an orderly end.
        self._ends.callback(broker.kill9)
        broker.start()
        assert broker.management_url
        return TestRabbit(broker.url, broker.management_url)


@contextmanager
def _one_session_at_a_time() -> Iterator[None]:
    """Sessions side by side (`pytest -n`) must not install the same package twice at once."""
    with (Path(tempfile.gettempdir()) / f"{_PREFIX}install.lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _external_rabbit(url: str, management_url: str | None) -> TestRabbit:
    where = door(url)
    login = f"{quote(where.user, safe='')}:{quote(where.password, safe='')}"
    found = TestRabbit(url, management_url or f"http://{login}@{where.host}:15672")
    found.management.call("GET", "/api/whoami")
    return found


def _session_directory(kind: str, ends: ExitStack) -> Path:
    """A directory of this session; those of sessions that were killed are swept, servers and all."""
    base = Path(tempfile.gettempdir())
    for old in base.glob(f"{_PREFIX}{kind}-*"):
        owner = pids.read_pid(old / "owner.pid")
        if owner is not None and not pids.is_alive(owner):
            _end_servers_of(old)
            shutil.rmtree(old, ignore_errors=True)
    directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-"))
    directory.chmod(0o755)
    (directory / "owner.pid").write_text(f"{os.getpid()}\n")
    ends.callback(shutil.rmtree, directory, ignore_errors=True)
    return directory


def _end_servers_of(directory: Path) -> None:
    for file in ("node.pid", "epmd.pid", "data/postmaster.pid"):
        pid = pids.read_pid(directory / file)
        word = "epmd" if file == "epmd.pid" else str(directory)
        if pid is not None and pids.is_alive(pid) and pids.mentions(pid, word):
            pids.end(pid, polite_seconds=0)
