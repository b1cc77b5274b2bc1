"""What do all events have in common, and how is one written to and read from the wire?

CloudEvents 1.0 in structured JSON (architecture.md section 3). Reading is tolerant: unknown fields are
ignored. Writing is strict: the type checker refuses a field that the contract does not hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Annotated, Any, ClassVar
from uuid import UUID

import orjson
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from typing_extensions import override

from shared.deciding import Event
from shared.errors import Rejected
from shared.events.cost import MOST_EVENT_BYTES, MOST_EVENTS, refuse_costly

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

_MOST_SEQUENCE = 2**31 - 1
_MOST_NAMED = 100
"""More faults than this are counted and not named: naming each takes a kilobyte."""
_Name = Annotated[str, StringConstraints(max_length=128)]
"""What goes on into routing keys (255 bytes) and headers of what is told because of the event."""


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore")

    specversion: _Name
    id: UUID
    source: _Name
    type: _Name
    subject: UUID
    time: AwareDatetime
    site: Annotated[str, StringConstraints(max_length=48)]
    sequence: int = Field(ge=0, le=_MOST_SEQUENCE)
    correlationid: _Name = ""
    traceparent: _Name | None = None
    data: dict[str, Any]


def write_event(event: Event[EventData]) -> bytes:
    """The body of the AMQP message: CloudEvents 1.0 structured JSON.

    Raises Rejected('event-too-large') for what no reader of ours would take.
    """
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
    body = orjson.dumps(envelope, default=str, option=orjson.OPT_UTC_Z)
    if len(body) > MOST_EVENT_BYTES:
        raise Rejected(
            "event-too-large",
            f"{event.type} would have {len(body)} bytes, {MOST_EVENT_BYTES} are the most",
            field="body",
            remedy="Send less at once; long documents go as files.",
        )
    return body


def read_event(body: object) -> Event[EventData]:
    """The event that these bytes, or this object out of a bundle, hold; the bytes come out of `opened`.

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
        time = envelope.time.astimezone(UTC)
    except ValidationError as error:
        raise _malformed(error) from error
    except OverflowError as error:
        raise Rejected(
            "event-malformed", "the moment is outside the years 1 to 9999", field="time"
        ) from error
    return Event(
        id=envelope.id,
        type=envelope.type,
        site=envelope.site,
        producer=envelope.source.rsplit("/", 1)[-1],
        subject=envelope.subject,
        time=time,
        sequence=envelope.sequence,
        correlation_id=envelope.correlationid,
        traceparent=envelope.traceparent,
        data=data,
    )


def _malformed(error: ValidationError) -> Rejected:
    count = error.error_count()
    if count > _MOST_NAMED:
        return Rejected("event-malformed", f"{count} of its values are wrong", field="body")
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return Rejected("event-malformed", first["msg"], field=where)


def opened(body: bytes) -> Sequence[object]:
    """What the body of a message holds, each still to be read: the objects of a bundle, or the body itself.

    Raises Rejected('message-too-large' or 'message-too-costly') for what no sender of ours sends,
    Rejected('event-malformed') for a bundle that is no JSON or nests too deep,
    Rejected('bundle-too-large') for too many events.
    """
    refuse_costly(body)
    if body[:1] != b"[":
        return (body,)
    try:
        held: list[object] = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Rejected("event-malformed", f"the bundle is no JSON: {error}", field="body") from error
    if len(held) > MOST_EVENTS:
        raise Rejected(
            "bundle-too-large", f"{len(held)} events in one bundle, {MOST_EVENTS} are the most", field="body"
        )
    return held


def unbundled(body: bytes) -> Sequence[bytes]:
    """The bytes of each event in the body of a message; what cannot be opened its reader shall judge."""
    try:
        held = opened(body)
        return [one if isinstance(one, bytes) else orjson.dumps(one) for one in held]
    except (Rejected, orjson.JSONEncodeError):
        return (body,)  # the second is what nests deeper than can be written, if not than can be read


def routing_key(event: Event[EventData]) -> str:
    """`<type>.<site>`, always four words, e.g. complaint.registered.v1.sh01."""
    return f"{event.type}.{event.site}"
