"""How does a restored service come to know again what it heard and told? It decides once more, and is silent.

Pure, like the fold that it is made of. What was heard is decided again at the event's own time; what was told
of one's own accord is recalled as the command that told it. The log says what was told already: that is not
told again, and its notices count as sent. What comes out otherwise than it was told is named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from typing_extensions import override

from shared.database.documents import Stored
from shared.database.numbers import Numbers
from shared.deciding import Aggregate, Decision, Event, Notice, Recall, Recalls
from shared.errors import KesuError
from shared.events.base import EventData
from shared.messaging.batch import Fold, Plan, Work
from shared.observability.tracing import new_trace
from shared.outbox.writing import Letter
from shared.policy.model import Rulebook

S = TypeVar("S", bound=Aggregate)
_ONLY_COUNTED = Recall()


class OneNumber(Numbers):
    """Gives the number that the event names; no counter is touched."""

    __slots__ = ("given",)

    def __init__(self) -> None:
        super().__init__({})
        self.given = ""

    @override
    def next(self, site: str) -> str:
        return self.given


@dataclass(slots=True)
class Told:
    """What the log holds of one service's own events, beyond what its database knows."""

    types: dict[UUID, dict[int, str]] = field(default_factory=dict)
    """Event types by complaint and sequence."""
    newest: int = -1
    """Place in the log of the newest of all its events: what it heard before that, it had dealt with."""
    settled: dict[tuple[UUID, int], EventData] = field(default_factory=dict)
    """By complaint and sequence what a decision has come to again."""

    def settle(self, complaint: UUID, data: EventData, after: int) -> bool:
        """Whether the log holds such an event of the complaint, still to be come to; it is settled then."""
        for sequence, known in sorted(self.types.get(complaint, {}).items()):
            place = (complaint, sequence)
            if sequence > after and known == data.type_name and place not in self.settled:
                self.settled[place] = data
                return True
        return False

    def last_of(self, complaint: UUID) -> int:
        """The highest sequence in the log; 0 without one."""
        return max(self.types.get(complaint, {}), default=0)


@dataclass(frozen=True, slots=True)
class Lost:
    """Something of one complaint that did not come back, or came back otherwise than it was told."""

    complaint_id: UUID
    what: str
    whole: bool = True
    """Whether the event is lost to the state; False: only fields that no event carries."""


class Replay(Fold[S]):
    """Applies what the log holds of a service's past, in the order of the log."""

    def __init__(
        self,
        plan: Plan[S],
        rows: dict[UUID, Stored[S]],
        *,
        recalls: Recalls,
        told: Told,
        seen: set[UUID],
        rules: Rulebook,
        new_id: Callable[[], UUID],
        keys: Mapping[str, tuple[str, UUID]] | None = None,
    ) -> None:
        self._number = OneNumber()
        super().__init__(
            plan, rows, seen=seen, keys=keys or {}, numbers=self._number, rules=rules, new_id=new_id
        )
        self._recalls = recalls
        self._told = told
        self._fresh = False
        self.lost: list[Lost] = []
        self.left: list[Event[EventData]] = []
        """Events that could not be handled; they are for the service's own queue."""
        self.sent: list[tuple[UUID, Notice]] = []
        """Notices that had been sent when it was told first."""

    def hear(self, event: Event[EventData], place: int) -> None:
        """Handle what another service told at this place of the log; handled before: nothing."""
        self._fresh = place > self._told.newest
        notices = len(self.harvest.notices)
        work = Work(event, new_trace())
        self.apply(work, event.time)
        if work.error is not None:
            self.left.append(event)
        if not self._fresh:
            self._as_sent(notices)

    def recall(self, event: Event[EventData]) -> None:
        """Take back an event that the service itself told; known, or come to before: only counted."""
        row = self._row(event.subject, event.site)
        if event.sequence <= row.told:
            return
        row.dirty = True
        if (event.subject, event.sequence) not in self._told.settled:
            self._decide_again(event, row)
        self._correct(event, row)
        row.told = max(row.told, event.sequence)

    def _decide_again(self, event: Event[EventData], row: Stored[S]) -> None:
        recall = self._recalls.get(type(event.data), _ONLY_COUNTED)
        self._fresh, notices = False, len(self.harvest.notices)
        self._number.given = event.data.complaint_no
        command = None
        try:
            command = recall.command(row.state, event) if recall.command is not None else None
            if command is not None:
                handler = self._plan.commands[type(command)]
                self._decide(Work(command, new_trace()), handler, event.time)
        except Exception as error:  # noqa: BLE001 - one step that cannot be repeated must not sink the page
            code = error.code if isinstance(error, KesuError) else type(error).__name__
            self._lose(event, f"not taken back: {code}")
        else:
            settled = (event.subject, event.sequence) in self._told.settled
            if not settled:
                self._lose(event, "not taken back")
            elif recall.lost:
                self._lose(event, f"without {', '.join(recall.lost)}", whole=False)
        self._as_sent(notices)

    def _correct(self, event: Event[EventData], row: Stored[S]) -> None:
        """Let what was told hold, where the decision came out otherwise this time."""
        recall = self._recalls.get(type(event.data), _ONLY_COUNTED)
        again = self._told.settled.get((event.subject, event.sequence))
        if again is None or row.state is None:
            return
        if recall.corrected is not None:
            row.state = recall.corrected(row.state, event)
        if _facts(again) != _facts(event.data):
            taken = "taken from the event" if recall.corrected is not None else "not as it was told"
            self._lose(event, f"came out otherwise, {taken}", whole=recall.corrected is None)

    def _as_sent(self, first: int) -> None:
        self.sent += self.harvest.notices[first:]
        del self.harvest.notices[first:]

    def _lose(self, event: Event[EventData], what: str, *, whole: bool = True) -> None:
        self.lost.append(Lost(event.subject, f"{event.data.complaint_no} {event.type}: {what}", whole))

    @override
    def _write(
        self, decision: Decision[S], state: S, told_before: int, work: Work, now: datetime
    ) -> tuple[list[Letter], list[Event[EventData]]]:
        """Only what the log does not hold becomes a letter, with a sequence behind all that it holds."""
        complaint = state.complaint_id
        last = max(told_before, self._told.last_of(complaint))
        fresh: list[EventData] = []
        for data in decision.tells:
            if self._told.settle(complaint, data, told_before):
                continue
            if self._fresh:
                fresh.append(data)
            else:
                what = f"{data.complaint_no} {data.type_name}: would be told now, was not then"
                self.lost.append(Lost(complaint, what))
        letters, events = super()._write(Decision(state, tuple(fresh)), state, last, work, now)
        return letters, [*events, *self._again(decision, fresh, state, work, now)]

    def _again(
        self, decision: Decision[S], fresh: list[EventData], state: S, work: Work, now: datetime
    ) -> list[Event[EventData]]:
        """What was told then, for the tables that keep what was told beside the states."""
        old = tuple(data for data in decision.tells if data not in fresh)
        return super()._write(Decision(state, old), state, 0, work, now)[1] if old else []


def _facts(data: EventData) -> dict[str, object]:
    """What it says, apart from when: what followed from an event followed a moment later."""
    return {
        name: value for name, value in data if not isinstance(value, datetime) and name not in _OF_THE_MOMENT
    }


_OF_THE_MOMENT = frozenset({"lag_seconds"})
