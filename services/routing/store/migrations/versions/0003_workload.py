"""Add who has a case and why nobody could take it, because load and stranded work are asked every second.

Both are projections of the case's document; the cases that are there are filled in from it.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add `assignee` and `stranded` with their indexes."""
    op.add_column("cases", Column("assignee", Text))
    op.add_column("cases", Column("stranded", Text))
    op.execute("UPDATE cases SET assignee = state->'placement'->>'assignee' WHERE state IS NOT NULL")
    op.execute(
        "UPDATE cases SET stranded = state->'placement'->>'reason' "
        "WHERE status = 'assigned' AND state->'placement'->>'rule' = 'triage-desk'"
    )
    op.create_index("cases_assignee", "cases", ["assignee", "status"])
    op.execute("CREATE INDEX cases_stranded ON cases (complaint_id) WHERE stranded IS NOT NULL")
