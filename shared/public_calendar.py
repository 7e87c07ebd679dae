"""The public calendar that ships with the suite (`data/calendar.json`): the State Council's notices."""

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from shared.calendar import SpecialDay

FILE = Path(__file__).parent / "data" / "calendar.json"


@cache
def public_calendar() -> dict[date, SpecialDay]:
    special_days: dict[date, SpecialDay] = {}
    for entry in json.loads(FILE.read_text(encoding="utf-8"))["days"]:
        day, last = date.fromisoformat(entry["from"]), date.fromisoformat(entry["to"])
        while day <= last:
            special_days[day] = SpecialDay(day=day, kind=entry["kind"], name_zh=entry["name_zh"], name_en=entry["name_en"])
            day += timedelta(days=1)
    return special_days
