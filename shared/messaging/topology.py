"""Which exchanges, queues, bindings are there? The same on RabbitMQ 3.10 and 4.x (docs/decisions/0004, 0057).

Arguments of an existing queue cannot change; that is why every queue carries a version in its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.events.catalogue import all_events

EVENTS_EXCHANGE = "kesu.events"
"""Every event singly, for whoever else listens; nothing of ours is bound to it."""
BUNDLES_EXCHANGE = "kesu.bundles"
"""The same events in bundles, to our own services and the log; the key is their type."""
REQUEUE_EXCHANGE = "kesu.requeue"
PARKING_EXCHANGE = "kesu.parking"
LOG_STREAM = "kesu.log"
LOG_WORD = "kesu.log.word"
"""Key of what only the log shall get: words between its readers, empty bundles all."""
SERVICES = ("intake", "routing", "escalation", "surveys")

RETRY_STEPS: tuple[tuple[str, int], ...] = (
    ("kesu.retry.5s", 5_000),
    ("kesu.retry.1m", 60_000),
    ("kesu.retry.10m", 600_000),
)
"""Exchange and queue of each step, and its milliseconds."""

ORDERED_FROM: Mapping[str, frozenset[str]] = {
    "intake": frozenset({"routing"}),
    "routing": frozenset({"intake"}),
    "escalation": frozenset({"intake", "routing"}),
    "surveys": frozenset({"intake"}),
}
"""Producers whose events a service handles strictly in order, and therefore must hear completely."""

ALSO_HEARS: Mapping[str, frozenset[str]] = {
    "intake": frozenset({"escalation:*", "surveys:*"}),
    "routing": frozenset({"clock.breached.v1", "escalation.decided.v1", "survey.answered.v1"}),
    "escalation": frozenset(),
    "surveys": frozenset({"complaint.closed.v1"}),
}
"""Further event types, or `producer:*` for all of one producer, in any order."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A durable exchange."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable queue with its arguments, and what is bound to it: (exchange, routing key)."""

    name: str
    arguments: Mapping[str, object]
    bindings: tuple[tuple[str, str], ...] = field(default=())


def work_queue(service: str) -> str:
    """The queue that a service consumes."""
    return f"kesu.{service}.v1"


def parking_queue(service: str) -> str:
    """Where its messages wait for a human."""
    return f"kesu.{service}.parked.v2"


def former_parking_queue(service: str) -> str:
    """Where they waited in releases that had quorum queues for it (docs/decisions/0066)."""
    return f"kesu.{service}.v1.parked"


def heard_by(service: str) -> tuple[str, ...]:
    """The event types that reach the service's queue, sorted."""
    wanted = ALSO_HEARS[service]
    return tuple(
        event.type_name
        for event in all_events()
        if event.producer in ORDERED_FROM[service]
        or event.type_name in wanted
        or f"{event.producer}:*" in wanted
    )


def binding_key(type_name: str) -> str:
    """What a queue that hears this type is bound with: the events, and probes for the binding itself."""
    return f"{type_name}.#"


def probe_key(type_name: str) -> str:
    """By which a probe reaches the queues that hear this type, and not the log."""
    return f"{type_name}.probe"


def outdated_of(queue: str) -> tuple[tuple[str, str], ...]:
    """Bindings that earlier releases made and that must go: (exchange, routing key)."""
    if queue == LOG_STREAM:
        return ((EVENTS_EXCHANGE, "#"), (BUNDLES_EXCHANGE, "#"))
    hearers = {work_queue(service): service for service in SERVICES}
    if queue not in hearers:
        return ()
    heard = heard_by(hearers[queue])
    singly = tuple((EVENTS_EXCHANGE, f"{name}.*") for name in heard)
    return (*singly, *((BUNDLES_EXCHANGE, name) for name in heard))


def own_queues(service: str) -> tuple[Queue, ...]:
    """The queues that nobody else needs: those of its work and its parking."""
    mine = {work_queue(service), parking_queue(service)}
    return tuple(queue for queue in queues() if queue.name in mine)


def exchanges() -> tuple[Exchange, ...]:
    """All exchanges."""
    return (
        Exchange(EVENTS_EXCHANGE, "topic"),
        Exchange(BUNDLES_EXCHANGE, "topic"),
        Exchange(REQUEUE_EXCHANGE, "direct"),
        Exchange(PARKING_EXCHANGE, "direct"),
        *(Exchange(name, "fanout") for name, _ in RETRY_STEPS),
    )


def queues() -> tuple[Queue, ...]:
    """All queues, those that others dead-letter into first."""
    parking = [
        Queue(
            parking_queue(service),
            # Not a quorum queue: it counts every look at a message as a delivery, and a limit that any
            # policy or 4.0 sets would make the message vanish (docs/decisions/0066).
            {"x-queue-type": "classic", "x-overflow": "reject-publish"},
            ((PARKING_EXCHANGE, work_queue(service)),),
        )
        for service in SERVICES
    ]
    work = [
        Queue(
            work_queue(service),
            _quorum(PARKING_EXCHANGE)
            | {
                "x-dead-letter-routing-key": work_queue(service),
                "x-single-active-consumer": True,
                # Never -1: on 3.10 that means none at all (engineering.md section 3.1). Every deploy
                # and every lost connection counts for the whole prefetch window, hence so many.
                "x-delivery-limit": 1000,
            },
            (
                (REQUEUE_EXCHANGE, work_queue(service)),
                *((BUNDLES_EXCHANGE, binding_key(name)) for name in heard_by(service)),
            ),
        )
        for service in SERVICES
    ]
    retry = [
        Queue(name, _quorum(REQUEUE_EXCHANGE) | {"x-message-ttl": millis}, ((name, ""),))
        for name, millis in RETRY_STEPS
    ]
    log = Queue(
        LOG_STREAM,
        {
            "x-queue-type": "stream",
            "x-max-age": "30D",
            "x-stream-max-segment-size-bytes": 50_000_000,
        },
        # Three words: every type of event, and no probe.
        ((BUNDLES_EXCHANGE, "*.*.*"),),
    )
    return (*parking, *work, *retry, log)


def _quorum(dead_letters: str) -> dict[str, object]:
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": dead_letters,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
