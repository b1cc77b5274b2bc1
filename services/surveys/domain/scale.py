"""How many points is an answer worth, and is the customer satisfied?"""

from __future__ import annotations

from shared.errors import Rejected
from shared.policy.model import Grade, SurveyRule


def find_grade(rule: SurveyRule, code: str) -> Grade:
    """The grade with its stored points; never computed, the steps are not even (SUR-08, case 29).

    Raises Rejected('unknown-grade').
    """
    for grade in rule.scale:
        if grade.code == code:
            return grade
    raise Rejected(
        "unknown-grade",
        f"survey {rule.name} has no such grade",
        field="grade",
        remedy=f"Choose one of: {', '.join(grade.code for grade in rule.scale)}.",
    )


def is_satisfied(rule: SurveyRule, grade: Grade) -> bool:
    """Whether the points reach the profile's threshold."""
    return grade.points >= rule.satisfied_from
