"""Which actions does policy call for, and what does it want done before a case may close?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from services.routing.domain.action import Action, Party
from services.routing.domain.action_order import next_sheet
from services.routing.domain.case import Case
from shared.errors import Conflict
from shared.policy.model import Rulebook

POLICY = "policy"
"""Who proposes what nobody asked for."""
RECURRENCE = "recurrence"
DEMANDED = "policy-demands"
SUPPLIER_FAULT = "supplier-fault"
_AFTERWARDS = frozenset({"D7", "D8", "preventive"})
"""Steps that look ahead to other complaints: this customer need not wait for them."""


def cause_of(case: Case) -> str | None:
    """The cause by which complaints are counted; None: nothing valid was found, or it is the past.

    Imported history is no recurrence of today: it was handled, or not, in its own time.
    """
    if case.history or case.finding is None or not case.finding.counts:
        return None
    return case.finding.cause_code


def demands_action(case: Case, rules: Rulebook) -> bool:
    """Whether policy wants a corrective action of our own against this complaint (CAP-01, CAP-08)."""
    if case.finding is None or not case.finding.counts:
        return False
    corrective = rules.profile_of(case.site).corrective
    return corrective.always or case.facts.category in corrective.categories or _is_opened(case, rules)


def called_for(case: Case, rules: Rulebook, now: datetime) -> tuple[Action, ...]:
    """The case's actions with those proposed that policy calls for after the finding.

    A fault of the supplier has an action of its own, apart from the customer's (DSP-06, edge case 9).
    What is there already is not proposed again.
    """
    finding = case.finding
    if finding is None or not finding.counts or case.history:
        return case.actions
    profile = rules.profile_of(case.site)
    wanted: list[tuple[Party, str]] = []
    if demands_action(case, rules):
        wanted.append(("own", DEMANDED))
    if finding.liability == "supplier" and profile.liability_of("supplier").own_action:
        wanted.append(("supplier", SUPPLIER_FAULT))
    actions = case.actions
    for party, reason in wanted:
        if all(one.party != party or not one.is_live for one in actions):
            actions = (*actions, proposed(case, actions, rules, now, party=party, reason=reason))
    return actions


def proposed(
    case: Case,
    actions: tuple[Action, ...],
    rules: Rulebook,
    now: datetime,
    *,
    reason: str,
    party: Party = "own",
    recurrences: int = 0,
) -> Action:
    """The action that begins a report by the profile's method: the team of an 8D, or a plain CAPA."""
    is_8d = rules.profile_of(case.site).corrective.method == "8d" and party == "own"
    return Action(
        id=f"a-{len(actions) + 1}",
        sheet=next_sheet(actions),
        discipline="D1" if is_8d else "CAPA",
        measure="" if is_8d else "corrective",
        department=case.department,
        proposed_at=now,
        proposed_by=POLICY,
        party=party,
        cause=cause_of(case) or "",
        reason=reason,
        recurrences=recurrences,
    )


def require_actions(case: Case, rules: Rulebook) -> None:
    """Nothing, if no corrective action holds up the closing of the case.

    Only where policy demands one (CAP-08): then one of our own has to be carried out, and none that
    serves this customer may be open. A supplier's never holds the customer up (edge case 9), and what
    prevents other complaints goes on after the end.
    Raises Conflict('action-missing' or 'action-open').
    """
    if not demands_action(case, rules):
        return
    own = [one for one in case.actions if one.party == "own" and one.is_live]
    waiting = [one for one in own if not one.is_done and one.step not in _AFTERWARDS]
    if waiting:
        raise Conflict(
            "action-open",
            f"{_named(waiting)} {'is' if len(waiting) == 1 else 'are'} not carried out",
            field="actions",
            remedy="Complete them, or cancel what is not needed.",
        )
    if not any(one.is_done for one in own):
        raise Conflict(
            "action-missing",
            f"a complaint of {case.site} does not close without a corrective action",
            field="actions",
            remedy="Open one and complete it.",
        )


def _named(actions: Iterable[Action]) -> str:
    return ", ".join(f"{one.id} ({one.step})" for one in actions)


def _is_opened(case: Case, rules: Rulebook) -> bool:
    """Whether the row of the matrix that placed the case opens a report with it (RTE-09)."""
    rows = rules.profile_of(case.site).routing
    return any(row.name == case.placement.rule and {"8d", "capa"} & set(row.opens) for row in rows)
