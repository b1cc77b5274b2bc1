"""How is the database reached, and who commits? Only `Database.transaction` and `Database.batch`.

Two ways in: SQLAlchemy for everything that is read and written by hand, and the bare driver for what runs
with every batch (docs/decisions/0050): a statement through SQLAlchemy costs this process three times one
through asyncpg, and the shell and the relay send nothing but fixed text.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.settings import asyncpg_url

# SQLSTATE classes that say something of the server, not of the statement (PostgreSQL appendix A):
# connection, transaction rollback, insufficient resources, operator intervention, system error.
_PASSING = frozenset({"08", "40", "53", "57", "58"})


FAILURES = (
    SQLAlchemyError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # The server hung up while this process stood still: the driver has read the farewell and not yet the end.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""Whatever the database, or the way to it, may answer with."""

_CONNECT: dict[str, Any] = {"timeout": 5, "command_timeout": 30}
_PATIENCE_SECONDS = 10
_DIRECT_CONNECTIONS = 4  # shell, timers, relay, and one that is being replaced
_SQLALCHEMY_ONLY = frozenset({"prepared_statement_cache_size", "prepared_statement_name_func"})


class Direct(Protocol):
    """A connection of the bare driver: `$1`, `$2` in the text, rows by position."""

    async def fetch(self, query: str, *args: object) -> list[tuple[Any, ...]]:
        """All rows."""
        ...

    async def fetchval(self, query: str, *args: object) -> Any:
        """The first column of the first row; None without a row."""
        ...

    async def execute(self, query: str, *args: object) -> str:
        """Run it; returns what the server says was done."""
        ...


class Database:
    """One service's database."""

    def __init__(self, url: str, *, service: str, pool: int = 6) -> None:
        self.url = url
        self.engine: AsyncEngine = create_async_engine(
            asyncpg_url(url),
            pool_size=pool,
            max_overflow=2,
            pool_timeout=10,
            pool_recycle=1800,
            # Its errors are logged, and what was to be written is nobody's business there.
            hide_parameters=True,
            connect_args=_CONNECT | {"server_settings": _server_settings(service)},
        )
        self._service = service
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()
        self._reader = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """A connection whose work is committed at the end and rolled back on any exception."""
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection for queries; each statement stands alone."""
        async with self._reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def direct(self) -> AsyncIterator[Direct]:
        """A connection of the bare driver; each statement stands alone."""
        async with self._lent() as connection:
            yield cast(Direct, connection)

    @asynccontextmanager
    async def batch(self) -> AsyncIterator[Direct]:
        """Like `transaction`, with the bare driver: for what runs with every batch."""
        async with self._lent() as connection, connection.transaction():
            yield cast(Direct, connection)

    @asynccontextmanager
    async def _lent(self) -> AsyncIterator[PoolConnectionProxy[asyncpg.Record]]:
        pool = self._pool or await self._opened()
        async with pool.acquire(timeout=_PATIENCE_SECONDS) as connection:
            try:
                yield connection
            except asyncpg.InternalClientError:
                # Out of step with its server for good: the pool must not lend it again.
                connection.terminate()
                raise

    async def answers(self) -> bool:
        """Whether the database answers a trivial question."""
        try:
            async with self.reading() as connection:
                await connection.execute(text("SELECT 1"))
        except FAILURES:
            return False
        return True

    async def close(self) -> None:
        """Give the connections back."""
        if self._pool is not None:
            await self._pool.close()
        await self.engine.dispose()

    async def _opened(self) -> asyncpg.Pool:
        async with self._opening:
            if self._pool is None:
                url = self.engine.dialect.create_connect_args(self.engine.url)[1]
                self._pool = await asyncpg.create_pool(
                    **{name: value for name, value in url.items() if name not in _SQLALCHEMY_ONLY},
                    **_CONNECT,
                    server_settings=_server_settings(self._service),
                    min_size=0,
                    max_size=_DIRECT_CONNECTIONS,
                    # What its users set they put back themselves; asking the server again each time
                    # would be one more round trip a batch.
                    reset=_nothing,
                )
            return self._pool


def _server_settings(service: str) -> dict[str, str]:
    return {
        "jit": "off",
        "application_name": f"kesu-{service}",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "2",
        "tcp_keepalives_count": "3",
        "idle_in_transaction_session_timeout": "10000",
    }


async def _nothing(_connection: object) -> None:
    return None


def is_passing(error: BaseException) -> bool:
    """Whether the failure lies with the server or the way to it, so that the same work may succeed later."""
    if isinstance(error, (OSError, TimeoutError, PoolTimeoutError, PendingRollbackError)):
        return True
    lost = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.InvalidCachedStatementError)
    if isinstance(error, lost):
        return True  # the connection was lost under way, or the tables changed under it
    if isinstance(error, asyncpg.PostgresError):
        return (error.sqlstate or "")[:2] in _PASSING
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        if state is not None:
            return state[:2] in _PASSING
        return error.connection_invalidated or isinstance(error, (InterfaceError, OperationalError))
    return False


def sqlstate(error: BaseException) -> str | None:
    """The five characters by which PostgreSQL names the failure, if it did."""
    if isinstance(error, asyncpg.PostgresError):
        return error.sqlstate
    origin = getattr(error, "orig", None)
    value = getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None)
    return str(value) if value else None
