"""What goes on beside requests: the city is counted for monitoring."""

import asyncio
from typing import cast

from services.gateway.metrics import GatewayMetrics
from services.gateway.service.counting import count_city
from shared.app import Resources

COUNT_SECONDS = 15.0


async def show_city(resources: Resources) -> None:
    """In every replica: whichever is asked answers the same."""
    metrics = cast("GatewayMetrics", resources.metrics)
    while True:
        async with resources.database.read() as session:
            metrics.show(await count_city(session, resources.settings.zone))
        await asyncio.sleep(COUNT_SECONDS)
