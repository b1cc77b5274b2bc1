"""Why does the first revision exist? Clock sheets, and the tables that every service has.

Why columns beside the document: alarms are found by their id, lists filter by site and department, and
metrics count without reading the documents.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from shared.database import kernel_tables
from shared.database.documents import document_columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    kernel_tables.create(op)
    op.create_table(
        "sheets",
        *document_columns(),
        sa.Column("complaint_no", sa.Text),
        sa.Column("department", sa.Text),
        sa.Column("is_open", sa.Boolean),
        sa.Column("earliest_due", sa.DateTime(timezone=True)),
        sa.Column("running", ARRAY(sa.Text)),
        sa.Column("escalation_ids", ARRAY(sa.Uuid)),
        sa.Column("open_levels", ARRAY(sa.Integer)),
    )
    _index("sheets_wake_at", ["wake_at"], "wake_at IS NOT NULL")
    op.create_index("sheets_escalation_ids", "sheets", ["escalation_ids"], postgresql_using="gin")
    _index("sheets_alarmed", ["complaint_id"], "cardinality(escalation_ids) > 0")
    _index("sheets_waiting", ["site", "complaint_id"], "cardinality(open_levels) > 0")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "sheets", columns, postgresql_where=sa.text(where))
