"""When is it due, how long did it take, and why? The pure working-time engine."""

from shared.worktime.calendar import Calendar, Day, DayKind, Region, Revision
from shared.worktime.due import due_and_parts, due_at, elapsed, part_at, shifted
from shared.worktime.explain import explain, explain_elapsed
from shared.worktime.explanation import Explanation
from shared.worktime.moments import local_time
from shared.worktime.pauses import Pause
from shared.worktime.target import End, Target, Unit

__all__ = [
    "Calendar",
    "Day",
    "DayKind",
    "End",
    "Explanation",
    "Pause",
    "Region",
    "Revision",
    "Target",
    "Unit",
    "due_and_parts",
    "due_at",
    "elapsed",
    "explain",
    "explain_elapsed",
    "local_time",
    "part_at",
    "shifted",
]
