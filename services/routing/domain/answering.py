"""In which form and in which words does the company answer this customer?"""

from __future__ import annotations

from services.routing.domain.case import Case
from services.routing.domain.duties import row_of
from shared.errors import Conflict, Rejected
from shared.policy.liability import LiabilityRule
from shared.policy.model import Rulebook

_SPOKEN = frozenset({"phone", "visit"})


def required_form(case: Case, rules: Rulebook) -> str:
    """The form that policy asks for: that of the row, else that of the profile (INF-09, C-13)."""
    row = row_of(case, rules)
    return (row.reply_form if row else "") or rules.profile_of(case.site).reply_form


def chosen_form(case: Case, given: str | None, reason_code: str | None, rules: Rulebook) -> str:
    """The form of the answer. Raises Rejected('other-form') for another one without a reason."""
    wanted = required_form(case, rules)
    if given is not None and given != wanted and reason_code is None:
        raise Rejected(
            "other-form",
            f"policy asks for the answer to be {wanted}",
            field="form",
            remedy="Answer so, or give `form_reason` as well.",
        )
    return given or wanted


def speakers(case: Case, rules: Rulebook) -> tuple[str, ...]:
    """Whose people may answer: the department that speaks for the company, or the lead (RTE-39)."""
    speaker = rules.profile_of(case.site).speaker
    return (speaker or case.department,)


def stance(case: Case, rules: Rulebook) -> LiabilityRule:
    """What the finding means toward the customer; a supplier's fault counts as ours (DSP-06, C-14)."""
    profile = rules.profile_of(case.site)
    return profile.liability_of(case.finding.liability if case.finding is not None else "unclear")


def require_evidence(case: Case, rules: Rulebook) -> None:
    """Raises Conflict('evidence-missing'): not our fault is explained with evidence (DSP-07, INV-22)."""
    if stance(case, rules).evidence and not (case.finding and case.finding.evidence):
        raise Conflict(
            "evidence-missing",
            "this finding is explained to the customer with evidence, and there is none on record",
            field="evidence",
            remedy="Record the investigation again with references of the evidence.",
        )


def template_of(case: Case, form: str, rules: Rulebook) -> str:
    """The text for the customer: an apology, or an explanation that rests on evidence; by its form."""
    spoken = "-spoken" if form in _SPOKEN else ""
    return f"answer-{stance(case, rules).template}{spoken}"
