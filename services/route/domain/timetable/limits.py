"""What an import accepts (`data/import_limits.json`)."""

from dataclasses import dataclass
from typing import Any

from shared.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLimits(Version):
    """`streams` and `kinds` give, for each code, the other words a city may use for it."""

    far_from_route_km: float
    far_from_route_times_median: float
    far_from_file_km: float
    route_median_min_stops: int
    file_median_min_stops: int
    same_place_m: float
    implausible_hop_km: float
    implausible_hop_kmh: float
    odd_place_km: float
    odd_place_times_usual: float
    latest_hour: int
    late_evening_hour: int
    early_morning_hour: int
    name_max_length: int
    code_max_length: int
    route_id_max_length: int
    expected_kg_max: int
    defaults: dict[str, Any]
    streams: dict[str, list[str]]
    kinds: dict[str, list[str]]
