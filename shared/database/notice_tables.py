"""Who is still to be told what? The notices of one service and every attempt to deliver them.

They stand here and not in `shared.notify`, because `kernel_tables` creates them with the others.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy import func as sql
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

notices = Table(
    "notices",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("complaint_id", Uuid, nullable=False),
    Column("to_person", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("values", JSONB, nullable=False),
    Column("sealed", Text),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=sql.now()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # Long ago: at once, whatever the clock of the process says.
    Column("not_before", DateTime(timezone=True), nullable=False, server_default=text("'epoch'")),
    Column("delivered_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column("gave_up_at", DateTime(timezone=True)),
)

attempts = Table(
    "notice_attempts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("notice_id", Uuid, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("channel", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

Index(
    "notices_waiting",
    notices.c.not_before,
    postgresql_where=text("delivered_at IS NULL AND gave_up_at IS NULL"),
)
# Without a mail server customers' letters wait, maybe many of them; the others are found beside them.
Index(
    "notices_waiting_persons",
    notices.c.not_before,
    postgresql_where=text("delivered_at IS NULL AND gave_up_at IS NULL AND to_person <> 'customer'"),
)
Index("notices_complaint_id", notices.c.complaint_id)
Index("notice_attempts_notice_id", attempts.c.notice_id)


def create(op: Any) -> None:  # Alembic's operations object has no usable type
    """Create both; part of `kernel_tables.create`."""
    for table in (notices, attempts):
        op.create_table(table.name, *[column._copy() for column in table.columns])  # noqa: SLF001 - SQLAlchemy's own way
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            columns = [column.name for column in index.columns]
            op.create_index(index.name, table.name, columns, **index.dialect_kwargs)
