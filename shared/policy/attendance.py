"""Who said to be away, or back, whatever the organisation file says? (RCS-03)

The switches are kept by routing and given to the decision with the rulebook, like the workload
(docs/decisions/0053-presence-is-a-switch-over-the-file.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Switch:
    """What was said of one person; until None: until something else is said. `until` is exclusive."""

    present: bool
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether it still counts."""
        return self.until is None or moment < self.until


@dataclass(frozen=True, slots=True)
class Attendance:
    """The switches by person; whoever has none is where the organisation file says."""

    switches: Mapping[str, Switch] = field(default_factory=dict)

    def said_of(self, person: str, moment: datetime) -> bool | None:
        """Whether the person was said to be there; None: nothing is said for that moment."""
        switch = self.switches.get(person)
        return switch.present if switch is not None and switch.holds(moment) else None

    def ends(self) -> Iterator[datetime]:
        """The moments at which a switch ceases to count."""
        return (switch.until for switch in self.switches.values() if switch.until is not None)


NOTHING_SAID = Attendance()
"""What holds where nobody keeps switches: the file alone."""
