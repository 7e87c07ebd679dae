"""A stop, a run and an order as they are recorded, for tests to change one thing of."""

from datetime import UTC, date, datetime, timedelta

from services.route.domain.orders.dispatch import DispatchOrder, NoDetails
from services.route.domain.runs import Run
from services.route.domain.stops import Stop
from shared.vocabulary import OrderKind, Task, WasteStream

EVENING = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)  # 18:00 in Shanghai
DAY = date(2026, 11, 16)


def at(minutes: float) -> datetime:
    return EVENING + timedelta(minutes=minutes)


STOP = Stop(
    stop_id="2026-11-16:R1:1",
    run_id="2026-11-16:R1",
    service_day=DAY,
    vehicle_id="T-001",
    contractor_id="K-1",
    district_id="310104",
    seq=1,
    key="1",
    service_point_id="SP-1",
    name="a",
    lon=121.4365,
    lat=31.1885,
    stream=WasteStream.RESIDUAL,
    planned_at=at(0),
    window_start=at(-10),
    window_end=at(30),
    deadline=at(60),
)
RUN = Run(
    run_id="2026-11-16:R1",
    route_id="R1",
    name="Round 1",
    service_day=DAY,
    vehicle_id="T-001",
    contractor_id="K-1",
    district_id="310104",
    stream=WasteStream.RESIDUAL,
    task=Task.COLLECTION,
    stop_count=3,
    begins_at=at(-10),
    created_at=at(-600),
)
ORDER = DispatchOrder(
    order_id="O-1",
    revision=1,
    kind=OrderKind.MESSAGE,
    vehicle_id="T-001",
    district_id="310104",
    contractor_id="K-1",
    given_at=at(0),
    given_by="D-1",
    due_at=at(30),
    text="come back",
    details=NoDetails(),
    complaint_id=None,
    status_at=at(0),
)
