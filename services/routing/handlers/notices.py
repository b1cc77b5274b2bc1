"""Who of the company is told when a case needs them, and in which words?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from services.routing.domain.case import Case
from services.routing.domain.offering import Proposal
from services.routing.domain.signing import next_required, signed, whose_turn, with_signers_sought
from services.routing.domain.standing import HANDLER, Hall, holders
from services.routing.domain.terms import SentSheet
from shared.deciding import Context, Decision, Notice


def ask_to_sign(case: Case, context: Context) -> tuple[Notice, ...]:
    """To everybody whose turn it is to sign the proposal; none is due: nobody (APR-03)."""
    proposal = case.proposal
    due = next_required(case, proposal) if proposal is not None else None
    if proposal is None or due is None or case.history:
        return ()
    there = whose_turn(case, context.rules, context.now)
    place = len(signed(case, proposal)) + 1
    return _told(
        case,
        (one.person for one in there),
        "proposal-to-sign",
        f"{proposal.number}:{place}",
        context,
        {"role": " / ".join(due.by), "number": str(proposal.number), "round": str(case.round)},
    )


def asking_to_sign(decision: Decision[Case], context: Context) -> Decision[Case]:
    """The decision with the next signature asked for; if nobody may give it, that is noted and told up.

    Source: APR-03; docs/decisions/0052.
    """
    case = decision.state
    if case is None:
        return decision
    sought = with_signers_sought(case, context.rules, context.now)
    asked = ask_to_sign(sought, context)
    if sought.unsignable_since is not None and case.unsignable_since is None:
        asked = (*asked, *_nobody_signs(sought, context))
    return replace(decision, state=sought, notices=(*decision.notices, *asked))


def _nobody_signs(case: Case, context: Context) -> tuple[Notice, ...]:
    """To whoever has the case, the desk of the site and the ladder: people or policy have to change."""
    proposal = case.proposal
    due = next_required(case, proposal) if proposal is not None else None
    if proposal is None or due is None or case.history:
        return ()
    rules = context.rules
    desk = rules.site(case.site).triage_desk
    ladder = rules.profile_of(case.site).escalation
    roles = (HANDLER, "site.manager", *(role for level in ladder for role in level.to))
    whom = [one for role in roles for one in holders(role, case, rules)]
    whom += [proposal.by, *(rules.members(desk, site=case.site) if desk else ())]
    values = {"role": " / ".join(due.by), "number": str(proposal.number), "round": str(case.round)}
    return _told(case, whom, "nobody-may-sign", str(proposal.number), context, values)


def hand_back(case: Case, proposal: Proposal, reason_code: str, context: Context) -> tuple[Notice, ...]:
    """To whoever has the case and whoever proposed: it came back, with the reason (APR-02)."""
    whom = dict.fromkeys((*holders("handler", case, context.rules), proposal.by))
    values = {"number": str(proposal.number), "reason": reason_code, "round": str(case.round)}
    return _told(case, whom, "proposal-returned", str(proposal.number), context, values)


def report(case: Case, roles: Iterable[str], context: Context) -> tuple[Notice, ...]:
    """To those who are told afterwards how it ended: these roles, and whoever was informed when it began.

    Source: APR-01, CLS-04, RTE-07, INF-14.
    """
    whom = [one for role in roles for one in holders(role, case, context.rules)]
    if not case.history:
        handlers = holders("handler", case, context.rules)  # who did it knows
        whom += [one for one in case.placement.informed if one not in handlers]
    values = {"department": case.department, "rounds": str(case.round)}
    return _told(case, whom, "case-reported", str(case.round), context, values)


def farewell(case: Case) -> tuple[Notice, ...]:
    """To the customer: it is settled, with the link by which they can say that it is not (INF-14)."""
    if case.history or case.sealed is None:
        return ()
    return (
        Notice(
            key=f"closed:{case.complaint_id}:{case.round}",
            to="customer",
            template="complaint-closed",
            language=case.language,
            values={"complaint_no": case.complaint_no, "link": f"case:{case.complaint_id}"},
            sealed=case.sealed,
        ),
    )


def tell_heirs(case: Case, whom: Iterable[str | None], context: Context) -> tuple[Notice, ...]:
    """To whoever has a case, or an action of it, since somebody has left (docs/decisions/0060)."""
    if case.history:
        return ()
    values = {"department": case.department, "site": case.site}
    people = (one for one in whom if one is not None)
    return _told(case, people, "case-inherited", str(len(case.former)), context, values)


def tell_up(case: Case, whom: Iterable[str], context: Context) -> tuple[Notice, ...]:
    """To the ladder: the customer has refused again (C-12)."""
    values = {"department": case.department, "refusals": str(case.refusals)}
    return _told(case, whom, "rounds-refused", str(case.round), context, values)


def tell_sheet_refused(case: Case, sending: SentSheet, time: int, context: Context) -> tuple[Notice, ...]:
    """To whoever has the case and whoever sent the sheet: the customer is not satisfied (CAP-02)."""
    whom = (*holders("handler", case, context.rules), sending.by)
    values = {"sheet": str(sending.sheet), "attempt": str(sending.attempt)}
    cause = f"{sending.sheet}.{sending.attempt}.{time}"
    return _told(case, whom, "sheet-refused", cause, context, values)


def _told(
    case: Case,
    whom: Iterable[str],
    template: str,
    cause: str,
    context: Context,
    values: Mapping[str, str],
) -> tuple[Notice, ...]:
    hall = Hall(case, context.rules, context.now)
    people = (context.rules.person(one) for one in dict.fromkeys(whom) if not hall.is_barred(one))
    return tuple(
        Notice(
            key=f"{template}:{case.complaint_id}:{cause}:{person.id}",
            to=person.id,
            template=template,
            language=person.language,
            values={"complaint_no": case.complaint_no, **values},
        )
        for person in people
        if person is not None
    )
