"""Bodies of an import of vehicles."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from services.vehicle.schemas.vehicles import VehicleEntry
from shared.bodies import Answer, Name
from shared.tables_in.bodies import Content, TableOptions

VehicleField = Literal[
    "vehicle_id",
    "plate",
    "kind",
    "waste_streams",
    "tare_kg",
    "capacity_kg",
    "contractor_id",
    "district_id",
    "onboard_unit_id",
]


class VehicleImport(TableOptions):
    """Either `vehicles`, refused as a whole if one of them is wrong, or `content`: a file whose every row has a fate. Its
    columns are named as the fields, or by `mapping`: our field → the file's column. Streams are separated by ; or |."""

    content: Content | None = None
    vehicles: Annotated[list[VehicleEntry], Field(min_length=1, max_length=20_000)] | None = None
    mapping: Annotated[dict[VehicleField, Name], Field(max_length=20)] = {}

    @model_validator(mode="after")
    def _one_of_both(self) -> "VehicleImport":
        if (self.content is None) == (self.vehicles is None):
            raise ValueError("send either `vehicles` or a file as `content`")
        return self


class RejectedVehicle(Answer):
    """`row`: 1-based, the header not counted."""

    row: int
    vehicle_id: str | None
    code: str
    detail: str


class ImportAnswer(Answer):
    """rows = created + updated + unchanged + rejected. `ignored_columns`: of the file, that no field is called so."""

    created: int
    updated: int
    unchanged: int
    rejected: list[RejectedVehicle] = []
    ignored_columns: list[str] = []
