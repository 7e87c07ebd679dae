"""Which plants a bearer sees: a plant is a station, and a station operator sees those its token names."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.domain.plants import FurnaceLine, Plant
from services.incinerator.store import plants
from shared.auth import Principal
from shared.errors import NotFound


async def require_plant(session: AsyncSession, principal: Principal, plant_id: str) -> Plant:
    plant = await plants.plant(session, plant_id)
    if plant is None or not principal.sees(station_id=plant_id):
        raise NotFound("no such plant")
    return plant


async def require_line(session: AsyncSession, principal: Principal, line_id: str) -> FurnaceLine:
    line = await plants.line(session, line_id)
    if line is None or not principal.sees(station_id=line.plant_id):
        raise NotFound("no such furnace line")
    return line
