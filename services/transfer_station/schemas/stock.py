"""Bodies of stock-takings and named losses."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.transfer_station.domain.stock import StockEntry
from services.transfer_station.schemas.fields import StockKilograms
from shared.bodies import Answer, Body, Happened, Id, Name, Note
from shared.vocabulary import WasteStream

StockKind = Literal["stock_taking", "residue", "moisture_loss"]


class StockBody(Body):
    """`stock_taking`: `kg` is what was there; `residue`, `moisture_loss`: `kg` went away unweighed. `client_id`: the station's
    own id of this entry; the same one again changes nothing."""

    client_id: Id
    stream: WasteStream
    kind: StockKind = "stock_taking"
    kg: StockKilograms
    at: Happened
    person: Name
    reason: Annotated[Note, Field(min_length=1)]


class StockAnswer(Answer):
    """`correction_kg`: what it changed in the books as they are known now; late tickets change it."""

    entry_id: str
    station_id: str
    stream: str
    kind: str
    kg: int
    correction_kg: int
    at: datetime
    person: str
    reason: str
    recorded_at: datetime

    @classmethod
    def of(cls, entry: StockEntry, correction_kg: int) -> "StockAnswer":
        return cls(**asdict(entry), correction_kg=correction_kg)
