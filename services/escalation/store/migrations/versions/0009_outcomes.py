"""Write down how each clock ended, and index what figures and lists of open clocks look at.

What has ended before this release is taken from the sheets, so that totals do not begin at zero again.
Running clocks of an imported past no longer count as running: nobody waits for them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0004"
branch_labels = None
depends_on = None

_FILL = """
INSERT INTO clock_outcomes
       (event_id, complaint_id, site, department, clock, outcome, history, ended_at, counted_at)
SELECT gen_random_uuid(), s.complaint_id, s.site, coalesce(c.department, s.department, ''), c.name,
       CASE WHEN c.cancelled_at IS NOT NULL AND c.breached_at IS NULL THEN 'cancelled'
            WHEN c.breached_at IS NOT NULL OR c.late THEN 'breached' ELSE 'met' END,
       coalesce((s.state->>'history')::boolean, false),
       CASE WHEN c.cancelled_at IS NOT NULL AND c.breached_at IS NULL THEN c.cancelled_at
            WHEN c.breached_at IS NOT NULL OR c.late THEN c.due_at ELSE c.met_at END,
       s.updated_at
  FROM sheets AS s,
       jsonb_to_recordset(coalesce(s.state->'clocks', '[]')) AS c(
         name text, department text, due_at timestamptz, met_at timestamptz, late boolean,
         breached_at timestamptz, cancelled_at timestamptz)
 WHERE s.state IS NOT NULL
   AND (c.met_at IS NOT NULL OR c.cancelled_at IS NOT NULL
        OR (c.breached_at IS NOT NULL AND NOT coalesce((s.state->>'history')::boolean, false)))
"""
_QUIET = """
UPDATE sheets SET running = '{}', earliest_due = NULL
 WHERE (state->>'history')::boolean AND earliest_due IS NOT NULL
   AND NOT EXISTS (SELECT 1 FROM unnest(running) AS name WHERE name LIKE 'action.%')
"""


def upgrade() -> None:
    op.create_table(
        "clock_outcomes",
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("complaint_id", sa.Uuid, nullable=False),
        sa.Column("site", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("clock", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("history", sa.Boolean, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.execute(_FILL)
    op.execute(_QUIET)
    op.create_index("clock_outcomes_counted_at", "clock_outcomes", ["counted_at"])
    op.create_index("clock_outcomes_ended_at", "clock_outcomes", ["site", "ended_at"])
    op.create_index(
        "sheets_running",
        "sheets",
        ["site", "department", "earliest_due"],
        postgresql_where=sa.text("earliest_due IS NOT NULL"),
    )
