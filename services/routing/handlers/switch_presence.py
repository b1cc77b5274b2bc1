"""Who says that somebody is away or back, and until when?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.domain.presence import Presence, file_says_until, home_of
from shared.deciding import Actor, Context, Decision
from shared.errors import Forbidden, NotFound, Rejected
from shared.events.presence import PresenceChanged
from shared.participation import leads
from shared.policy.model import Person, Rulebook


@dataclass(frozen=True, slots=True)
class SwitchPresence:
    """The person is there, or is not, until then; without `until` until something else is said."""

    complaint_id: UUID
    """The id of the person (`presence_id`)."""
    actor: Actor
    person: str
    present: bool
    until: datetime | None = None


Switch = Callable[..., Awaitable[Decision[Presence]]]
"""Has such a command decided, committed and put in force, over a desk; what the doors are given."""


def switch_presence(state: Presence | None, command: SwitchPresence, context: Context) -> Decision[Presence]:
    """The person's switch, told to everybody; the same said again: unchanged.

    Whoever is back has no switch any more, unless the organisation file says that they are away: then
    it holds until that absence is over, so that a later one counts again.
    Raises NotFound('unknown-person'), Forbidden('not-your-presence'), Rejected('until-passed').
    Source: RCS-03; docs/decisions/0053.
    """
    person = context.rules.person(command.person)
    _require_say(command.actor, person or Person(command.person, ""))
    if person is None:
        raise NotFound("unknown-person", f"the organisation knows no {command.person}", field="person")
    if command.until is not None and command.until <= context.now:
        remedy = "Name a moment to come, or leave it out."
        raise Rejected("until-passed", "that moment has passed", field="until", remedy=remedy)
    until = _until(command, person, context.now)
    said = Presence(
        complaint_id=command.complaint_id,
        site=home_of(person, context.rules),
        person=person.id,
        present=command.present,
        until=until,
        at=context.now,
        by=command.actor.person,
    )
    if state is not None and _is_same(state, said, context.now):
        return Decision(state)
    told = PresenceChanged(
        person=person.id,
        present=said.present,
        until=until if until != context.now else None,
        at=context.now,
        by=said.by,
    )
    return Decision(said, (told,))


def admit_switch(_known: Presence, command: SwitchPresence, rules: Rulebook) -> None:
    """Raises Forbidden('not-your-presence') if the command's actor has no say in it (any more)."""
    person = rules.person(command.person)
    if person is not None:
        _require_say(command.actor, person)


def _require_say(actor: Actor, person: Person) -> None:
    if actor.person != person.id and not leads(actor, person):
        raise Forbidden(
            "not-your-presence",
            "only the person, or a manager of theirs, may say so",
            field="person",
            remedy="Use the person's own token, or that of a manager of their site and department.",
        )


def _until(command: SwitchPresence, person: Person, now: datetime) -> datetime | None:
    if command.until is not None or not command.present:
        return command.until
    # Back: over what the file says today, never over a holiday to come.
    return now if person.is_there(now) else file_says_until(person, now)


def _is_same(known: Presence, said: Presence, now: datetime) -> bool:
    if known.present != said.present:
        return False
    over = known.until is not None and known.until <= now
    return known.until == said.until or (over and said.until == now)
