"""Which signatures does a proposal need, which has it, and whose turn is it?"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from services.routing.domain.case import Case
from services.routing.domain.offering import Option, Proposal, Signature
from services.routing.domain.remedying import remedy_terms
from services.routing.domain.standing import Hall, Standing, assessed, who_may
from services.routing.domain.terms import Required, Terms
from shared.deciding import Actor
from shared.errors import Conflict, Forbidden, Rejected
from shared.lifecycle import Status
from shared.policy.model import Rulebook, Settlement, exceeds_authority
from shared.policy.settling import PAYING, compensation_of, signatures

DIRECTOR = "director"
A_DIRECTOR = Required(("@director",))
"""Where a profile says nothing about authority: whoever holds a director's token (APR-02)."""


def terms_of(case: Case, option: Option, rules: Rulebook) -> Terms:
    """Whose word this option needs by the policy of the moment.

    Raises Rejected('amount-missing'), Rejected('beyond-authority'), and what `remedy_terms` raises.
    Source: APR-01 and following, C-17, C-29; docs/decisions/0040, 0052.
    """
    if option.compensation is None and PAYING.intersection(option.remedies):
        raise Rejected(
            "amount-missing",
            f"{', '.join(sorted(PAYING.intersection(option.remedies)))} is money, and no amount is given",
            field="compensation",
            remedy="Say how much in which currency, so that the right people sign.",
        )
    terms = _approval_terms(case, option, rules)
    remedy = remedy_terms(case, option, rules)
    return replace(
        terms,
        sign=_with_signers(terms.sign, remedy.sign),
        remedy_rule=remedy.rule,
        cost_bearer=remedy.cost_bearer,
        exception=remedy.exception,
    )


def _with_signers(chain: tuple[Required, ...], more: tuple[Required, ...]) -> tuple[Required, ...]:
    """The chain, and after it those of `more` whose word is not in it already."""
    for added in more:
        if not any(set(one.by) <= set(added.by) for one in chain):
            chain = (*chain, added)
    return chain


def _approval_terms(case: Case, option: Option, rules: Rulebook) -> Terms:
    """What the rows of authority say, whatever the remedy is."""
    profile = rules.profile_of(case.site)
    settlement = _settlement(case, option)
    rule = profile.approval_of(settlement)
    if rule is None:
        sign = () if settlement.compensation == "none" else (A_DIRECTOR,)
        return Terms("", profile.version, sign)
    if exceeds_authority(rule, settlement):
        raise Rejected(
            "beyond-authority",
            f"rule {rule.name} allows nobody to grant that much",
            field="compensation.amount",
            remedy="Offer less, or have the authority raised in the policy profile.",
        )
    return Terms(
        rule=rule.name,
        policy_version=profile.version,
        sign=tuple(Required(one.by, one.tests) for one in signatures(rule, settlement)),
        pay=rule.pay,
        close=rule.close,
        report_to=rule.report_to,
        attachments=rule.attachments,
    )


def signed(case: Case, proposal: Proposal) -> tuple[Signature, ...]:
    """The signatures that count, in the order of the chain.

    Those of the proposer count for nothing, nor does a second one of the same person.
    """
    found: dict[str, Signature] = {}
    for one in case.signatures:
        if one.proposal == proposal.number and one.approves and one.by != proposal.by:
            found.setdefault(one.by, one)
    return tuple(found.values())


def required(proposal: Proposal) -> tuple[Required, ...]:
    """The whole chain of this proposal."""
    if proposal.terms is not None:
        return proposal.terms.sign
    return (A_DIRECTOR,) if proposal.compensation is not None else ()


def next_required(case: Case, proposal: Proposal) -> Required | None:
    """The signature that is due next; None: it has them all."""
    return next(iter(required(proposal)[len(signed(case, proposal)) :]), None)


def whose_turn(case: Case, rules: Rulebook, now: datetime) -> tuple[Standing, ...]:
    """Who may give the signature that is due next; empty: none is due, or a director's token gives it."""
    proposal = case.proposal
    due = next_required(case, proposal) if proposal is not None else None
    if proposal is None or due is None or due == A_DIRECTOR:
        return ()
    return who_may(due.by, hall_of(case, proposal, rules, now))


