"""Which tables has routing? One: the case as a document, and the columns its lists are cut by."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY

from services.routing.domain.action_causes import cause_of
from services.routing.domain.case import Case
from services.routing.domain.placing import why_stranded
from shared.database.documents import DocumentStore, document_table

metadata = MetaData()
IS_WORK = text(
    "status NOT IN ('closed', 'declined', 'withdrawn', 'merged') "
    "AND (NOT coalesce((state->>'history')::boolean, false) OR status NOT IN ('registered', 'assigned'))"
)
"""What somebody has to do: open, and no imported past that nobody took up. In the words of its indexes."""

# A row begins without a case when an event was parked before its registration came; so all may be
# null. Numbers are intake's to keep unique: refusing one here would only strand a complaint.
cases = document_table(
    "cases",
    metadata,
    Column("complaint_no", Text),
    Column("department", Text),
    Column("status", Text),
    Column("severity", Text),
    Column("priority", Integer),
    Column("assignee", Text),
    Column("stranded", Text),
    Column("cause", Text),
    Column("cause_at", DateTime(timezone=True)),
    Column("check_at", DateTime(timezone=True)),
    Column("action_states", ARRAY(Text)),
    Column("action_causes", ARRAY(Text)),
)
Index("cases_complaint_no", cases.c.complaint_no)
Index("cases_department", cases.c.department, cases.c.status, cases.c.complaint_id)
Index("cases_work", cases.c.priority, cases.c.complaint_id, postgresql_where=IS_WORK)
Index("cases_work_of", cases.c.site, cases.c.department, cases.c.severity, postgresql_where=IS_WORK)
Index("cases_work_in_hand", cases.c.assignee, postgresql_where=IS_WORK)
Index("cases_stranded", cases.c.complaint_id, postgresql_where=cases.c.stranded.isnot(None))
# Few cases have a finding, fewer have actions: these indexes hold only those.
Index(
    "cases_cause", cases.c.site, cases.c.cause, cases.c.cause_at, postgresql_where=cases.c.cause.isnot(None)
)
Index("cases_check_at", cases.c.check_at, postgresql_where=cases.c.check_at.isnot(None))
Index(
    "cases_actions",
    cases.c.site,
    cases.c.complaint_id,
    postgresql_where=func.cardinality(cases.c.action_states) > 0,
)

STORE: DocumentStore[Case] = DocumentStore(
    cases,
    Case,
    {
        "complaint_no": lambda case: case.complaint_no,
        "department": lambda case: case.department,
        "status": lambda case: case.status.value,
        "severity": lambda case: case.placement.severity,
        "priority": lambda case: case.priority,
        "assignee": lambda case: case.placement.assignee,
        "stranded": why_stranded,
        "cause": cause_of,
        "cause_at": lambda case: case.received_at if cause_of(case) is not None else None,
        "check_at": lambda case: min((one.check_at for one in case.actions if one.check_at), default=None),
        "action_states": lambda case: sorted({one.state.value for one in case.actions}) or None,
        "action_causes": lambda case: sorted({one.cause for one in case.actions if one.cause}) or None,
    },
)
