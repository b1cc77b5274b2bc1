"""Routing: who has the case, how it moves, and that it cannot end before the customer agrees.

Hears complaint.registered, amended, withdrawn, declined, merged, reopened and customer.replied (intake, in
order), clock.breached (escalation), survey.answered (surveys).
Tells complaint.assigned, reclassified, accepted, paused, resumed, investigated, closed and
resolution.proposed, approved, rejected, answered, fulfilled and action.proposed, opened, completed,
verified, cancelled.
Keeps the case: placement with its reason, finding, proposals, signatures, rounds, pauses, outcome,
corrective actions.
"""