def with_signers_sought(case: Case, rules: Rulebook, now: datetime) -> Case:
    """The case with a note since when nobody may give the signature that is due (docs/decisions/0052).

    What nobody may sign is never paid; so it must be seen that it waits for a change of people.
    """
    proposal = case.proposal
    due = next_required(case, proposal) if proposal is not None else None
    waits = case.status is Status.PROPOSED and due is not None and due != A_DIRECTOR
    if waits and not whose_turn(case, rules, now):
        return case if case.unsignable_since is not None else replace(case, unsignable_since=now)
    return case if case.unsignable_since is None else replace(case, unsignable_since=None)


def hall_of(case: Case, proposal: Proposal, rules: Rulebook, now: datetime) -> Hall:
    """Who may still decide about this proposal: neither its maker nor who signed it (four eyes)."""
    spent = {proposal.by, *(one.by for one in signed(case, proposal))}
    return Hall(case, rules, now, frozenset(spent))


def require_standing(actor: Actor, wanted: Required, hall: Hall) -> Standing:
    """In which role this actor signs. Raises Forbidden('role-missing')."""
    if wanted == A_DIRECTOR:
        if DIRECTOR in actor.roles:
            return Standing(actor.person, DIRECTOR)
        may: tuple[Standing, ...] = ()
        who = DIRECTOR
    else:
        may = who_may(wanted.by, hall)
        who = " or ".join(wanted.by)
        for one in may:
            if one.person == actor.person:
                return one
    raise Forbidden(
        "role-missing",
        f"this signature is that of {who}",
        field="actor",
        remedy=f"Who may give it now: {', '.join(one.person for one in may) or who}.",
    )


def require_signed(case: Case) -> Proposal:
    """The proposal that may now go to the customer, or be paid: with every signature it needs.

    Raises Conflict('no-proposal'), Conflict('signature-missing').
    """
    proposal = case.proposal
    if proposal is None:
        raise Conflict(
            "no-proposal",
            f"nothing was proposed in round {case.round}",
            field="proposal",
            remedy="Propose a resolution first.",
        )
    due = next_required(case, proposal)
    if due is not None:
        who = DIRECTOR if due == A_DIRECTOR else " or ".join(due.by)
        raise Conflict(
            "signature-missing",
            f"proposal {proposal.number} still needs the signature of {who}",
            field="approvals",
            remedy=f"Somebody other than the proposer has to approve it as {who}.",
        )
    return proposal


def _settlement(case: Case, option: Option) -> Settlement:
    cost: dict[str, Decimal] = {}
    for money in (option.compensation, option.goods):
        if money is not None:
            cost[money.currency] = cost.get(money.currency, Decimal(0)) + money.amount
    kind = compensation_of(
        option.remedies, money=option.compensation is not None, goods=option.goods is not None
    )
    found = case.finding.liability if case.finding is not None else "unclear"
    return Settlement(assessed(case), kind, found, cost)


def option_of(proposal: Proposal) -> Option:
    """What is offered, without who offers it when."""
    return Option(
        proposal.remedies,
        proposal.compensation,
        proposal.goods,
        cost_bearer=proposal.cost_bearer,
        impossible=proposal.impossible,
        reason_code=proposal.reason_code,
        quantity=proposal.quantity,
    )


def with_terms(case: Case, rules: Rulebook) -> Case:
    """The case whose open proposal needs the word of those whom policy names for the facts of now.

    What was signed belonged to the proposal before, so it gets a number of its own.
    Raises what `terms_of` raises.
    """
    proposal = case.proposal
    if proposal is None:
        return case
    terms = terms_of(case, option_of(proposal), rules)
    old = proposal.terms
    if old is not None and old == replace(terms, policy_version=old.policy_version):
        return case
    anew = replace(proposal, number=len(case.proposals) + 1, terms=terms)
    return replace(case, proposals=(*case.proposals, anew))


def unsigned(case: Case, people: tuple[str, ...]) -> Case:
    """The case without what these people signed of the proposal on the table (RCS-01).

    What the customer was answered was signed when nobody knew, and stands.
    """
    proposal = case.proposal
    if case.stage is not Status.PROPOSED or proposal is None:
        return case
    kept = tuple(one for one in case.signatures if one.proposal != proposal.number or one.by not in people)
    return replace(case, signatures=kept)
