"""The incinerator service: plants, furnace lines, emissions, intake."""

from fastapi import FastAPI

from services.incinerator.api import dispatch_plans, emissions, exceedances, intakes, ledger, loggers, marks, plants, tonnage
from services.incinerator.consumers import make_consumers
from services.incinerator.listener import listen
from services.incinerator.metrics import IncineratorMetrics
from services.incinerator.schemas.intake import TonnageImport
from services.incinerator.service.snapshots import SNAPSHOTS
from services.incinerator.tasks import count_open, judge_emissions
from shared.app import Service, build
from shared.bus import Bus
from shared.events.incinerator import IncineratorHeartbeat
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    service = Service(
        name="incinerator",
        title="Incinerators: emissions, intake, ledger",
        routers=[
            noun.router for noun in (plants, loggers, marks, emissions, exceedances, intakes, ledger, dispatch_plans, tonnage)
        ],
        consumers=make_consumers(),
        tasks=(listen, judge_emissions, count_open),
        heartbeat=IncineratorHeartbeat,
        snapshots=SNAPSHOTS,
        body_limits={"/v1/tonnage-imports": settings.max_import_bytes},
        read_by_hand=(TonnageImport,),
        metrics=IncineratorMetrics,
    )
    return build(service, settings, bus)
