"""How much of a stream a district may send to weighbridges in a month."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.vocabulary import WasteStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """`month`: its first day. `source`: the order that says so."""

    month: date
    district_id: str
    stream: WasteStream
    quota_kg: int
    source: str
    changed_at: datetime
