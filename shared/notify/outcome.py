"""How did one attempt to reach one contact end?"""

from __future__ import annotations

from dataclasses import dataclass

SENT, FAILED, REFUSED = "sent", "failed", "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`refused`: this contact will never take it. The detail holds no personal text."""

    kind: str
    detail: str = ""
