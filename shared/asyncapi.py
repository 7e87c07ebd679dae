"""The events of the suite as one AsyncAPI 3.0 document: every channel, who sends on it and who listens."""

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.events.base import Envelope, Event

EXCHANGE = {"name": "sanitation", "type": "topic", "durable": True}


def asyncapi(events: Mapping[str, type[Event]], consumed: Mapping[str, Collection[str]], version: str) -> dict[str, Any]:
    """`consumed`: the event types that each service takes. Whose an event is, the first part of its type says."""
    models: list[type[BaseModel]] = [Envelope, *(events[name] for name in sorted(events))]
    references, definitions = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Events of the sanitation suite",
            "version": version,
            "description": "CloudEvents 1.0, structured mode. An event is delivered at least once; its `id` tells a double.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {name: _channel(name) for name in sorted(events)},
        "operations": _operations(sorted(events), consumed),
        "components": {
            "messages": {name: _message(events[name], references[events[name], "validation"]) for name in sorted(events)},
            "schemas": definitions["$defs"],
        },
    }


def _channel(name: str) -> dict[str, Any]:
    return {
        "address": name,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": EXCHANGE}},
    }


def _message(event: type[Event], data: Mapping[str, Any]) -> dict[str, Any]:
    of_this_type = {
        "type": "object",
        "required": ["data"],
        "properties": {"type": {"const": event.type}, "data": dict(data)},
    }
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": " ".join((event.__doc__ or "").split()),
        "contentType": "application/cloudevents+json",
        "payload": {"allOf": [{"$ref": "#/components/schemas/Envelope"}, of_this_type]},
    }


def _operations(names: Collection[str], consumed: Mapping[str, Collection[str]]) -> dict[str, Any]:
    sent = {f"{publisher_of(name)}.sends.{name}": _operation("send", name) for name in names}
    taken = {
        f"{service}.takes.{name}": _operation("receive", name)
        for service in sorted(consumed)
        for name in sorted(consumed[service])
    }
    return sent | taken


def _operation(action: str, name: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "messages": [{"$ref": f"#/channels/{name}/messages/{name}"}],
    }


def publisher_of(event_type: str) -> str:
    """`vehicle.bin_lifted.v1` is the vehicle service's."""
    return event_type.partition(".")[0]
