"""May this be offered for what was found, at whose cost, and who has to sign because it is an exception?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.routing.domain.case import Case
from services.routing.domain.goods import received_on
from services.routing.domain.offering import Amount, Option
from services.routing.domain.standing import assessed
from services.routing.domain.terms import Required
from shared.errors import Conflict, Rejected
from shared.policy.model import Rulebook
from shared.policy.profile import Profile
from shared.policy.remedies import Ground, RemedyRule, bearer_of, rows_about, warranty_state

REFUND = "refund"
WORDS = frozenset({"answer", "explanation"})
"""Remedies that give nothing: they are no alternative to something that is impossible (DSP-20)."""
_OPEN_ROW = RemedyRule("")


@dataclass(frozen=True, slots=True)
class RemedyTerms:
    """What the table of remedies says of an option."""

    rule: str
    cost_bearer: str
    sign: tuple[Required, ...] = ()
    exception: bool = False


def remedy_terms(case: Case, option: Option, rules: Rulebook) -> RemedyTerms:
    """Which row it stands under, who bears the cost and who signs for it beside the approval.

    What policy closes needs a reason and the signature of those who may make an exception; where there is
    nobody it is refused. A fact that nobody has recorded is asked for only if it makes a difference.
    Raises Rejected('remedy-closed'), Rejected('cost-bearer-other'), Rejected('refund-closed'),
    Rejected('refund-not-full'), Rejected('refund-beyond-deposit'), Rejected('quantity-missing'),
    Rejected('quantity-differs'), Rejected('loss-open'), Rejected('reason-missing'),
    Rejected('alternative-missing'), Rejected('remedy-impossible'), Conflict('warranty-unknown'),
    Conflict('proof-unknown'), Conflict('paid-unknown').
    Source: DSP-04, DSP-10 to DSP-12, DSP-15, DSP-19, DSP-20, DSP-29, C-15, C-16; docs/decisions/0052.
    """
    profile = rules.profile_of(case.site)
    ground = ground_of(case, rules)
    without = _under(_OPEN_ROW, case, option, profile, ground)
    for row, unknown in rows_about(profile.remedy_rules, ground):
        if not unknown:
            return _under(row, case, option, profile, ground)
        if _matters(row, case, option, profile, ground, without):
            raise _unknown(unknown[0], row)
    return without


def ground_of(case: Case, rules: Rulebook) -> Ground:
    """What was found, as the rows of remedies see it."""
    goods, finding = case.goods, case.finding
    return Ground(
        facts=assessed(case),
        liability=finding.liability if finding is not None else "unclear",
        cause=finding.cause_code if finding is not None else "",
        warranty=warranty_of(case, rules),
        proof=None if goods.proof is None else "given" if goods.proof else "missing",
        phase=goods.phase or "delivered",
    )


def warranty_of(case: Case, rules: Rulebook) -> str | None:
    """`within` or `after`, on the day on which the complaint came in at its site; None: not known."""
    return warranty_state(
        rules.profile_of(case.site).warranty,
        sold_on=case.goods.sold_on,
        covered_until=case.goods.covered_until,
        received_on=received_on(case, rules),
    )


def counts_as(case: Case, rules: Rulebook) -> str:
    """What such an old matter is instead of a complaint; it is recorded and handled all the same.

    Source: C-09, TYP-17, DSP-08, edge case 21.
    """
    if warranty_of(case, rules) != "after":
        return ""
    profile = rules.profile_of(case.site)
    if profile.warranty.afterwards == "maintenance":
        return "maintenance"
    return "not_eligible" if profile.intake.eligible != "all" else ""


def _under(row: RemedyRule, case: Case, option: Option, profile: Profile, ground: Ground) -> RemedyTerms:
    _require_alternative(row, option)
    cost, deciders = bearer_of(row, profile.warranty, profile.liability_of(ground.liability), ground.warranty)
    objection = next(_objections(row, case, option, cost), None)
    if objection is not None and not deciders:
        raise objection
    if (objection is not None or row.explain) and option.reason_code is None:
        raise Rejected(
            "reason-missing",
            objection.detail if objection is not None else "the customer is told why it is no more than this",
            field="reason_code",
            remedy=f"Give `reason_code`{'; ' + ' or '.join(deciders) + ' then signs' if objection else ''}.",
        )
    signers = [row.approve_by, deciders if objection is not None else ()]
    return RemedyTerms(
        rule=row.name,
        cost_bearer=option.cost_bearer or cost,
        sign=tuple(Required(by) for by in dict.fromkeys(signers) if by),
        exception=objection is not None,
    )


def _objections(row: RemedyRule, case: Case, option: Option, cost: str) -> Iterator[Rejected]:
    """What stands against it and could be allowed by an exception."""
    for remedy in option.remedies:
        if remedy in row.closed or (row.offer and remedy not in row.offer):
            offered = ", ".join(row.instead or row.offer) or "something else"
            detail = f"row {row.name} of the remedies does not allow {remedy}"
            yield Rejected("remedy-closed", detail, field="remedies", remedy=f"Offer {offered}.")
    if cost and option.cost_bearer not in {None, cost}:
        detail = f"by policy the {cost} bears the cost, not the {option.cost_bearer}"
        yield Rejected("cost-bearer-other", detail, field="cost_bearer", remedy="Leave `cost_bearer` out.")
    if REFUND in option.remedies and row.refund:
        yield from _refund(row, case, option)
    if not {*option.remedies}.isdisjoint(row.same_quantity):
        yield from _quantity(option)


def _refund(row: RemedyRule, case: Case, option: Option) -> Iterator[Rejected]:
    field, given = "compensation.amount", option.compensation
    if row.refund == "none":
        detail = f"row {row.name} of the remedies refunds nothing"
        yield Rejected("refund-closed", detail, field="remedies", remedy="Offer something else.")
    elif row.refund == "full":
        paid = _recorded(case.goods.paid, "paid")
        if given is None or given.currency != paid.currency or given.amount < paid.amount:
            remedy = f"Refund {paid.amount} {paid.currency}."
            yield Rejected("refund-not-full", "our own fault is refunded in full", field=field, remedy=remedy)
    else:
        most = _recorded(case.goods.deposit, "deposit")
        if given is None or given.currency != most.currency or given.amount > most.amount:
            remedy = f"Refund {most.amount} {most.currency} at most."
            detail = "what was prepaid is not refunded, only the deposit may be"
            yield Rejected("refund-beyond-deposit", detail, field=field, remedy=remedy)


def _recorded(amount: Amount | None, what: str) -> Amount:
    if amount is None:
        raise Conflict(
            f"{what}-unknown",
            f"the refund depends on the amount that is the {what}, and nobody has recorded it"
            if what == "deposit"
            else "the refund depends on what was paid, and nobody has recorded it",
            field=f"goods.{what}",
            remedy=f"Record `{what}` by POST /cases/{{id}}/goods.",
        )
    return amount


def _quantity(option: Option) -> Iterator[Rejected]:
    quantity = option.quantity
    if quantity is None:
        remedy = "Say how much comes back and how much is delivered for it."
        detail = "as much is delivered as comes back, and no quantity is given"
        yield Rejected("quantity-missing", detail, field="quantity", remedy=remedy)
    elif quantity.returned != quantity.delivered:
        detail = f"{quantity.returned} {quantity.unit} come back and {quantity.delivered} are delivered"
        remedy = "Deliver the same quantity."
        yield Rejected("quantity-differs", detail, field="quantity.delivered", remedy=remedy)


def _require_alternative(row: RemedyRule, option: Option) -> None:
    """What cannot be given is explained, and something is offered in its place (DSP-20)."""
    if not {*option.remedies}.isdisjoint(row.settle_loss) and not (option.compensation or option.reason_code):
        raise Rejected(
            "loss-open",
            "the customer's loss is settled together with the return",
            field="compensation",
            remedy="Agree on the loss and give its amount, or a `reason_code` that says why there is none.",
        )
    if not option.impossible:
        return
    both = [one for one in option.impossible if one in option.remedies]
    if both:
        detail = f"{both[0]} is offered and impossible at once"
        raise Rejected("remedy-impossible", detail, field="impossible", remedy="Leave it out of one list.")
    if option.reason_code is None:
        detail, remedy = f"why {option.impossible[0]} is impossible is explained", "Give `reason_code`."
        raise Rejected("reason-missing", detail, field="reason_code", remedy=remedy)
    named = {*option.remedies}
    if named <= WORDS or (row.instead and named.isdisjoint(row.instead)):
        raise Rejected(
            "alternative-missing",
            f"instead of {option.impossible[0]} something reasonable or soothing is offered",
            field="remedies",
            remedy=f"Offer {', '.join(row.instead) or 'an alternative as well'}.",
        )


def _matters(
    row: RemedyRule, case: Case, option: Option, profile: Profile, ground: Ground, without: RemedyTerms
) -> bool:
    """Whether the option would be another matter under this row than under none."""
    try:
        under = _under(row, case, option, profile, ground)
    except Rejected:
        return True
    return (under.cost_bearer, under.sign) != (without.cost_bearer, without.sign)


def _unknown(part: str, row: RemedyRule) -> Conflict:
    ways = {
        "warranty": ("goods.covered_until", "`sold_on`, or `covered_until` of the contract or label"),
        "proof": ("goods.proof", "`proof`: whether goods and proof of purchase are in order"),
    }
    field, what = ways[part]
    return Conflict(
        f"{part}-unknown",
        f"whether row {row.name} of the remedies holds depends on the {part}, and nobody has recorded it",
        field=field,
        remedy=f"Record {what} by POST /cases/{{id}}/goods.",
    )
