"""Which words may a rule use? Kept equal to the contract of `shared.events` by a test."""

from __future__ import annotations

KINDS = ("complaint", "suggestion", "enquiry", "service_request", "praise")
FLAGS = ("safety", "legal", "reputation", "authority", "staff_conduct")
SEVERITIES = ("minor", "ordinary", "serious", "critical")
REPLY_FORMS = ("written", "phone", "visit", "public")
LANGUAGES = ("zh", "en")
"""Languages that every text of a profile has at least."""
EVENTS = (
    "complaint.registered",
    "complaint.acknowledged",
    "complaint.declined",
    "complaint.amended",
    "complaint.withdrawn",
    "complaint.reopened",
    "customer.replied",
    "complaint.assigned",
    "complaint.reclassified",
    "complaint.accepted",
    "complaint.paused",
    "complaint.resumed",
    "complaint.investigated",
    "resolution.proposed",
    "resolution.approved",
    "resolution.rejected",
    "resolution.answered",
    "resolution.fulfilled",
    "complaint.closed",
    "action.opened",
    "action.completed",
    "action.verified",
)
"""Events that a clock can hear, without their versions."""
SELF_ROLES = ("department.manager", "site.manager")
"""Roles that mean the manager of the complaint's own department or site."""
