"""How much does everybody have on the desk? A count of open cases by person, as of a moment ago.

The count is taken outside of the decision and given to it with the rulebook, so that choosing a person
stays a pure function (docs/decisions/0042-the-load-comes-with-the-rulebook.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_MOST_GIVEN = 32


@dataclass(frozen=True, slots=True)
class Workload:
    """Open cases by person; `given` are those assigned since they were counted."""

    counted: Mapping[str, int] = field(default_factory=dict)
    given: Mapping[str, int] = field(default_factory=dict)

    def of(self, person: str) -> int:
        """How many open cases the person has."""
        return self.counted.get(person, 0) + self.given.get(person, 0)

    def plus(self, person: str) -> Workload:
        """The same with one case more on this person's desk."""
        counted, given = self.counted, self.given
        if len(given) >= _MOST_GIVEN:
            # Copied at each assignment, so it is kept small; the long list is copied now and then.
            counted = {**counted, **{name: self.of(name) for name in given}}
            given = {}
        return Workload(counted, {**given, person: given.get(person, 0) + 1})


NOBODY_BUSY = Workload()
"""What holds where nobody counts: everybody is free."""
