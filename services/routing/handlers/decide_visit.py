"""Is the customer visited, and by which tests was that decided?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.routing.domain.authority import HANDLING, LEADING, permitted
from services.routing.domain.case import Case
from services.routing.domain.standing import Hall, Standing, standing_of, who_may
from services.routing.domain.terms import Visit
from shared.deciding import Actor, Context, Decision
from shared.errors import Conflict, Forbidden, Rejected
from shared.lifecycle import Status
from shared.policy.gates import SiteSurvey

_BEFORE_PROPOSING = frozenset({Status.ACCEPTED, Status.INVESTIGATED, Status.REFUSED, Status.PAUSED})


@dataclass(frozen=True, slots=True)
class DecideVisit:
    """We visit the customer or we do not; `tests` says of each test whether it is passed (INV-11)."""

    complaint_id: UUID
    actor: Actor
    visits: bool
    tests: Mapping[str, bool] = field(default_factory=dict)
    reason_code: str | None = None


def decide_visit(state: Case | None, command: DecideVisit, context: Context) -> Decision[Case]:
    """The case with the decision on record.

    Who decides and by which tests is policy's; where it names nobody, whoever leads decides.
    Raises Rejected('tests-missing'), Rejected('unknown-test'), Rejected('tests-failed'),
    Rejected('reason-missing'), Forbidden('not-the-decider'), Conflict('status-forbids').
    Source: INV-03, INV-07, INV-11, INV-12.
    """
    survey = _survey_of(state, context)
    named = survey.decided_by
    case = permitted(state, command.actor, HANDLING if named else LEADING, departments=() if named else None)
    if case.status not in _BEFORE_PROPOSING:
        raise Conflict("status-forbids", f"nothing is surveyed while {case.status}", field="status")
    standing = _standing(case, command.actor, survey, context)
    _check(command, survey)
    visit = Visit(
        visits=command.visits,
        by=standing.person,
        role=standing.role,
        at=context.now,
        round=case.round,
        tests=dict(command.tests),
        reason_code=command.reason_code,
    )
    return Decision(replace(case, visits=(*case.visits, visit)))


def _survey_of(case: Case | None, context: Context) -> SiteSurvey:
    return context.rules.profile_of(case.site).site_survey if case is not None else SiteSurvey()


def _standing(case: Case, actor: Actor, survey: SiteSurvey, context: Context) -> Standing:
    if not survey.decided_by:
        return Standing(actor.person, "manager")
    hall = Hall(case, context.rules, context.now)
    standing = standing_of(actor, survey.decided_by, hall)
    if standing is None:
        who = ", ".join(one.person for one in who_may(survey.decided_by, hall))
        raise Forbidden(
            "not-the-decider",
            f"{' or '.join(survey.decided_by)} decides on a visit",
            field="actor",
            remedy=f"Who may now: {who or 'nobody'}.",
        )
    return standing


def _check(command: DecideVisit, survey: SiteSurvey) -> None:
    unknown = [test for test in command.tests if test not in survey.tests]
    missing = [test for test in survey.tests if test not in command.tests]
    if unknown:
        raise Rejected("unknown-test", f"policy knows no test {unknown[0]}", field="tests")
    if missing:
        raise Rejected(
            "tests-missing",
            f"not answered: {', '.join(missing)}",
            field="tests",
            remedy="Say of every test whether it is passed.",
        )
    failed = [test for test, passed in command.tests.items() if not passed]
    if command.visits and failed:
        raise Rejected(
            "tests-failed",
            f"a visit is not worth it: {', '.join(failed)}",
            field="visits",
            remedy="Talk to the customer and ask for more evidence instead.",
        )
    if not command.visits and command.reason_code is None and not failed:
        raise Rejected("reason-missing", "every test is passed, yet nobody goes", field="reason_code")
