"""Add the switches of presence, because people say that they are away without editing a file.

A table of its own: a person is no complaint. Nothing that is there changes.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Text

from shared.database.documents import document_columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make `presences` with its indexes."""
    columns = [*document_columns(), Column("person", Text), Column("until", DateTime(timezone=True))]
    op.create_table("presences", *columns)
    op.create_index("presences_person", "presences", ["person"])
    op.execute("CREATE INDEX presences_wake_at ON presences (wake_at) WHERE wake_at IS NOT NULL")
