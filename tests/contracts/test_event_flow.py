"""Who publishes what to whom: no event without a listener, no listener without an event, one document that says it all."""

import json
from typing import Any

import jsonschema_rs
import pytest
from promises import consumed, documents, events

from shared.asyncapi import asyncapi, publisher_of
from shared.events.base import wrap
from shared.events.vehicle import BinLifted, VehicleHeartbeat

LIFT = {
    "lift_id": "L-1",
    "vehicle_id": "T-1",
    "at": "2026-11-16T02:00:00Z",
    "received_at": "2026-11-16T02:00:03Z",
    "net_kg": 46,
}


def test_every_event_has_a_listener() -> None:
    """One that nobody takes is never confirmed and waits in the outbox for ever."""
    heard = set().union(*consumed().values())
    assert sorted(set(events()) - heard) == []


def test_every_listener_has_an_event() -> None:
    for service, types in consumed().items():
        assert sorted(types - set(events())) == [], f"{service} listens to what nobody can publish"


def test_every_event_is_named_after_its_publisher_and_version() -> None:
    for name, event in events().items():
        publisher, what, version = name.split(".")
        assert publisher == event.__module__.rpartition(".")[2], f"{name} stands in {event.__module__}"
        assert what.islower()
        assert version[0] == "v"
        assert version[1:].isdigit()


def test_every_publisher_says_that_it_lives() -> None:
    """The citywide view dates each part by it."""
    for publisher in {publisher_of(name) for name in events()}:
        assert f"{publisher}.alive.v1" in events()


@pytest.mark.parametrize("path", sorted(path for path in documents() if path.endswith(".json")))
def test_every_reference_of_a_document_leads_somewhere(path: str) -> None:
    document = json.loads(documents()[path])
    for reference in _references(document):
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_a_message_on_the_wire_fits_the_document() -> None:
    document = asyncapi({"vehicle.bin_lifted.v1": BinLifted}, {"route": ["vehicle.bin_lifted.v1"]}, "1")
    _, body = wrap(BinLifted.model_validate(LIFT), "vehicle")
    schema = document["components"]["messages"]["vehicle.bin_lifted.v1"]["payload"] | {"components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema)
    assert validator.is_valid(json.loads(body))
    assert not validator.is_valid(json.loads(body) | {"type": "vehicle.alive.v1"})
    assert not validator.is_valid({key: value for key, value in json.loads(body).items() if key != "data"})


def test_the_document_says_who_sends_and_who_listens() -> None:
    types = {"vehicle.bin_lifted.v1": BinLifted, "vehicle.alive.v1": VehicleHeartbeat}
    document = asyncapi(types, {"gateway": types, "route": ["vehicle.bin_lifted.v1"]}, "1")
    assert {name: operation["action"] for name, operation in document["operations"].items()} == {
        "vehicle.sends.vehicle.bin_lifted.v1": "send",
        "vehicle.sends.vehicle.alive.v1": "send",
        "gateway.takes.vehicle.bin_lifted.v1": "receive",
        "gateway.takes.vehicle.alive.v1": "receive",
        "route.takes.vehicle.bin_lifted.v1": "receive",
    }
    assert document["channels"]["vehicle.alive.v1"]["address"] == "vehicle.alive.v1"


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [found for value in node.values() for found in _references(value)]
    return [found for value in node for found in _references(value)] if isinstance(node, list) else []
