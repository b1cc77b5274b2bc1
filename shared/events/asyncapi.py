"""How do outsiders learn the contract? AsyncAPI 3 and JSON Schemas, generated from the event models."""

from __future__ import annotations

from inspect import cleandoc
from typing import Any

from shared.events.base import CONTENT_TYPE, SCHEMA_BASE, EventData
from shared.events.catalogue import PRODUCERS, all_events

_ENVELOPE: dict[str, dict[str, Any]] = {
    "specversion": {"const": "1.0"},
    "id": {"type": "string", "format": "uuid", "description": "UUIDv7; also the AMQP message_id."},
    "source": {"type": "string", "description": "/sites/<site>/<service>"},
    "subject": {"type": "string", "format": "uuid", "description": "The complaint's id."},
    "time": {"type": "string", "format": "date-time", "description": "When it happened, UTC."},
    "datacontenttype": {"const": "application/json"},
    "dataschema": {"type": "string"},
    "site": {"type": "string"},
    "sequence": {
        "type": "integer",
        "minimum": 1,
        "description": "Per complaint and producer, without a gap.",
    },
    "correlationid": {"type": "string"},
    "traceparent": {"type": "string"},
}
_OPTIONAL = {"traceparent"}


def json_schema(event: type[EventData]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of the whole message, envelope included."""
    data = event.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions = data.pop("$defs", {})
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_BASE + event.type_name,
        "title": event.type_name,
        "description": cleandoc(event.__doc__ or ""),
        "type": "object",
        "required": sorted({*_ENVELOPE, "type", "data"} - _OPTIONAL),
        "properties": {**_ENVELOPE, "type": {"const": event.type_name}, "data": data},
    }
    if definitions:
        schema["$defs"] = definitions
    return schema


def asyncapi_document(service: str | None = None) -> dict[str, Any]:
    """AsyncAPI 3.0: of one service, what it tells; without a service, everything."""
    told = [e for e in all_events() if service is None or e.producer == service]
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for event in told:
        name = event.type_name
        key = name.replace(".", "_")
        channels[key] = {
            "address": f"{name}.{{site}}",
            "title": name,
            "parameters": {"site": {"description": "The site's code, e.g. sh01."}},
            "messages": {key: {"$ref": f"#/components/messages/{key}"}},
            "bindings": {
                "amqp": {
                    "is": "routingKey",
                    "exchange": {"name": "kesu.events", "type": "topic", "durable": True},
                    "bindingVersion": "0.3.0",
                }
            },
        }
        operations[f"{event.producer}_tells_{key}"] = {
            "action": "send",
            "channel": {"$ref": f"#/channels/{key}"},
            "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": "0.3.0"}},
        }
        messages[key] = {
            "name": name,
            "title": name,
            "summary": cleandoc(event.__doc__ or ""),
            "contentType": CONTENT_TYPE,
            "payload": _inlined(json_schema(event)),
        }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"Kesu events{f' of {service}' if service else ''}",
            "version": "1",
            "description": "CloudEvents 1.0, structured JSON, each singly on the topic exchange kesu.events; "
            "in the stream kesu.log as arrays of events of one type (application/cloudevents-batch+json). "
            "Personal data travels only in data.sealed.",
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": {"broker": {"host": "rabbitmq:5672", "protocol": "amqp"}},
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages},
    }


def producers() -> tuple[str, ...]:
    """The services that tell something."""
    return tuple(PRODUCERS)


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its definitions put in place, since a document has one `#` for all messages."""
    definitions = schema.get("$defs", {})

    def walk(node: Any) -> Any:
        if isinstance(node, dict):
            reference = node.get("$ref", "")
            if isinstance(reference, str) and reference.startswith("#/$defs/"):
                return walk(definitions[reference.removeprefix("#/$defs/")])
            return {k: walk(v) for k, v in node.items() if k not in {"$defs", "$id", "$schema"}}
        if isinstance(node, list):
            return [walk(item) for item in node]
        return node

    inlined: dict[str, Any] = walk(schema)
    return inlined
