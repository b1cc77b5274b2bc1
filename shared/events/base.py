"""What do all events have in common, and how is one written to and read from the wire?

CloudEvents 1.0 in structured JSON (architecture.md section 3). Reading is tolerant: unknown fields are
ignored. Writing is strict: the type checker refuses a field that the contract does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any, ClassVar
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from typing_extensions import override

from shared.deciding import Event
from shared.errors import Rejected

CONTENT_TYPE = "application/cloudevents+json"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
"""The JSON batch format of CloudEvents: an array of events."""
SCHEMA_BASE = "urn:kesu:events:"


class Part(BaseModel):
    """A group of fields inside an event."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class EventData(Part):
    """The `data` of one event type; `type` carries the version."""

    type_name: ClassVar[str]
    producer: ClassVar[str]

    complaint_no: str

    @classmethod
    @override
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        name = cls.__dict__.get("type_name")
        if name is not None:
            EVENTS[name] = cls

    def to_json(self) -> bytes:
        """The data as compact JSON; fields without a value are left out."""
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)


EVENTS: dict[str, type[EventData]] = {}


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore")

    specversion: str
    id: UUID
    source: str
    type: str
    subject: UUID
    time: AwareDatetime
    site: str
    sequence: int
    correlationid: str = ""
    traceparent: str | None = None
    data: dict[str, Any]


def write_event(event: Event[EventData]) -> bytes:
    """The body of the AMQP message: CloudEvents 1.0 structured JSON."""
    envelope: dict[str, object] = {
        "specversion": "1.0",
        "id": event.id,
        "source": f"/sites/{event.site}/{event.producer}",
        "type": event.type,
        "subject": event.subject,
        "time": event.time.astimezone(UTC),
        "datacontenttype": "application/json",
        "dataschema": SCHEMA_BASE + event.type,
        "site": event.site,
        "sequence": event.sequence,
        "correlationid": event.correlation_id,
    }
    if event.traceparent:
        envelope["traceparent"] = event.traceparent
    envelope["data"] = orjson.Fragment(event.data.to_json())
    # Ids that come from the database are of the driver's own type.
    return orjson.dumps(envelope, default=str, option=orjson.OPT_UTC_Z)


def read_event(body: object) -> Event[EventData]:
    """The event that these bytes, or this object out of a bundle (`opened`), hold.

    Raises Rejected('event-malformed') naming the field, Rejected('event-unknown') for a type or
    version that this release does not know.
    """
    try:
        if isinstance(body, bytes):
            envelope = _Envelope.model_validate_json(body)
        else:
            envelope = _Envelope.model_validate(body)
        model = EVENTS.get(envelope.type)
        if model is None:
            raise Rejected(
                "event-unknown",
                f"no event of type {envelope.type} is known here",
                field="type",
                remedy="Upgrade this service, then replay the message with `kesu parked replay`.",
            )
        data = model.model_validate(envelope.data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise Rejected("event-malformed", first["msg"], field=where) from error
    return Event(
        id=envelope.id,
        type=envelope.type,
        site=envelope.site,
        producer=envelope.source.rsplit("/", 1)[-1],
        subject=envelope.subject,
        time=envelope.time.astimezone(UTC),
        sequence=envelope.sequence,
        correlation_id=envelope.correlationid,
        traceparent=envelope.traceparent,
        data=data,
    )


def opened(body: bytes) -> Sequence[object]:
    """What the body of a message holds, each still to be read: the objects of a bundle, or the body itself.

    Raises Rejected('event-malformed') for a bundle that is no JSON.
    """
    if body[:1] != b"[":
        return (body,)
    try:
        held: list[object] = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Rejected("event-malformed", f"the bundle is no JSON: {error}", field="body") from error
    return held


def unbundled(body: bytes) -> Sequence[bytes]:
    """The bytes of each event in the body of a message; what cannot be opened its reader shall judge."""
    try:
        held = opened(body)
    except Rejected:
        return (body,)
    return [one if isinstance(one, bytes) else orjson.dumps(one) for one in held]


def routing_key(event: Event[EventData]) -> str:
    """`<type>.<site>`, always four words, e.g. complaint.registered.v1.sh01."""
    return f"{event.type}.{event.site}"
