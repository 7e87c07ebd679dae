"""A fleet that sends while things break, and a ledger of what it was promised."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from mischief import VEHICLE
from sqlalchemy import func, select

from services.gateway.tables.city import CityVehicle
from services.gateway.tables.weighed import CityFlow
from services.route.tables.facts import VehicleProgress
from services.vehicle.tables.telemetry import BinLiftRow, PositionRow
from shared.auth import TokenSigner
from shared.db import Database
from shared.settings import Settings
from shared.vocabulary import Role

POSITIONS, LIFTS = 19, 1
BATCH = POSITIONS + LIFTS
LIFT_KG = 10
ENOUGH = 5000
"""Records that a fleet must have had taken before what became of them says anything."""
Key = tuple[str, datetime]


@dataclass
class Ledger:
    """`attempted`: sent at least once; `accepted`: answered 2xx. Both hold (vehicle, time) of positions and lifts."""

    attempted: set[Key] = field(default_factory=set)
    accepted: set[Key] = field(default_factory=set)
    answers: dict[str, int] = field(default_factory=dict)
    accepted_at: list[float] = field(default_factory=list)

    def count(self, answer: str) -> None:
        self.answers[answer] = self.answers.get(answer, 0) + 1


class Fleet:
    """`trucks` onboard units; together they post `rate` records a second and keep each batch until it is answered 2xx."""

    def __init__(self, url: Callable[[], str], signing: TokenSigner, prefix: str, *, trucks: int = 50, rate: int = 1000) -> None:
        self._url, self._rate = url, rate
        self.ids = [f"{prefix}-{n:03}" for n in range(trucks)]
        self._tokens = {i: signing.issue(Role.DEVICE, timedelta(hours=1), vehicle_ids=[i])[0] for i in self.ids}
        self.ledger = Ledger()
        self._began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=30)

    async def drive(self, seconds: float) -> None:
        """Send for so long, on a slow machine until ENOUGH is taken; every batch in hand is still delivered."""
        pause = len(self.ids) * BATCH / self._rate
        async with httpx.AsyncClient(timeout=10) as http:
            await asyncio.gather(*(self._truck(http, number, pause, seconds) for number in range(len(self.ids))))

    async def _truck(self, http: httpx.AsyncClient, number: int, pause: float, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        rng, until = random.Random(number), loop.time() + seconds
        await asyncio.sleep(pause * number / len(self.ids))
        batch = 0
        while loop.time() < until or len(self.ledger.accepted) < ENOUGH:
            due = loop.time() + pause
            await self._deliver(http, self.ids[number], self._records(batch, rng))
            batch += 1
            await asyncio.sleep(max(0, due - loop.time()))

    def _records(self, batch: int, rng: random.Random) -> list[dict[str, Any]]:
        times = [self._began + timedelta(milliseconds=(batch * BATCH + n) * 50) for n in range(BATCH)]
        lon, lat = 121.4 + rng.random() / 10, 31.1 + rng.random() / 10
        positions: list[dict[str, Any]] = [
            {"kind": "position", "at": at.isoformat(), "lon": lon, "lat": lat, "speed_kmh": 20, "ignition": True}
            for at in times[:POSITIONS]
        ]
        return [*positions, {"kind": "bin_lift", "at": times[-1].isoformat(), "net_kg": LIFT_KG, "tag": "B"}]

    async def _deliver(self, http: httpx.AsyncClient, vehicle_id: str, records: list[dict[str, Any]]) -> None:
        keys = {(vehicle_id, datetime.fromisoformat(record["at"])) for record in records}
        self.ledger.attempted |= keys
        async with asyncio.timeout(120):
            while True:
                try:
                    answer = await http.post(
                        f"{self._url()}/v1/telemetry",
                        json={"vehicle_id": vehicle_id, "records": records},
                        headers={"Authorization": f"Bearer {self._tokens[vehicle_id]}"},
                    )
                except httpx.HTTPError as error:
                    self.ledger.count(type(error).__name__)
                else:
                    self.ledger.count(str(answer.status_code))
                    if answer.status_code == httpx.codes.OK:
                        self.ledger.accepted |= keys
                        self.ledger.accepted_at.append(asyncio.get_running_loop().time())
                        return
                    assert answer.status_code in {502, 503, 504}, answer.text
                await asyncio.sleep(0.3)


@dataclass(frozen=True)
class Found:
    positions: int
    lifts: int
    keys: set[Key]
    route: tuple[int, int]
    gateway: tuple[int, int]
    weighed: int
    weighed_kg: int
    cut_off: int
    """Records of requests that did not arrive whole; there must be none."""


async def found(settings: Settings, prefix: str, before: tuple[int, int] = (0, 0)) -> Found:
    """What the three services hold of a fleet, read from their databases.

    `before`: lifts and kilograms that the city had counted already.
    """
    vehicle, route, gateway = (Database(settings, name) for name in ("vehicle", "route", "gateway"))
    like = f"{prefix}-%"
    position, lift, progress = PositionRow.__table__, BinLiftRow.__table__, VehicleProgress.__table__  # type: ignore[attr-defined]
    city = CityVehicle.__table__  # type: ignore[attr-defined]
    try:
        async with vehicle.read() as session:
            rows = (
                await session.execute(select(position.c.vehicle_id, position.c.at).where(position.c.vehicle_id.like(like)))
            ).all()
            lifts = (await session.execute(select(lift.c.vehicle_id, lift.c.at).where(lift.c.vehicle_id.like(like)))).all()
            counted = select(func.count()).select_from(lift).where(lift.c.vehicle_id == VEHICLE)
            cut_off = (await session.execute(counted)).scalar_one()
        async with route.read() as session:
            counts = select(func.sum(progress.c.records), func.sum(progress.c.lifts)).where(progress.c.vehicle_id.like(like))
            in_route = (await session.execute(counts)).one()
        async with gateway.read() as session:
            counts = select(func.sum(city.c.records), func.sum(city.c.lifts)).where(city.c.vehicle_id.like(like))
            in_gateway = (await session.execute(counts)).one()
            flow = CityFlow.__table__  # type: ignore[attr-defined]
            lifted = select(func.sum(flow.c.facts), func.sum(flow.c.net_kg))
            of_days = lifted.where(flow.c.stage == "lifted", flow.c.grain == "day")
            weighed, weighed_kg = (int(total or 0) for total in (await session.execute(of_days)).one())
    finally:
        for database in (vehicle, route, gateway):
            await database.close()
    keys = {(row[0], row[1]) for row in [*rows, *lifts]}
    route_counts, gateway_counts = ((int(row[0] or 0), int(row[1] or 0)) for row in (in_route, in_gateway))
    counts = weighed - before[0], weighed_kg - before[1]
    return Found(len(rows), len(lifts), keys, route_counts, gateway_counts, *counts, cut_off)


async def settled(settings: Settings, prefix: str, before: tuple[int, int], seconds: float = 90) -> Found:
    """What is found once the views have caught up with the store, or at the end of patience."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        state = await found(settings, prefix, before)
        wanted = (state.positions, state.lifts)
        if (state.route == wanted == state.gateway and state.weighed == state.lifts) or loop.time() > deadline:
            return state
        await asyncio.sleep(0.5)


def report(name: str, ledger: Ledger, state: Found, broken_at: float, recovered_view_s: float) -> str:
    """One line: attempted / accepted / found / lost / duplicated / seconds to recover."""
    lost = len(ledger.accepted - state.keys)
    doubled = state.positions + state.lifts - len(state.keys)
    counted_again = max(0, state.route[0] - state.positions) + max(0, state.gateway[0] - state.positions)
    after = [at - broken_at for at in ledger.accepted_at if at > broken_at]
    gaps = [b - a for a, b in zip([0.0, *after], after, strict=False)]
    return (
        f"{name}: attempted {len(ledger.attempted)} / accepted {len(ledger.accepted)} / found {len(state.keys)} / lost {lost} / "
        f"duplicated {doubled + counted_again} / longest silence {max(gaps, default=0):.1f} s / "
        f"{state.weighed_kg} of {state.lifts * LIFT_KG} kg in the flows / "
        f"views caught up {recovered_view_s:.1f} s after the last answer / answers {ledger.answers}"
    )
