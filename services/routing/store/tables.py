"""Which tables has routing? One: the case as a document, and the columns its lists are cut by."""

from __future__ import annotations

from sqlalchemy import Column, Index, MetaData, Text

from services.routing.domain.case import Case
from services.routing.domain.placing import waits_at_triage
from shared.database.documents import DocumentStore, document_table

metadata = MetaData()

# A row begins without a case when an event was parked before its registration came; so all may be
# null. Numbers are intake's to keep unique: refusing one here would only strand a complaint.
cases = document_table(
    "cases",
    metadata,
    Column("complaint_no", Text),
    Column("department", Text),
    Column("status", Text),
    Column("severity", Text),
    Column("assignee", Text),
    Column("stranded", Text),
)
Index("cases_complaint_no", cases.c.complaint_no)
Index("cases_department", cases.c.department, cases.c.status, cases.c.complaint_id)
Index("cases_assignee", cases.c.assignee, cases.c.status)
Index("cases_stranded", cases.c.complaint_id, postgresql_where=cases.c.stranded.isnot(None))

STORE: DocumentStore[Case] = DocumentStore(
    cases,
    Case,
    {
        "complaint_no": lambda case: case.complaint_no,
        "department": lambda case: case.department,
        "status": lambda case: case.status.value,
        "severity": lambda case: case.placement.severity,
        "assignee": lambda case: case.placement.assignee,
        "stranded": lambda case: case.placement.reason if waits_at_triage(case) else None,
    },
)
