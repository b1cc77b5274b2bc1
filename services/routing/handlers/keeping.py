"""What happened to the case lately, and does the actor know? Every step is counted and noted.

A command may say which version of the case its actor has read. If something happened since, it is
refused with what that was: by whom, when, and where the case stands (docs/decisions/0041).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any
from uuid import UUID

from services.routing.domain.case import Case
from services.routing.domain.terms import Change
from shared.changing import changed
from shared.deciding import Actor, Context, Decision, Event, Handler
from shared.errors import Conflict

_MOST_CHANGES = 20
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class AsRead:
    """Do this, but only if the case still is as its actor has read it."""

    complaint_id: UUID
    actor: Actor
    version: int
    # The table of commands erases the type of what it holds; so does this.
    command: Any


def kept(handler: Handler) -> Handler:
    """The handler, with every step that changes the case counted and noted in it.

    A Conflict that it raises says what the newest step was, so that whoever comes second sees who
    was first.
    """

    @wraps(handler)
    def keeping(state: Case | None, message: Any, context: Context) -> Decision[Case]:
        try:
            decision = handler(state, message, context)
        except Conflict as conflict:
            if state is not None and not conflict.changes:
                conflict.changes = _shown(state.changes[-1:])
            raise
        after = decision.state
        if state is None or after is None or after is state:
            return decision
        return replace(decision, state=_noted(state, after, message, context))

    return keeping


def as_read(commands: Mapping[type, Handler]) -> Handler:
    """A handler for `AsRead` over these commands. Raises Conflict('changed-meanwhile')."""

    def act_as_read(state: Case | None, message: AsRead, context: Context) -> Decision[Case]:
        if state is not None and state.version != message.version:
            since = [one for one in state.changes if one.version > message.version]
            raise _changed(state, message.version, since)
        decision: Decision[Case] = commands[type(message.command)](state, message.command, context)
        return decision

    return act_as_read


def _changed(case: Case, read: int, since: list[Change]) -> Conflict:
    conflict = Conflict(
        "changed-meanwhile",
        f"you have read version {read} of the case, it is at {case.version} and {case.status}",
        field="If-Match",
        remedy="Read the case again and decide on what it is now.",
    )
    conflict.changes = _shown(tuple(since))
    return conflict


def _noted(before: Case, after: Case, message: Any, context: Context) -> Case:
    version = before.version + 1
    change = Change(version, _what(message), _who(message), context.now, after.status.value)
    return changed(after, version=version, changes=(*before.changes[1 - _MOST_CHANGES :], change))


def _what(message: Any) -> str:
    if isinstance(message, Event):
        return message.type.rpartition(".")[0]
    return _CAPITAL.sub("-", type(message).__name__).lower()


def _who(message: Any) -> str:
    if isinstance(message, Event):
        return str(getattr(message.data, "by", "customer"))
    actor = getattr(message, "actor", None)  # what the machine does by itself has none
    return "kesu" if actor is None else str(actor.person)


def _shown(changes: tuple[Change, ...]) -> tuple[Mapping[str, str], ...]:
    return tuple(
        {
            "version": str(one.version),
            "what": one.what,
            "by": one.by,
            "at": one.at.isoformat(),
            "status": one.status,
        }
        for one in changes
    )
