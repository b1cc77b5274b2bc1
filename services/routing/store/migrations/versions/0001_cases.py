"""Create the table of cases, because routing must know after a restart who has which complaint.

The index on department and status serves the desks' lists, the one on the number the people who
have nothing but a letter in their hand.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

from shared.database import kernel_tables
from shared.database.documents import document_columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables that the kernel needs, and `cases`."""
    kernel_tables.create(op)
    op.create_table(
        "cases",
        *document_columns(),
        Column("complaint_no", Text),
        Column("department", Text),
        Column("status", Text),
        Column("severity", Text),
    )
    op.execute("CREATE INDEX cases_wake_at ON cases (wake_at) WHERE wake_at IS NOT NULL")
    op.create_index("cases_complaint_no", "cases", ["complaint_no"])
    op.create_index("cases_department", "cases", ["department", "status", "complaint_id"])
