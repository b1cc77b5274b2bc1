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
    "complaint.merged",
    "complaint.absorbed",
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
    "case.recorded",
    "action.proposed",
    "action.opened",
    "action.completed",
    "action.verified",
    "action.cancelled",
    "sheet.sent",
    "sheet.judged",
)
"""Events that a clock can hear, without their versions."""
LIABILITIES = ("own", "supplier", "customer", "third_party", "none", "no_trouble_found", "unclear")
COMPENSATIONS = ("none", "goods", "money")
COST_BEARERS = ("company", "customer", "supplier", "carrier")
WARRANTY_STATES = ("within", "after")
PROOFS = ("given", "missing")
PHASES = ("before-delivery", "delivered")
REFUNDS = ("full", "none", "discretionary")
TEMPLATES = ("apology", "explanation")
HIT_POLICIES = ("first", "unique")
MODES = ("expedited", "deferred")
PROMISES_OF_TIME = ("allowed", "obligatory")
PROMISES_OF_OUTCOME = ("after-decision", "within-authority", "when-sure")
FULFILMENTS = ("in-time", "at-once")
ORAL = ("registered", "slip")
MERGING = ("earlier", "own")
ELIGIBLE = ("all", "within-shelf-life", "within-warranty")
BOUNDARIES = ("contract", "shelf-life", "after-sale")
AFTERWARDS = ("complaint", "maintenance", "declined")
METHODS = ("8d", "capa")
WORK = ("8d", "capa", "haccp-review", "joint-analysis", "liaison-note", "service-notice", "special-report")
"""What a row of the routing matrix can open."""
PERIODS = ("case", "month", "quarter", "year", "regular", "irregular")
HANDLER = "handler"
"""Whoever has the case; may stand wherever a role decides about its own case."""
SELF_ROLES = ("department.manager", "site.manager")
"""Roles that mean the manager of the complaint's own department or site."""
