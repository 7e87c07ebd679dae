"""The vehicle service: trucks, onboard units, positions, bin lifts, onboard weighing, alerts."""

from collections.abc import Sequence
from typing import cast

from fastapi import FastAPI

from services.vehicle.api import alerts, geofences, reports, telemetry, tracks, vehicles
from services.vehicle.consumers import make_consumers
from services.vehicle.metrics import VehicleMetrics
from services.vehicle.schemas.imports import VehicleImport
from services.vehicle.schemas.telemetry import TelemetryAnswer, TelemetryBatch
from services.vehicle.service.arrivals import Batch
from services.vehicle.service.ingest import Tally, record_telemetry
from services.vehicle.service.snapshots import SNAPSHOTS
from services.vehicle.tasks import keep_partitions, watch_silence
from shared.app import Resources, Service, build
from shared.bus import Bus
from shared.clock import monotonic
from shared.errors import TooBusy
from shared.events.vehicle import VehicleHeartbeat
from shared.group_commit import GroupCommit
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    service = Service(
        name="vehicle",
        title="Vehicles: telemetry, tracks, alerts",
        routers=[noun.router for noun in (telemetry, vehicles, tracks, alerts, reports, geofences)],
        consumers=make_consumers(),
        tasks=(watch_silence, keep_partitions),
        heartbeat=VehicleHeartbeat,
        snapshots=SNAPSHOTS,
        read_by_hand=(TelemetryBatch, VehicleImport),
        body_limits={
            "/v1/vehicle-imports": settings.max_import_bytes,
            "/v1/driver-reports/photos": settings.max_photo_bytes,
        },
        metrics=VehicleMetrics,
    )
    app = build(service, settings, bus)
    app.state.ingest = _ingest(app.state.resources)
    return app


def _ingest(resources: Resources) -> GroupCommit[Batch, TelemetryAnswer]:
    """Batches that come together are stored together, by `service/ingest.py::record_telemetry`."""

    async def commit(batches: Sequence[Batch]) -> list[TelemetryAnswer]:
        if resources.relay.backlog > resources.settings.outbox_room:
            raise TooBusy("the message broker has been away too long; nothing was stored, keep the records and send again")
        tally, began = Tally(), monotonic()
        async with resources.database.transaction() as session:
            answers = await record_telemetry(session, batches, settings.zone, tally)
        metrics.count(tally, monotonic() - began)
        return answers

    settings, metrics = resources.settings, cast("VehicleMetrics", resources.metrics)
    return GroupCommit(
        commit, lambda batch: len(batch.records), seconds=settings.group_commit_seconds, most=settings.group_commit_records
    )
