"""The transfer_station service: weighbridge tickets in, containers out, stock and queue."""

from fastapi import FastAPI

from services.transfer_station.api import alarms, hauls, logs, stations, stock, tares, tickets, weighings
from services.transfer_station.consumers import make_consumers
from services.transfer_station.metrics import StationMetrics
from services.transfer_station.schemas.weighings import WeighingImport
from services.transfer_station.service.snapshots import SNAPSHOTS
from services.transfer_station.tasks import show_figures, tell_stocks, watch_queues
from shared.app import Service, build
from shared.bus import Bus
from shared.events.transfer_station import TransferStationHeartbeat
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    service = Service(
        name="transfer_station",
        title="Transfer stations: weighbridge tickets, hauls, stock",
        routers=[noun.router for noun in (stations, stock, logs, alarms, tickets, tares, hauls, weighings)],
        consumers=make_consumers(),
        tasks=(tell_stocks, watch_queues, show_figures),
        heartbeat=TransferStationHeartbeat,
        snapshots=SNAPSHOTS,
        body_limits={"/v1/weighing-imports": settings.max_import_bytes},
        read_by_hand=(WeighingImport,),
        metrics=StationMetrics,
    )
    return build(service, settings, bus)
