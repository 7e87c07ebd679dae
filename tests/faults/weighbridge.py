"""Weighbridges that go on weighing while things break, and a ledger of the tickets they were promised."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from asking import ask
from pydantic_core import from_json
from sqlalchemy import func, select, text

from services.transfer_station.tables.stock import MovementRow
from services.transfer_station.tables.tickets import TicketRow
from shared.auth import TokenSigner
from shared.db import Database
from shared.settings import Settings
from shared.vocabulary import Role

ENOUGH = 20
"""Tickets that must have been closed before what became of them says anything."""
TARE_KG = 8_000
STATION = {"name_zh": "站", "name_en": "Station", "lon": 121.4, "lat": 31.2, "capacity_kg": {"residual": 1_000_000_000}}


@dataclass
class TicketLedger:
    """Net kilograms by ticket: `attempted` to close, and `closed` with a 2xx."""

    attempted: dict[str, int] = field(default_factory=dict)
    closed: dict[str, int] = field(default_factory=dict)


class Weighbridges:
    """`scales` clients; each weighs one truck in and out after the other, and keeps asking until it is answered 2xx."""

    def __init__(self, url: Callable[[], str], signing: TokenSigner, station_id: str, *, scales: int = 6) -> None:
        self._url, self._station_id, self._scales = url, station_id, scales
        token = signing.issue(Role.ADMIN, timedelta(hours=1))[0]
        self._headers = {"Authorization": f"Bearer {token}"}
        self._began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
        self.ledger = TicketLedger()

    async def weigh(self, seconds: float) -> None:
        async with httpx.AsyncClient(timeout=10, headers=self._headers) as http:
            await self._ask(http, "PUT", f"/v1/stations/{self._station_id}", STATION)
            await asyncio.gather(*(self._scale(http, number, seconds) for number in range(self._scales)))

    async def _scale(self, http: httpx.AsyncClient, scale: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until, number = loop.time() + seconds, 0
        while loop.time() < until or len(self.ledger.closed) < ENOUGH:
            at, net_kg = self._began + timedelta(seconds=number * 10), 100 + number
            weighed = {
                "client_id": f"{scale}-{number}",
                "number": f"{scale}-{number}",
                "plate": f"沪F{scale:05}",
                "stream": "residual",
                "gross_kg": TARE_KG + net_kg,
                "at": at.isoformat(),
            }
            ticket = await self._ask(http, "POST", f"/v1/stations/{self._station_id}/weigh-ins", weighed)
            self.ledger.attempted[ticket["ticket_id"]] = net_kg
            out = {"tare_kg": TARE_KG, "at": (at + timedelta(seconds=5)).isoformat()}
            closed = await self._ask(http, "POST", f"/v1/tickets/{ticket['ticket_id']}/weigh-out", out)
            self.ledger.closed[ticket["ticket_id"]] = closed["net_kg"]
            number += 1

    async def _ask(self, http: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]) -> Any:
        return await ask(http, method, f"{self._url()}{path}", body)


@dataclass(frozen=True)
class FoundTickets:
    closed: dict[str, int]
    """Net kilograms by ticket, as the station holds them."""
    tickets: int
    stored_kg: int
    told: dict[str, int]
    """The same, as the gateway was told."""


async def found_tickets(settings: Settings, station_id: str) -> FoundTickets:
    station, gateway = Database(settings, "transfer_station"), Database(settings, "gateway")
    ticket, movement = TicketRow.__table__, MovementRow.__table__  # type: ignore[attr-defined]
    try:
        async with station.read() as session:
            rows = (
                await session.execute(
                    select(ticket.c.ticket_id, ticket.c.net_kg, ticket.c.status).where(ticket.c.station_id == station_id)
                )
            ).all()
            stored = await session.execute(select(func.sum(movement.c.kg)).where(movement.c.station_id == station_id))
            stored_kg = int(stored.scalar() or 0)
        async with gateway.read() as session:
            query = text("SELECT fact FROM city_site_fact WHERE site_id = :id AND type LIKE '%ticket_changed%'")
            facts = [row.fact for row in await session.execute(query, {"id": station_id})]
    finally:
        await station.close()
        await gateway.close()
    read = [from_json(fact) if isinstance(fact, str) else fact for fact in facts]
    told = {fact["ticket_id"]: fact["net_kg"] for fact in read if fact["status"] == "closed"}
    return FoundTickets({row.ticket_id: row.net_kg for row in rows if row.status == "closed"}, len(rows), stored_kg, told)


async def settled_tickets(settings: Settings, station_id: str, seconds: float = 60) -> FoundTickets:
    """What is found once the gateway has been told, or at the end of patience."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        state = await found_tickets(settings, station_id)
        if state.told == state.closed or loop.time() > deadline:
            return state
        await asyncio.sleep(0.5)
