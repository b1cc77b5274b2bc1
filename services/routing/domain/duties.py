"""What does policy ask of a case on its way: in person, jointly, visited, reviewed?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.domain.case import Case, Finding
from services.routing.domain.standing import Hall, Standing, assessed, who_may
from services.routing.domain.terms import Confirmation, Review
from shared.deciding import Actor
from shared.errors import Conflict, Rejected
from shared.policy.model import RouteRule, Rulebook

CAUSE_WORK = frozenset({"8d", "capa"})
"""Corrective action has a life of its own, apart from the customer's case (edge case 9)."""
GATING = frozenset({"haccp-review", "special-report"})
"""Reviews without whose result no case ends (SAF-01, SEV-08)."""
JOINT = "joint-analysis"
_FEWEST_AT_A_TABLE = 2


def row_of(case: Case, rules: Rulebook) -> RouteRule | None:
    """The row of the matrix that the case stands under; None: none knows it, the triage desk has it."""
    try:
        return rules.profile_of(case.site).route(assessed(case))
    except Rejected:
        return None


def in_person(case: Case, rules: Rulebook, now: datetime) -> tuple[Standing, ...]:
    """Who has to take it in hand personally; empty: any member of the department may (RTE-10, SAF-01)."""
    row = row_of(case, rules)
    return who_may(row.in_person, Hall(case, rules, now)) if row and row.in_person else ()


def taken_in_hand(case: Case, actor: Actor, rules: Rulebook, now: datetime) -> Case:
    """The case with the confirmation, if the actor is whom policy asks for; else as it was."""
    if case.confirmation is not None:
        return case
    for one in in_person(case, rules, now):
        if one.person == actor.person:
            return replace(case, confirmation=Confirmation(one.role, one.person, now, one.in_place_of))
    return case


def require_in_person(case: Case, rules: Rulebook, now: datetime) -> None:
    """Raises Conflict('in-person-missing') while whom policy names has not taken it in hand."""
    wanted = in_person(case, rules, now)
    if wanted and case.confirmation is None:
        names = ", ".join(one.person for one in wanted)
        raise Conflict(
            "in-person-missing",
            f"the {wanted[0].role} handles such a complaint in person",
            field="confirmation",
            remedy=f"Have it confirmed first, by: {names}.",
        )


def with_reviews(case: Case, rules: Rulebook, now: datetime, *kinds: str) -> Case:
    """The case with every review open that its row, or `kinds`, begin with it; none twice."""
    row = row_of(case, rules)
    known = {review.kind for review in case.reviews}
    begun = dict.fromkeys((*(row.opens if row else ()), *kinds))
    added = tuple(Review(kind, now) for kind in begun if kind not in known and kind not in CAUSE_WORK)
    return replace(case, reviews=(*case.reviews, *added)) if added else case


def with_open_mode(case: Case, rules: Rulebook) -> Case:
    """The case handled in the ordinary way, if its mode is closed to what it is now (C-25)."""
    if case.mode is None:
        return case
    rows = rules.profile_of(case.site).modes_open_to(assessed(case))
    return case if any(row.name == case.mode.rule for row in rows) else replace(case, mode=None)


def concluded(case: Case, kind: str, by: str, result_code: str, now: datetime) -> Case:
    """The case with this review's result; as it was if no such review is open."""
    reviews = tuple(
        replace(one, done_at=now, by=by, result_code=result_code)
        if one.kind == kind and one.done_at is None
        else one
        for one in case.reviews
    )
    return replace(case, reviews=reviews)


def require_reviewed(case: Case) -> None:
    """Raises Conflict('review-open') while a review that the end depends on has no result (SAF-01)."""
    waiting = [one.kind for one in case.reviews if one.done_at is None and one.kind in GATING]
    if waiting:
        raise Conflict(
            "review-open",
            f"{', '.join(waiting)} has no result yet",
            field="reviews",
            remedy="Record the result of the review first.",
        )


def convened(case: Case, rules: Rulebook) -> tuple[str, ...]:
    """The departments that meet when the responsible party is unclear (INV-02)."""
    named = rules.profile_of(case.site).joint_analysis
    return named or (case.department, *case.placement.assistants)


def check_joint(case: Case, joint: tuple[str, ...], rules: Rulebook) -> None:
    """Raises Rejected('unknown-department'), Rejected('joint-incomplete')."""
    if not joint:
        return
    unknown = [one for one in joint if one not in rules.organisation.departments]
    if unknown:
        raise Rejected("unknown-department", f"no department {unknown[0]} is known", field="joint")
    named = rules.profile_of(case.site).joint_analysis
    missing = [one for one in named if one not in joint]
    if missing or len(set(joint)) < _FEWEST_AT_A_TABLE:
        raise Rejected(
            "joint-incomplete",
            "a joint analysis needs two departments at least, and all that policy names",
            field="joint",
            remedy=f"Take part as well: {', '.join(missing) or 'another department'}.",
        )


def require_responsibility(case: Case, rules: Rulebook) -> Finding:
    """The finding that a proposal can rest on.

    While nobody knows whose fault it is, the departments meet, or the survey at the customer's is
    decided upon; only then is something proposed.
    Raises Conflict('not-investigated'), Conflict('responsibility-unclear').
    Source: INV-02, INV-07, INV-12.
    """
    finding = case.finding
    if finding is None:
        raise Conflict("not-investigated", "there is no finding on record", field="finding")
    looked = finding.joint or any(visit.round == case.round for visit in case.visits)
    if finding.liability == "unclear" and not looked:
        raise Conflict(
            "responsibility-unclear",
            "nobody knows yet whose fault it was",
            field="liability",
            remedy=f"Convene {', '.join(convened(case, rules))} and record what they found, or decide "
            "on a visit to the customer.",
        )
    return finding
