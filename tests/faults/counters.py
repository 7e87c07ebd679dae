"""Three counters at which people keep handing things in while things break: a hotline, inspectors, a plant's weighbridge."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

import httpx
from asking import ask
from sqlalchemy import text

from services.evaluation import rulebooks
from shared.auth import TokenSigner
from shared.clock import city_day
from shared.db import Database
from shared.settings import Settings
from shared.vocabulary import Role

NET_KG = 10_000
ROAD = [item.code for item in rulebooks.CHECKLISTS.on(city_day(datetime.now(UTC))).checklists["road"].items]
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)


class Ask(Protocol):
    async def __call__(self, method: str, path: str, body: dict[str, Any]) -> Any: ...


@dataclass(frozen=True)
class Counter:
    """`hand_in` hands in what is called n, again until it is taken. `stored`, `told`: queries of ids, in service and gateway."""

    service: str
    furnish: Callable[[Ask], Any]
    hand_in: Callable[[Ask, str], Any]
    stored: str
    told: str
    kilograms: str | None = None
    """A query of the gateway: what it counts of them."""


async def _open_area(ask: Ask) -> None:
    await ask("PUT", "/v1/areas/310104003", {"name_zh": "徐家汇街道", "name_en": "Xujiahui", "residents": 100_000})
    place = {"area_id": "310104003", "place_type": "road", "name": "漕溪路", "lon": 121.4, "lat": 31.2}
    await ask("PUT", "/v1/places/P-1", place)


async def _inspect(ask: Ask, n: str) -> str:
    seen = {"client_id": n, "place_id": "P-1", "checklist": "road", "at": BEGAN.isoformat()}
    answers = {code: "fail" if code == ROAD[0] else "pass" for code in ROAD}
    answer = await ask("POST", "/v1/inspection-batches", {"person": "王巡查", "inspections": [seen | {"answers": answers}]})
    [finding_id] = answer["items"][0]["finding_ids"]
    return str(finding_id)


async def _nothing_to_furnish(_: Ask) -> None:
    return None


async def _complain(ask: Ask, n: str) -> str:
    body = {"category": "bin_overflow", "description": n, "district_id": "310104003", "client_id": n}
    return str((await ask("POST", "/v1/complaints", body))["case_id"])


async def _open_plant(ask: Ask) -> None:
    lines = [{"line_id": "L-1", "name": "1#"}]
    plant = {"name_zh": "厂", "name_en": "Plant", "lon": 121.8, "lat": 31.0, "bunker_capacity_kg": 1_000_000_000, "lines": lines}
    await ask("PUT", "/v1/plants/P-1", plant)


async def _weigh(ask: Ask, n: str) -> str:
    full = {"client_id": n, "plate": "沪A12345", "gross_kg": NET_KG + 8_000, "at": BEGAN.isoformat()}
    ticket = await ask("POST", "/v1/plants/P-1/weigh-ins", full)
    await ask("POST", f"/v1/intakes/{ticket['ticket_id']}/weigh-out", {"tare_kg": 8_000, "at": BEGAN.isoformat()})
    return str(ticket["ticket_id"])


COMPLAINTS = Counter(
    "complaint",
    _nothing_to_furnish,
    _complain,
    "SELECT case_id FROM complaint_case WHERE description LIKE :like",
    "SELECT complaint_id FROM city_complaint",
)
INSPECTIONS = Counter(
    "evaluation",
    _open_area,
    _inspect,
    "SELECT finding_id FROM finding JOIN inspection USING (inspection_id) WHERE client_id LIKE :like",
    "SELECT finding_id FROM city_inspection_finding",
)
INTAKES = Counter(
    "incinerator",
    _open_plant,
    _weigh,
    "SELECT ticket_id FROM intake_ticket WHERE client_id LIKE :like AND status = 'closed'",
    "SELECT ticket_id FROM city_tip WHERE status = 'closed'",
    "SELECT sum(net_kg) FROM city_flow WHERE site_id = 'P-1' AND stage = 'tipped' AND grain = 'day'",
)


@dataclass
class Taken:
    attempted: int = 0
    ids: list[str] = field(default_factory=list)
    """Of what was answered 2xx."""


ENOUGH = 20
"""Things that must have been taken before what became of them says anything."""


class Clients:
    """`many` clients; each hands in one thing after the other, and keeps asking until it is answered 2xx."""

    def __init__(self, counter: Counter, url: Callable[[], str], signing: TokenSigner, prefix: str, *, many: int = 4) -> None:
        self._counter, self._url, self._prefix, self._many = counter, url, prefix, many
        self._headers = {"Authorization": f"Bearer {signing.issue(Role.ADMIN, timedelta(hours=1))[0]}"}
        self.taken = Taken()

    async def hand_in(self, seconds: float) -> None:
        async with httpx.AsyncClient(timeout=10, headers=self._headers) as http:
            ask = partial(self._ask, http)
            await self._counter.furnish(ask)
            await asyncio.gather(*(self._client(ask, number, seconds) for number in range(self._many)))

    async def _client(self, ask: Ask, client: int, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        until, number = loop.time() + seconds, 0
        while loop.time() < until or len(self.taken.ids) < ENOUGH:
            self.taken.attempted += 1
            self.taken.ids.append(await self._counter.hand_in(ask, f"{self._prefix}-{client}-{number}"))
            number += 1

    async def _ask(self, http: httpx.AsyncClient, method: str, path: str, body: dict[str, Any]) -> Any:
        return await ask(http, method, f"{self._url()}{path}", body)


@dataclass(frozen=True)
class Stored:
    ids: list[str]
    told: set[str]
    kilograms: int

    @classmethod
    async def now(cls, settings: Settings, counter: Counter, prefix: str) -> "Stored":
        service, gateway = Database(settings, counter.service), Database(settings, "gateway")
        try:
            async with service.read() as session:
                ids = list((await session.execute(text(counter.stored), {"like": f"{prefix}-%"})).scalars())
            async with gateway.read() as session:
                told = set((await session.execute(text(counter.told))).scalars())
                counted = await session.execute(text(counter.kilograms or "SELECT 0"))
                return cls(ids, told & set(ids), int(counted.scalar() or 0))
        finally:
            await service.close()
            await gateway.close()

    @classmethod
    async def at_rest(cls, settings: Settings, counter: Counter, prefix: str, wanted_kg: int) -> "Stored":
        """What is found once the gateway has been told all, or at the end of patience."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 60
        while True:
            state = await cls.now(settings, counter, prefix)
            if (state.told == set(state.ids) and state.kilograms == wanted_kg) or loop.time() > deadline:
                return state
            await asyncio.sleep(0.5)
