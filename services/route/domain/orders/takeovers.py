"""What another truck takes over of a run."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.route.domain.judging.findings import SERVED
from services.route.domain.judging.handover import Handover
from services.route.domain.stops import Stop


def may_move(stop: Stop, now: datetime, reach: timedelta) -> bool:
    """Whether nobody has served it or ruled on it, and a truck coming now could still serve it: `reach` after its time."""
    return stop.verdict not in SERVED and stop.ruling is None and now <= stop.planned_at + reach


def handovers_of(stops: Sequence[Stop], at: datetime) -> list[Handover]:
    """These stops, as they were, are another truck's from now on."""
    return [
        Handover(
            stop_id=stop.stop_id,
            vehicle_id=stop.vehicle_id,
            contractor_id=stop.contractor_id,
            service_day=stop.service_day,
            planned_at=stop.planned_at,
            at=at,
        )
        for stop in stops
        if stop.vehicle_id is not None
    ]
