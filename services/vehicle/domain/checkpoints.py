"""What the rules of alerts remembered when a service day began: late data is judged again from there, not from the beginning."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from services.vehicle.domain.motion import Motion
from services.vehicle.domain.scales import Scales


@dataclass(frozen=True, slots=True)
class MotionCheckpoint:
    fold: ClassVar = "motion"

    vehicle_id: str
    day: date
    state: Motion


@dataclass(frozen=True, slots=True)
class ScalesCheckpoint:
    fold: ClassVar = "scales"

    vehicle_id: str
    day: date
    state: Scales
