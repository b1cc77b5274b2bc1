"""What is the obvious alternative? One APScheduler job per clock, kept by its SQLAlchemy store in PostgreSQL.

Its job does less than a breach does in Kesu: it writes one row. It is given what it needs to lose nothing
by being late (no misfire grace time).
"""

from __future__ import annotations

import threading
from datetime import datetime

import psycopg
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.blocking import BlockingScheduler

THREADS = 10
_threads = threading.local()
_url: list[str] = []


def fire(number: int, due: datetime) -> None:
    """What a job does: say in the database that its time has come."""
    connection = getattr(_threads, "connection", None)
    if connection is None:
        connection = _threads.connection = psycopg.connect(_url[0], autocommit=True)
    connection.execute("INSERT INTO fired (number, due) VALUES (%s, %s)", (number, due))


def scheduler(url: str) -> BlockingScheduler:
    """A scheduler over the store of this database."""
    _url[:] = [url]
    store = SQLAlchemyJobStore(url=url.replace("postgresql://", "postgresql+psycopg://", 1))
    return BlockingScheduler(
        jobstores={"default": store},
        executors={"default": {"type": "threadpool", "max_workers": THREADS}},
        job_defaults={"misfire_grace_time": None, "coalesce": True},
        timezone="UTC",
    )
