"""How is the database reached, and who commits? Only `Database.transaction`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from shared.settings import asyncpg_url

# SQLSTATE classes that say something of the server, not of the statement (PostgreSQL appendix A):
# connection, transaction rollback, insufficient resources, operator intervention, system error.
_PASSING = frozenset({"08", "40", "53", "57", "58"})


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
            connect_args={
                "timeout": 5,
                "command_timeout": 30,
                "server_settings": {
                    "jit": "off",
                    "application_name": f"kesu-{service}",
                    "tcp_keepalives_idle": "5",
                    "tcp_keepalives_interval": "2",
                    "tcp_keepalives_count": "3",
                    "idle_in_transaction_session_timeout": "10000",
                },
            },
        )
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

    async def answers(self) -> bool:
        """Whether the database answers a trivial question."""
        try:
            async with self.reading() as connection:
                await connection.execute(text("SELECT 1"))
        except (OSError, SQLAlchemyError, TimeoutError):
            return False
        return True

    async def close(self) -> None:
        """Give the connections back."""
        await self.engine.dispose()


def is_passing(error: BaseException) -> bool:
    """Whether the failure lies with the server or the way to it, so that the same work may succeed later."""
    if isinstance(error, (OSError, TimeoutError, PoolTimeoutError, PendingRollbackError)):
        return True
    if isinstance(error, DBAPIError):
        state = sqlstate(error)
        if state is not None:
            return state[:2] in _PASSING
        return error.connection_invalidated or isinstance(error, (InterfaceError, OperationalError))
    return False


def sqlstate(error: BaseException) -> str | None:
    """The five characters by which PostgreSQL names the failure, if it did."""
    origin = getattr(error, "orig", None)
    value = getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None)
    return str(value) if value else None
