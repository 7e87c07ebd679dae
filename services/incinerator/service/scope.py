"""Which plants a bearer sees: a station operator the plants its token names (all of them when it names none)."""

from sqlalchemy.ext.asyncio import AsyncSession

from services.incinerator.store import plants
from services.incinerator.tables import FurnaceLine, Plant
from shared.auth import Principal
from shared.errors import NotFound
from shared.vocabulary import Role


def seen_plants(principal: Principal) -> frozenset[str] | None:
    """None: all."""
    bound = principal.role is Role.STATION_OPERATOR and bool(principal.station_ids)
    return principal.station_ids if bound else None


async def require_plant(session: AsyncSession, principal: Principal, plant_id: str) -> Plant:
    seen = seen_plants(principal)
    plant = await plants.plant(session, plant_id) if seen is None or plant_id in seen else None
    if plant is None:
        raise NotFound("no such plant")
    return plant


async def require_line(session: AsyncSession, principal: Principal, line_id: str) -> FurnaceLine:
    seen, line = seen_plants(principal), await plants.line(session, line_id)
    if line is None or not (seen is None or line.plant_id in seen):
        raise NotFound("no such furnace line")
    return line
