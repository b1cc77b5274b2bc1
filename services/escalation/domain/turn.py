"""What has come of a piece of work so far? The sheet with what is to be told about it."""

from __future__ import annotations

from dataclasses import dataclass

from services.escalation.domain.sheet import ClockSheet
from shared.deciding import Decision, Notice
from shared.events.base import EventData


@dataclass(frozen=True, slots=True)
class Turn:
    """A sheet on its way through one decision."""

    sheet: ClockSheet
    tells: tuple[EventData, ...] = ()
    notices: tuple[Notice, ...] = ()

    def then(
        self,
        sheet: ClockSheet,
        *tells: EventData,
        notices: tuple[Notice, ...] = (),
    ) -> Turn:
        """The next state of affairs, with more to tell."""
        return Turn(sheet, (*self.tells, *tells), (*self.notices, *notices))

    def on(self, sheet: ClockSheet) -> Turn:
        """The same with another sheet and nothing more to tell."""
        return Turn(sheet, self.tells, self.notices)

    def decision(self, answer: object = None) -> Decision[ClockSheet]:
        """What the shell is to write."""
        return Decision(self.sheet, self.tells, self.notices, answer)
