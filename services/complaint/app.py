"""The complaint service: service requests, Open311 outside, the 12345 workflow and its clocks inside."""

from fastapi import FastAPI

from services.complaint.api import complaints, figures, open311
from services.complaint.consumers import make_consumers
from services.complaint.encryption import ContactEncryption
from services.complaint.metrics import ComplaintMetrics
from services.complaint.schemas.figures import ComplaintImport
from services.complaint.service.snapshots import SNAPSHOTS
from services.complaint.tasks import ask_for_evidence, escalate, forget, show_figures
from shared.app import Service, build
from shared.bus import Bus
from shared.events.complaint import ComplaintHeartbeat
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    photo = settings.max_photo_bytes
    service = Service(
        name="complaint",
        title="Complaints: Open311, the 12345 workflow, evidence, figures",
        routers=[noun.router for noun in (complaints, figures, open311)],
        consumers=make_consumers(settings.zone),
        tasks=(ask_for_evidence, escalate, forget, show_figures),
        heartbeat=ComplaintHeartbeat,
        snapshots=SNAPSHOTS,
        read_by_hand=(ComplaintImport,),
        body_limits={
            "/v1/complaint-imports": settings.max_import_bytes,
            "/open311/v2/requests.json": photo,
            "/open311/v2/requests.xml": photo,
        },
        metrics=ComplaintMetrics,
    )
    app = build(service, settings, bus)
    app.state.encryption = ContactEncryption(settings)
    return app
