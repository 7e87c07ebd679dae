"""The gateway: citywide view, live stream, console, credentials."""

from fastapi import FastAPI

from services.gateway.api import balance, city, cleanliness, credentials, districts, findings, flows
from services.gateway.consumers import make_consumers
from services.gateway.metrics import GatewayMetrics
from services.gateway.pages import pages
from services.gateway.schemas.city import DistrictImport
from services.gateway.service.live import Streams
from services.gateway.tasks import keep_balance, show_city
from shared.app import Service, build
from shared.auth import TokenSigner
from shared.bus import Bus
from shared.client import ApiClient
from shared.settings import Settings


def create_app(settings: Settings, bus: Bus) -> FastAPI:
    service = Service(
        name="gateway",
        title="Gateway: the citywide view",
        routers=[noun.router for noun in (city, cleanliness, balance, findings, flows, districts, credentials)],
        consumers=make_consumers(settings.zone),
        tasks=(show_city, keep_balance),
        metrics=GatewayMetrics,
        body_limits={"/v1/district-imports": settings.max_import_bytes},
        read_by_hand=(DistrictImport,),
    )
    app = build(service, settings, bus)
    app.router.routes.extend(pages())
    app.state.streams = Streams(settings.live_streams)
    app.state.signer = TokenSigner(settings.signing_key)
    app.state.vehicle_api = ApiClient(settings.url_of("vehicle"), timeout_seconds=3)
    app.state.route_api = ApiClient(settings.url_of("route"), timeout_seconds=3)
    return app
