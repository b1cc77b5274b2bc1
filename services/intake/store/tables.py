"""How is the register laid out in PostgreSQL?"""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, MetaData, Table, Text, Uuid

from services.intake.domain.complaint import Complaint
from shared.database.documents import DocumentStore, document_table

metadata = MetaData()

origins = Table(
    "origins",
    metadata,
    Column("site", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("complaint_id", Uuid, nullable=False),
)
"""Which complaint a row of another register is: claimed before it is registered, so that two imports at the
same time agree on it (ADR 0068)."""

# None of them is NOT NULL: a row may hold only the count of events heard, when one was parked whose
# complaint is not known here.
complaints = document_table(
    "complaints",
    metadata,
    Column("complaint_no", Text),
    Column("status", Text),
    Column("kind", Text),
    Column("channel", Text),
    Column("department", Text),
    Column("received_at", DateTime(timezone=True)),
)

Index("complaints_complaint_no", complaints.c.complaint_no, unique=True)
# Lists run newest first by id; UUIDv7 makes that the order of time.
Index("complaints_site_status", complaints.c.site, complaints.c.status, complaints.c.complaint_id)
Index("complaints_department", complaints.c.department, complaints.c.complaint_id)
Index("complaints_received_at", complaints.c.received_at)

STORE: DocumentStore[Complaint] = DocumentStore(
    complaints,
    Complaint,
    {
        "complaint_no": lambda complaint: complaint.complaint_no,
        "status": lambda complaint: complaint.status.value,
        "kind": lambda complaint: complaint.kind,
        "channel": lambda complaint: complaint.channel,
        "department": lambda complaint: complaint.department,
        "received_at": lambda complaint: complaint.received_at,
    },
)
