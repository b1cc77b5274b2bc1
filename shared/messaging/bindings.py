"""Is every queue of ours bound to what it should hear, and to nothing else?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from shared.messaging.topology import outdated_of, queues


class Binding(NamedTuple):
    """What an exchange gives to a queue."""

    queue: str
    exchange: str
    key: str


def wanted() -> frozenset[Binding]:
    """The bindings that this release needs."""
    return frozenset(Binding(queue.name, source, key) for queue in queues() for source, key in queue.bindings)


def problems(found: Iterable[Binding]) -> list[str]:
    """What is missing and what is too much, one sentence each, sorted; queues of others do not count.

    What the default exchange gives to a queue by its name is AMQP's own and no binding of ours.
    """
    ours = {queue.name for queue in queues()}
    there = {binding for binding in found if binding.queue in ours and binding.exchange}
    missing = [
        f"{one.queue} does not hear {one.key or 'anything'!r} of {one.exchange}; run `kesu topology apply`."
        for one in sorted(wanted() - there)
    ]
    surplus = [
        f"{one.queue} is bound to {one.exchange} with {one.key!r}, which this release does not need; "
        + (
            "run `kesu topology apply`."
            if (one.exchange, one.key) in outdated_of(one.queue)
            else "unbind it with the management pages, or its service parks what it cannot read."
        )
        for one in sorted(there - wanted())
    ]
    return missing + surplus
