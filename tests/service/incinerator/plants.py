"""What tests of the incinerator service share: a plant with two lines, a data logger, waiting for the judge."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from services.incinerator.domain.hj212 import CrcVariant, Frame, Message, Stream, encode, parse, segment
from services.incinerator.store import emissions
from shared.clock import monotonic, now
from shared.testing import City
from shared.vocabulary import Role

SHANGHAI = ZoneInfo("Asia/Shanghai")
MIDNIGHT = datetime(2026, 11, 15, 16, tzinfo=UTC)  # 00:00 of the 16th in Shanghai
NEXT_NIGHT = MIDNIGHT + timedelta(hours=25)
MN, PASSWORD = "010000A8900016F000169DC0", "123456"
PLANT = {
    "name_zh": "老港焚烧厂",
    "name_en": "Laogang",
    "lon": 121.85,
    "lat": 31.05,
    "bunker_capacity_kg": 20_000_000,
    "lines": [{"line_id": "L-1", "name": "1#"}, {"line_id": "L-2", "name": "2#"}],
}
LOGGER = {"plant_id": "P-1", "line_id": "L-1", "password": PASSWORD}


async def answered(request: Awaitable[httpx.Response]) -> Any:
    answer = await request
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


async def furnish(city: City, **logger: Any) -> None:
    """Plant P-1 with lines L-1 and L-2, and the logger of L-1."""
    async with city.client(Role.ADMIN) as admin:
        await answered(admin.put("/v1/plants/P-1", json=PLANT))
        await answered(admin.put(f"/v1/loggers/{MN}", json=LOGGER | logger))


def stamp(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}"


def text(cn: str, at: datetime, values: str, *, qn: str = "", pw: str = PASSWORD, flag: int = 5, **more: Any) -> str:
    """A data segment of this logger; its QN is five seconds after its time unless said."""
    qn = qn or stamp(at + timedelta(seconds=5)) + "000"
    return segment(qn=qn, cn=cn, mn=MN, pw=pw, flag=flag, content=f"DataTime={stamp(at)};{values}", **more)


def hourly(hours: float, so2: float, **more: Any) -> bytes:
    at = MIDNIGHT + timedelta(hours=hours)
    return encode(text("2061", at, f"a21026-Avg={so2},a21026-ZsAvg={so2},a21026-Flag=N", **more).encode())


def furnace(minutes: float, celsius: float) -> bytes:
    return encode(text("2111", MIDNIGHT + timedelta(minutes=minutes), f"a01901-Avg={celsius}", flag=9).encode())


class Device:
    """A logger's side of the connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer, self._stream = reader, writer, Stream()

    async def send(self, *raw: bytes) -> None:
        self._writer.write(b"".join(raw))
        await self._writer.drain()

    async def receive(self, count: int, seconds: float = 20) -> list[Message]:
        """Exactly this many frames, whatever they say."""
        found: list[Frame] = []
        async with asyncio.timeout(seconds):
            while len(found) < count:
                chunk = await self._reader.read(65536)
                assert chunk, "the connection was closed"
                found += self._stream.feed(chunk)
        assert len(found) == count
        return [parse(frame.data) for frame in found]

    async def answers(self, count: int, seconds: float = 20) -> list[Message]:
        """Exactly this many 9014."""
        messages = await self.receive(count, seconds)
        assert {(m.st, m.cn) for m in messages} == {("91", "9014")}
        return messages

    async def closed(self, seconds: float = 20) -> None:
        """Waits until the other side has closed the connection."""
        async with asyncio.timeout(seconds):
            with suppress(ConnectionError):
                while await self._reader.read(65536):
                    pass

    async def tell(self, *raw: bytes) -> list[Message]:
        """Send frames that all want an answer, and wait for these."""
        await self.send(*raw)
        return await self.answers(len(raw))


@asynccontextmanager
async def connected(city: City) -> AsyncIterator[Device]:
    deadline = monotonic() + 10
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", city.settings.hj212_port)
            break
        except OSError:
            assert monotonic() < deadline
            await asyncio.sleep(0.02)
    try:
        yield Device(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def frames(city: City) -> list[dict[str, Any]]:
    """What the logger sent within the hour, by the time it came; what came together in any order."""
    last_hour = {"from": (now() - timedelta(hours=1)).isoformat(), "to": (now() + timedelta(hours=1)).isoformat()}
    async with city.client(Role.ADMIN) as admin:
        return list((await answered(admin.get(f"/v1/loggers/{MN}/frames", params=last_hour)))["items"])


async def emitted(city: City, period: str) -> list[dict[str, Any]]:
    """What is known of the emissions of line L-1 on the day that begins at MIDNIGHT."""
    day = {"from": MIDNIGHT.isoformat(), "to": (MIDNIGHT + timedelta(days=1)).isoformat(), "period": period}
    async with city.client(Role.ADMIN) as admin:
        return list((await answered(admin.get("/v1/lines/L-1/emissions", params=day)))["items"])


def counted(city: City, fate: str) -> float:
    return sample(city, "sanitation_hj212_frames_total", fate=fate)


def sample(city: City, name: str, **labels: str) -> float:
    return city.apps["incinerator"].state.resources.metrics.registry.get_sample_value(name, labels) or 0


async def judged(city: City, seconds: float = 20) -> None:
    database, deadline = city.apps["incinerator"].state.resources.database, monotonic() + seconds
    while True:
        async with database.read() as session:
            if not await emissions.anything_due(session):
                return
        assert monotonic() < deadline, "the judge did not come to an end"
        await asyncio.sleep(0.05)


async def exceedances(city: City, **params: str) -> list[dict[str, Any]]:
    await judged(city)
    async with city.client(Role.AUDITOR) as evaluator:
        found: list[dict[str, Any]] = (await answered(evaluator.get("/v1/exceedances", params=params)))["items"]
    return found


def swapped(data: str) -> bytes:
    return encode(data.encode(), CrcVariant.MODBUS_SWAPPED)
