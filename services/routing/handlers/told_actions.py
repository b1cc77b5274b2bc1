"""How is what happens to an action worded in the contract, and who gets a notice of it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.routing.domain.action import Action
from services.routing.domain.action_rights import deciders
from services.routing.domain.case import Case
from services.routing.domain.involvement import involvement_of
from shared.deciding import Context, Notice
from shared.events.routing import (
    ActionCancelled,
    ActionCompleted,
    ActionOpened,
    ActionProposed,
    ActionVerified,
)
from shared.participation import reachable


def tell_proposed(case: Case, action: Action) -> ActionProposed:
    """Somebody thinks that it is needed."""
    return ActionProposed(
        **_about(case, action),
        at=action.proposed_at,
        by=action.proposed_by,
        reason=action.reason or "opened-by-handler",
        recurrences=action.recurrences or None,
    )


def tell_opened(case: Case, action: Action) -> ActionOpened:
    """A department has it."""
    return ActionOpened(**_about(case, action), due_at=action.due_at, owner=action.owner)


def tell_completed(case: Case, action: Action) -> ActionCompleted:
    """It is carried out; only for one that is."""
    done = action.attempts[-1]
    assert done.completed_at is not None
    return ActionCompleted(
        **_about(case, action), at=done.completed_at, by=done.completed_by, check_at=done.check_at
    )


def tell_verified(case: Case, action: Action) -> ActionVerified:
    """Its effect was judged; after a reopening the attempt before the present one is meant."""
    judged = next(one for one in reversed(action.attempts) if one.checked_at is not None)
    assert judged.checked_at is not None
    assert judged.effective is not None
    about: dict[str, Any] = {**_about(case, action), "attempt": action.attempts.index(judged) + 1}
    return ActionVerified(
        **about,
        at=judged.checked_at,
        effective=judged.effective,
        by=judged.checked_by,
        recurrences=judged.recurrences,
    )


def tell_cancelled(case: Case, action: Action) -> ActionCancelled:
    """It was given up; only for one that was."""
    assert action.ended_at is not None
    return ActionCancelled(
        **_about(case, action),
        at=action.ended_at,
        by=action.ended_by or "",
        reason_code=action.end_reason,
    )


def owner_notice(case: Case, action: Action, context: Context) -> tuple[Notice, ...]:
    """What the owner is sent: what is to be done and until when."""
    if action.owner is None or context.rules.person(action.owner) is None or action.due_at is None:
        return ()
    key = f"action:{case.complaint_id}:{action.id}:{len(action.attempts)}:{action.owner}"
    return (_notice(case, action, action.owner, "action-opened", key, context),)


def decider_notices(case: Case, action: Action, context: Context) -> tuple[Notice, ...]:
    """What those are sent who decide on a proposal; where policy names nobody, the department's head."""
    people = deciders(case, context.rules, context.now) or reachable(
        ("department.manager",), involvement_of(case), context.rules, context.now
    )
    return tuple(
        _notice(
            case,
            action,
            person,
            "action-proposed",
            f"action:{case.complaint_id}:{action.id}:proposed:{person}",
            context,
        )
        for person in people
    )


def _notice(case: Case, action: Action, person: str, template: str, key: str, context: Context) -> Notice:
    site = context.rules.site(case.site)
    known = context.rules.person(person)
    return Notice(
        key=key,
        to=person,
        template=template,
        language=known.language if known is not None else site.language,
        values={
            "complaint_no": case.complaint_no,
            "action": action.id,
            "step": action.step,
            "cause": action.cause or "-",
            "count": str(action.recurrences or 1),
            "department": action.department,
            "site": case.site,
            "due_at": _local(action.due_at, site.timezone),
            "link": case.complaint_no,
        },
    )


def _local(moment: datetime | None, timezone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} ({timezone})" if moment else "-"


def _about(case: Case, action: Action) -> dict[str, Any]:
    """The fields that all events of an action share; Any because they are spread into typed models."""
    return {
        "complaint_no": case.complaint_no,
        "action_id": action.id,
        "discipline": action.discipline,
        "department": action.department,
        "measure": action.measure or None,
        "party": action.party,
        "attempt": len(action.attempts) or None,
        "sheet": action.sheet,
        "cause_code": action.cause or None,
    }
