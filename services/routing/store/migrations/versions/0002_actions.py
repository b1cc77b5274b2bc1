"""Add what corrective actions are found by, because a cause that comes back must be seen over all cases.

`cause` and `cause_at` are filled for the findings that are there; the arrays are null for every old case,
which has no actions. The columns come first and the indexes are partial, so the tables stay usable.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, DateTime, Text
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, fill them, index them."""
    op.add_column("cases", Column("cause", Text))
    op.add_column("cases", Column("cause_at", DateTime(timezone=True)))
    op.add_column("cases", Column("check_at", DateTime(timezone=True)))
    op.add_column("cases", Column("action_states", ARRAY(Text)))
    op.add_column("cases", Column("action_causes", ARRAY(Text)))
    op.execute(
        "UPDATE cases SET cause = state->'finding'->>'cause_code', "
        "cause_at = CAST(state->>'received_at' AS timestamptz) "
        "WHERE CAST(state->'finding'->>'valid' AS boolean) "
        "AND NOT coalesce(CAST(state->>'history' AS boolean), false)"
    )
    op.execute("CREATE INDEX cases_cause ON cases (site, cause, cause_at) WHERE cause IS NOT NULL")
    op.execute("CREATE INDEX cases_check_at ON cases (check_at) WHERE check_at IS NOT NULL")
    op.execute(
        "CREATE INDEX cases_actions ON cases (site, complaint_id) WHERE cardinality(action_states) > 0"
    )
