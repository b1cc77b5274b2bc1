"""Which tables has every service besides its own? Outbox, inbox, idempotency keys, numbers, notices."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shared.database import notice_tables

metadata = notice_tables.metadata

# Deleted as soon as it is confirmed, so the table stays near empty; vacuum must keep up with the churn
# or reading it slows down by orders of magnitude (engineering.md section 2.3).
_CHURN = {
    "autovacuum_vacuum_scale_factor": 0,
    "autovacuum_vacuum_threshold": 2000,
    "autovacuum_vacuum_cost_delay": 0,
    "autovacuum_analyze_scale_factor": 0,
    "autovacuum_analyze_threshold": 5000,
}

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("routing_key", Text, nullable=False),
    Column("traceparent", Text),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("subject", Uuid),
    Column("bulk", Boolean, nullable=False, server_default="false"),
)
# The living are read by the primary key and touch neither of these.
Index("outbox_bulk", outbox.c.seq, postgresql_where=outbox.c.bulk)
Index("outbox_bulk_subject", outbox.c.subject, postgresql_where=outbox.c.bulk)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("complaint_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

numbers = Table(
    "numbers",
    metadata,
    Column("site", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

policies = Table(
    "policies",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("version", Text, nullable=False),
    Column("sites", ARRAY(Text), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
)
"""What was in force: the newest, and what the last definition of a site is in (docs/decisions/0060)."""


def create_policies(op: Any) -> None:  # as below
    """Make the table in which each service keeps what was last in force."""
    op.create_table(policies.name, *[column._copy() for column in policies.columns])  # noqa: SLF001 - as below


def create(op: Any) -> None:  # Alembic's operations object has no usable type
    """Create them in a service's first migration; `op` is alembic.op."""
    for table in (outbox, inbox, idempotency, numbers):
        op.create_table(table.name, *[column._copy() for column in table.columns])  # noqa: SLF001 - SQLAlchemy's own way
    notice_tables.create(op)
    options = ", ".join(f"{name}={value}" for name, value in _CHURN.items())
    op.execute(f"ALTER TABLE outbox SET ({options})")


def add_lanes(op: Any) -> None:
    """Let the outbox tell whom an event is about and whether it is bulk (docs/decisions/0062)."""
    # A database that is made anew has the columns from its first migration on.
    op.execute("ALTER TABLE outbox ADD COLUMN IF NOT EXISTS subject uuid")
    op.execute("ALTER TABLE outbox ADD COLUMN IF NOT EXISTS bulk boolean NOT NULL DEFAULT false")
    op.execute("CREATE INDEX outbox_bulk ON outbox (seq) WHERE bulk")
    op.execute("CREATE INDEX outbox_bulk_subject ON outbox (subject) WHERE bulk")
