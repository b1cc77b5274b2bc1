"""Index what somebody has to work on, so that lists and figures do not grow with the register.

An imported past that nobody has taken up is no work: it fills no list, no figure and nobody's desk.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"
branch_labels = None
depends_on = None

_IS_WORK = sa.text(
    "status NOT IN ('closed', 'declined', 'withdrawn', 'merged') "
    "AND (NOT coalesce((state->>'history')::boolean, false) OR status NOT IN ('registered', 'assigned'))"
)


def upgrade() -> None:
    op.drop_index("cases_assignee", "cases")
    op.drop_index("cases_priority", "cases")
    op.create_index("cases_work", "cases", ["priority", "complaint_id"], postgresql_where=_IS_WORK)
    op.create_index("cases_work_of", "cases", ["site", "department", "severity"], postgresql_where=_IS_WORK)
    op.create_index("cases_work_in_hand", "cases", ["assignee"], postgresql_where=_IS_WORK)
    op.execute("UPDATE cases SET stranded = NULL WHERE stranded IS NOT NULL AND (state->>'history')::boolean")
