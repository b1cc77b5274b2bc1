"""In which order are the steps of one report taken? Containment before cause, cause before cure."""

from __future__ import annotations

from collections.abc import Iterable

from services.routing.domain.action import Action
from shared.errors import Conflict, NotFound, Rejected

CONTAINMENT = "containment"
_BEFORE = {
    "D4": "D3",
    "D5": "D4",
    "D6": "D5",
    "D7": "D6",
    "cause": CONTAINMENT,
    "corrective": "cause",
}
"""What has to be done before a step is. 8D demands the step before it, a plain CAPA may do without."""
_LAST = "D8"
MOST = 200


def action_of(actions: Iterable[Action], identifier: str) -> Action:
    """The action of this id. Raises NotFound('unknown-action')."""
    for action in actions:
        if action.id == identifier:
            return action
    raise NotFound("unknown-action", f"the case has no action {identifier}", field="action")


def with_action(actions: tuple[Action, ...], changed: Action) -> tuple[Action, ...]:
    """The actions with this one in the place of its former self, or added."""
    if all(one.id != changed.id for one in actions):
        return (*actions, changed)
    return tuple(changed if one.id == changed.id else one for one in actions)


def sheet_of(actions: Iterable[Action], sheet: int) -> tuple[Action, ...]:
    """The steps of one report that were not given up, in the order in which they were opened."""
    return tuple(one for one in actions if one.sheet == sheet and one.is_live)


def next_sheet(actions: Iterable[Action]) -> int:
    """The number of the next report, from 1."""
    return 1 + max((one.sheet for one in actions), default=0)


def require_place(actions: tuple[Action, ...], added: Action) -> None:
    """Nothing, if the step may stand on its sheet.

    Raises Conflict('step-exists', 'sheet-of-another' or 'too-many-actions').
    """
    steps = sheet_of(actions, added.sheet)
    if len(actions) >= MOST:
        raise Conflict("too-many-actions", f"a case holds at most {MOST} actions", field="steps")
    if any((one.is_8d, one.party) != (added.is_8d, added.party) for one in steps):
        raise Conflict(
            "sheet-of-another",
            f"sheet {added.sheet} is of another method or party",
            field="sheet",
            remedy="Leave `sheet` out to begin another.",
        )
    if added.is_8d and any(one.step == added.step for one in steps):
        raise Conflict(
            "step-exists",
            f"sheet {added.sheet} has its {added.step} already",
            field="steps",
            remedy="Begin another sheet, or cancel the step first.",
        )


def require_turn(actions: Iterable[Action], action: Action) -> None:
    """Nothing, if it is this step's turn to be completed.

    Containment (D3) protects the customer first, the search for the cause (D4) comes after.
    Raises Conflict('containment-first' or 'step-out-of-order').
    """
    steps = sheet_of(actions, action.sheet)
    before = _BEFORE.get(action.step)
    if before is not None:
        _require(action, before, [one for one in steps if one.step == before])
    if action.step == _LAST:
        for one in steps:
            if one.id != action.id:
                _require(action, one.step, [one])


def _require(action: Action, before: str, found: list[Action]) -> None:
    if all(one.is_done for one in found) and (found or not action.is_8d):
        return
    first = before in {"D3", CONTAINMENT}
    raise Conflict(
        "containment-first" if first else "step-out-of-order",
        f"{action.step} waits for {before} of sheet {action.sheet}",
        field="action",
        remedy=f"{'Complete' if found else 'Open and complete'} {before} first.",
    )


def require_measure(discipline: str, measure: str) -> None:
    """Nothing, if the words fit: a CAPA names its measure, a step of 8D says it by its number.

    Raises Rejected('measure-missing' or 'measure-superfluous').
    """
    if discipline == "CAPA" and not measure:
        raise Rejected(
            "measure-missing",
            "a plain CAPA says what it does",
            field="measure",
            remedy="One of: containment, cause, correction, corrective, preventive.",
        )
    if discipline != "CAPA" and measure:
        raise Rejected("measure-superfluous", f"{discipline} says it by itself", field="measure")
