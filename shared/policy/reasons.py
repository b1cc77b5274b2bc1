"""Why does a row of a table take a complaint? What it asks, and what the complaint answers."""

from __future__ import annotations

from collections.abc import Iterator

from shared.policy.covering import words_of
from shared.policy.rules import Facts, When


def reasons_of(when: When, facts: Facts) -> tuple[str, ...]:
    """One line for each part that the row asks, e.g. `grade key`; empty for the row that takes the rest."""
    return tuple(_reasons(when, facts))


def _reasons(when: When, facts: Facts) -> Iterator[str]:
    for part in words_of(when):
        asked = getattr(when, part)
        if asked and part == "flags":
            yield f"flags {', '.join(sorted(facts.flags.intersection(asked)))}"
        elif asked:
            yield f"{part.replace('_', ' ')} {getattr(facts, part)}"
    claim = facts.claimed
    if claim is None:
        return
    if when.claimed_above:
        limit = when.claimed_above.get(claim.currency)
        beyond = f"above {limit}" if limit is not None else f"for which the row names no {claim.currency}"
        yield f"claimed {claim.amount} {claim.currency}, {beyond}"
    if when.claimed_up_to:
        yield f"claimed {claim.amount} {claim.currency}, up to {when.claimed_up_to[claim.currency]}"
