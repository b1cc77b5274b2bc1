"""What may each service do on the broker? Its rights as RabbitMQ's management API takes them.

Nobody but the provisioning step declares anything; a service publishes what it tells, and to the ladder and
parking, and reads its own queues (docs/decisions/0067).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from shared.events.catalogue import all_events
from shared.messaging.topology import (
    EVENTS_EXCHANGE,
    LOG_STREAM,
    LOG_WORD,
    REQUEUE_EXCHANGE,
    exchanges,
    parking_queue,
)

_DEFAULT_EXCHANGE = "amq.default"
"""What RabbitMQ calls the exchange without a name in its rights."""
_READ_THE_LOG = ("escalation", "intake")
"""The auditor, and the register, which counts on where the log ends; both mark its end with a word."""


def rights(service: str) -> Mapping[str, str]:
    """Patterns of the names that its user may configure, write and read."""
    written = [one.name for one in exchanges() if one.name != REQUEUE_EXCHANGE]
    read = [re.escape(f"kesu.{service}.") + ".*", re.escape(parking_queue(service))]
    if service in _READ_THE_LOG:
        read.append(re.escape(LOG_STREAM))
    if service == "escalation":
        written.append(_DEFAULT_EXCHANGE)
    return {
        "configure": "^$",
        "write": f"^({'|'.join(map(re.escape, sorted(written)))})$",
        "read": f"^({'|'.join(read)})$",
    }


def topics(service: str) -> Mapping[str, str]:
    """By topic exchange: the pattern of the routing keys that its user may publish."""
    own = "|".join(re.escape(event.type_name) for event in all_events() if event.producer == service)
    # A reader's mark at the end of the log holds no event.
    ours = f"{own}|{re.escape(LOG_WORD)}" if service in _READ_THE_LOG else own
    return {
        # Others hear an event under its type and site, our own services under its type.
        one.name: f"^({own})\\..*$" if one.name == EVENTS_EXCHANGE else f"^({ours})$"
        for one in exchanges()
        if one.kind == "topic"
    }
