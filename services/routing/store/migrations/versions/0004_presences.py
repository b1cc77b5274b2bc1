"""Add the switches of presence, and the priority by which a desk takes its cases up.

People say that they are away without editing a file; a person is no complaint, so they have a table of
their own. The priority is a projection of the case's document; the cases that are there are filled in.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Integer, Text

from shared.database.documents import document_columns

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make `presences` and add `priority`, each with its indexes."""
    columns = [*document_columns(), Column("person", Text), Column("until", DateTime(timezone=True))]
    op.create_table("presences", *columns)
    op.create_index("presences_person", "presences", ["person"])
    op.execute("CREATE INDEX presences_wake_at ON presences (wake_at) WHERE wake_at IS NOT NULL")
    op.add_column("cases", Column("priority", Integer))
    op.execute(
        "UPDATE cases SET priority = CASE WHEN state->'mode'->>'mode' = 'expedited' THEN 1 "
        "ELSE CAST(state->'placement'->>'priority' AS integer) END WHERE state IS NOT NULL"
    )
    op.create_index("cases_priority", "cases", ["department", "priority", "complaint_id"])
