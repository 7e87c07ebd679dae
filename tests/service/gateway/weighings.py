"""What is weighed on a made-up day: bins lifted, trucks weighed at a station, hauls weighed by station and plant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
from happenings import DAY, TEN, TIANPING, registered

from services.gateway.service import balance
from shared.clock import frozen, monotonic
from shared.events.base import Event
from shared.events.incinerator import IntakeChanged
from shared.events.transfer_station import HaulChanged, WeighbridgeTicketChanged
from shared.events.vehicle import BinLifted
from shared.setting_aside import SetAside
from shared.testing import City
from shared.vocabulary import Role

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Weighings:
    """Of one truck and one station on a day of their own; minutes are counted from ten o'clock."""

    name: str = "1"
    days: int = 0
    ends: list[Event] = field(default_factory=list)

    @property
    def truck(self) -> str:
        return f"T-{self.name}"

    @property
    def day(self) -> str:
        return str(DAY + timedelta(days=self.days))

    def at(self, minutes: float) -> datetime:
        return TEN + timedelta(days=self.days, minutes=minutes)

    def registered(self, **more: Any) -> Event:
        return registered(self.truck, **more)

    def lift(self, minutes: float, net_kg: int, **more: Any) -> BinLifted:
        at = self.at(minutes)
        own = {
            "lift_id": f"{self.truck}@{self.days}+{minutes}",
            "vehicle_id": self.truck,
            "at": at,
            "received_at": at,
            "net_kg": net_kg,
        }
        return BinLifted.model_validate(own | more)

    def lifts(self, minutes: float, *net_kg: int) -> list[Event]:
        """One a minute."""
        return [self.lift(minutes + n, kg) for n, kg in enumerate(net_kg)]

    def ticket(self, number: str, minutes: float, net_kg: int, revision: int = 1, **more: Any) -> WeighbridgeTicketChanged:
        """Closed, weighed in at that minute; whatever the field, `more` says it otherwise."""
        own = {
            "ticket_id": f"{self.name}-{number}",
            "revision": revision,
            "station_id": f"S-{self.name}",
            "number": number,
            "vehicle_id": self.truck,
            "plate": f"沪A{self.truck}",
            "district_id": TIANPING,
            "stream": "residual",
            "status": "closed",
            "gross_kg": 12_000 + net_kg,
            "tare_kg": 12_000,
            "net_kg": net_kg,
            "tare_source": "weighed",
            "weighed_in_at": self.at(minutes),
            "weighed_out_at": self.at(minutes + 10),
            "changed_at": self.at(minutes + 10),
        }
        return WeighbridgeTicketChanged.model_validate(own | more)

    def haul(self, number: str, minutes: float, net_kg: int, revision: int = 1, **more: Any) -> HaulChanged:
        own = {
            "haul_id": f"H-{self.name}-{number}",
            "revision": revision,
            "station_id": f"S-{self.name}",
            "container_id": "C-1",
            "seal_number": f"F-{number}",
            "stream": "residual",
            "net_kg": net_kg,
            "origins": {TIANPING: net_kg},
            "destination_plant_id": "P-1",
            "plate": "沪B1",
            "status": "left",
            "sealed_at": self.at(minutes),
            "left_at": self.at(minutes),
            "changed_at": self.at(minutes),
        }
        return HaulChanged.model_validate(own | more)

    def intake(self, number: str, minutes: float, net_kg: int, haul: str | None, **more: Any) -> IntakeChanged:
        own = {
            "ticket_id": f"I-{self.name}-{number}",
            "revision": 1,
            "plant_id": "P-1",
            "plate": "沪B1",
            "stream": "residual",
            "haul_id": f"H-{self.name}-{haul}" if haul else None,
            "status": "closed",
            "gross_kg": 15_000 + net_kg,
            "tare_kg": 15_000,
            "net_kg": net_kg,
            "arrived_at": self.at(minutes),
            "left_at": self.at(minutes + 20),
            "changed_at": self.at(minutes + 20),
        }
        return IntakeChanged.model_validate(own | more)


async def worked_out(city: City) -> None:
    """Every event has been taken, and the balance is at rest."""
    deadline = monotonic() + PATIENCE_SECONDS
    database, zone = city.apps["gateway"].state.resources.database, city.settings.zone
    await city.settle()
    at_rest = False
    while not at_rest:
        assert monotonic() < deadline, "the balance does not come to rest"
        async with database.transaction() as session:
            await balance.work(session, zone, 1000, SetAside("balance"))
        async with database.read() as session:
            at_rest = await balance.at_rest(session)  # what the service's own worker holds is still on the list


@asynccontextmanager
async def watched_at(city: City, at: datetime) -> AsyncIterator[httpx.AsyncClient]:
    """Time has passed, and the balance has noticed; a dispatcher of that time."""
    with frozen(at):
        async with city.apps["gateway"].state.resources.database.transaction() as session:
            await balance.watch(session)
        await worked_out(city)
        async with city.client(Role.DISPATCHER) as client:
            yield client


async def answered(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stream_of(client: httpx.AsyncClient, day: str, stream: str = "residual") -> dict[str, Any]:
    """The stream's balance of the day, checked to close."""
    found = await answered(client, "/v1/balance", day=day)
    for each in found["streams"]:
        on_board = each["on_board_end_kg"] - each["on_board_start_kg"]
        assert each["lifted_kg"] == each["tipped_kg"] + on_board + each["residue_kg"]
        assert each["residue_kg"] == sum(part["net_kg"] for part in each["residue"])
    of_stream: dict[str, Any] = next(each for each in found["streams"] if each["stream"] == stream)
    return of_stream | {"residue": {part["name"]: part["net_kg"] for part in of_stream["residue"]}}


async def findings_of(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await answered(client, "/v1/balance/findings", **params))["items"]
    return items
