"""Adding an optional field keeps .v1; whatever else changes breaks somebody and is refused."""

import copy
from typing import Any

import pytest
from event_changes import breaking
from promises import events
from update import broken_promises

from shared.events.vehicle import BinLifted, TelemetryRecorded

LIFTED, RECORDED = BinLifted.model_json_schema(), TelemetryRecorded.model_json_schema()


def changed(schema: dict[str, Any]) -> dict[str, Any]:
    return copy.deepcopy(schema)


def test_nothing_changed_breaks_nothing() -> None:
    for event in events().values():
        assert breaking(event.model_json_schema(), event.model_json_schema()) == []


def test_a_new_optional_field_breaks_nobody() -> None:
    new = changed(LIFTED)
    new["properties"]["driver_id"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert breaking(LIFTED, new) == []


def test_a_new_optional_field_deep_inside_breaks_nobody() -> None:
    new = changed(RECORDED)
    new["$defs"]["Position"]["properties"]["hdop"] = {"type": "number", "default": 0}
    assert breaking(RECORDED, new) == []


def test_words_for_people_may_change() -> None:
    new = changed(LIFTED) | {"description": "A bin was emptied.", "title": "Lifted"}
    new["properties"]["net_kg"]["title"] = "Net weight"
    assert breaking(LIFTED, new) == []


def test_a_new_required_field_breaks() -> None:
    new = changed(LIFTED)
    new["properties"]["driver_id"] = {"type": "string"}
    new["required"].append("driver_id")
    assert breaking(LIFTED, new) == ["data.driver_id: new and required"]


def test_a_removed_field_breaks() -> None:
    new = changed(LIFTED)
    del new["properties"]["tag"]
    assert breaking(LIFTED, new) == ["data.tag: removed"]


def test_another_type_breaks() -> None:
    new = changed(LIFTED)
    new["properties"]["net_kg"]["type"] = "number"
    assert breaking(LIFTED, new) == ["data.net_kg: type was 'integer', is 'number'"]


def test_another_type_deep_inside_breaks() -> None:
    new = changed(RECORDED)
    new["$defs"]["Load"]["properties"]["load_kg"]["type"] = "string"
    assert breaking(RECORDED, new) == ["data.tracks.items.loads.items.load_kg: type was 'integer', is 'string'"]


@pytest.mark.parametrize(("required", "says"), [(True, "is required now"), (False, "is no longer always there")])
def test_a_field_that_turns_required_or_optional_breaks(required: bool, says: str) -> None:
    new = changed(LIFTED)
    name = "tag" if required else "net_kg"
    new["required"] = [*new["required"], "tag"] if required else [n for n in new["required"] if n != "net_kg"]
    assert breaking(LIFTED, new) == [f"data.{name}: {says}"]


def test_another_word_of_a_vocabulary_breaks() -> None:
    """A consumer of yesterday refuses a word it does not know."""
    registered = events()["vehicle.registered.v1"].model_json_schema()
    new = changed(registered)
    new["$defs"]["VehicleKind"]["enum"].append("drone")
    assert any("enum" in change for change in breaking(registered, new))


def test_null_where_there_was_none_breaks() -> None:
    new = changed(LIFTED)
    new["properties"]["net_kg"] = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert breaking(LIFTED, new)


def test_an_event_that_is_gone_breaks() -> None:
    assert broken_promises({"events/a.b.v1.json": "{}"}, {}) == [
        "events/a.b.v1.json: the event is gone, and somebody may listen to it"
    ]


def test_a_changed_endpoint_is_no_event() -> None:
    assert broken_promises({"openapi/vehicle.json": "{}"}, {"openapi/vehicle.json": '{"a": 1}'}) == []
