"""Names that look the same are the same; a name with something that nobody sees is refused."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from services.complaint.schemas.complaints import ComplaintBody
from services.incinerator.schemas.intake import WeighIn as PlantWeighIn
from services.transfer_station.domain.weights import plate_key
from services.transfer_station.schemas.tickets import WeighIn
from services.vehicle.schemas.telemetry import RECORD
from services.vehicle.schemas.vehicles import VehicleEntry
from shared.bodies import Code, Name
from shared.names import clean_name
from shared.tables_in import cells

INVISIBLE = [
    "\u202e",
    "\u200b",
    "\u2066",
    "\u2069",
    "\ufeff",
    "\u00ad",
    "\u200d",
    "\u3164",
    "\u2800",
    "\ufe0f",
    "\x00",
    "\u2028",
    "\ud800",
]


@pytest.mark.parametrize("character", INVISIBLE)
@pytest.mark.parametrize("kind", [Name, Code])
def test_a_name_with_an_invisible_character_is_refused(kind: Any, character: str) -> None:
    for text in (f"沪A1{character}2345", f"{character}沪A12345", f"沪A12345{character}", f"A{character}1", character):
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(text)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("沪Ａ１２３４５", "沪A12345"),
        ("  忠義街　 1號 ", "忠義街 1號"),
        ("ｶﾞ", "ガ"),
        ("e\u0301", "é"),
        ("沪A·12345", "沪A·12345"),
        ("E2801160", "E2801160"),
        ("O'Neill & Söhne", "O'Neill & Söhne"),
    ],
)
def test_names_that_look_the_same_are_the_same(typed: str, name: str) -> None:
    assert clean_name(typed) == name
    assert clean_name(name) == name


@pytest.mark.parametrize("text", ["", " ", "\u3000\u00a0"])
def test_a_name_holds_something_to_see(text: str) -> None:
    with pytest.raises(ValueError, match="can be seen"):
        clean_name(text)


def test_a_plate_in_full_width_letters_is_that_plate() -> None:
    assert VehicleEntry(vehicle_id="T-1", plate="沪Ａ１２３４５").plate == "沪A12345"
    assert plate_key("沪Ａ·１２３４５") == plate_key("沪a 12345")


@pytest.mark.parametrize("model", [WeighIn, PlantWeighIn, ComplaintBody, VehicleEntry])
def test_every_body_refuses_names_that_turn_the_writing_round(model: Any) -> None:
    """Whatever text fields a body has that are names."""
    names = [name for name, field in model.model_fields.items() if "clean_name" in repr(field)]
    assert names
    for name in names:
        with pytest.raises(ValidationError) as refused:
            model.model_validate({name: "沪A\u202e54321"})
        assert any(error["loc"] == (name,) and "U+202E" in error["msg"] for error in refused.value.errors())


def test_a_tag_from_a_device_is_normalised_and_held_to_the_same() -> None:
    lift = {"kind": "bin_lift", "at": "2026-11-16T02:00:00Z", "net_kg": 4}
    assert RECORD.validate_python(lift | {"tag": "Ｅ２８０", "at": "2026-11-16T02:00:00Z"}, strict=False).tag == "E280"  # type: ignore[union-attr]
    with pytest.raises(ValidationError):
        RECORD.validate_python(lift | {"tag": "E2\u200b80"}, strict=False)


def test_an_imported_name_is_normalised_and_none_turns_the_writing_round() -> None:
    assert cells.clean_text("Ｒ１ 忠義街", 200) == "R1 忠義街"
    with pytest.raises(cells.BadCell, match=r"U\+202E"):
        cells.clean_text("忠義街\u202e1", 200)
