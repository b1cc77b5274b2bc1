"""Let bulk work travel beside and behind the living: the outbox says whom an event is about, and its lane.

Rows that are there stay as they are: they count as living, and as one complaint, so they keep their order.
"""

from __future__ import annotations

from alembic import op

from shared.database import kernel_tables

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns with a default (no rewrite of the table) and the indexes of the bulk lane."""
    kernel_tables.add_lanes(op)
