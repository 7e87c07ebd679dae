"""What this city says of a day, over the shipped calendar."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.calendar import SpecialDay


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDay:
    day: date
    kind: str
    name_zh: str
    name_en: str
    said_at: datetime

    @property
    def special(self) -> SpecialDay:
        return SpecialDay(day=self.day, kind=self.kind, name_zh=self.name_zh, name_en=self.name_en)
