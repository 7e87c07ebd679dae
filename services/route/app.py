"""The route service: timetables, daily runs, and what became of every stop."""

from fastapi import FastAPI

from services.route.api import evidence, orders, progress, runs, sections, timetable
from services.route.consumers import make_consumers
from services.route.metrics import RouteMetrics
from services.route.schemas.sections import SectionImport
from services.route.schemas.timetables import TimetableImport
from services.route.service.snapshots import SNAPSHOTS
from services.route.tasks import count_overdue, judge_stops, plan_ahead
from shared.app import Service, build
from shared.bus import Bus
from shared.events.route import RouteHeartbeat
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    service = Service(
        name="route",
        title="Routes: timetables, runs, stop verdicts",
        routers=[noun.router for noun in (timetable, sections, runs, progress, evidence, orders)],
        consumers=make_consumers(settings.zone),
        tasks=(plan_ahead, judge_stops, count_overdue),
        heartbeat=RouteHeartbeat,
        snapshots=SNAPSHOTS,
        body_limits={"/v1/timetable-imports": settings.max_import_bytes, "/v1/section-imports": settings.max_import_bytes},
        metrics=RouteMetrics,
        read_by_hand=(TimetableImport, SectionImport),
    )
    return build(service, settings, bus)
