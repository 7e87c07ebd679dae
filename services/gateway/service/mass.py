"""The balance of a day as people read it: what was lifted, where it is, and what is missing under which name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain import weighing as rules
from services.gateway.domain.weighing import DayOfStage
from services.gateway.schemas.balance import BalanceAnswer, HaulBalance, Residue, StationBalance, StreamBalance
from services.gateway.schemas.city import Flows, StageGroup
from services.gateway.store import findings, weighed
from services.gateway.store import flows as store
from shared.events.transfer_station import StationDayChanged
from shared.scope import Scope


async def flows_part(session: AsyncSession, scope: Scope, day: date, as_of: datetime | None, *, stale: bool) -> Flows:
    """The part of the day's balance that the citywide view shows."""
    stages = await store.of_day(session, scope, day)
    return Flows(
        as_of=as_of,
        stale=stale,
        service_day=day,
        settled=not await weighed.anything_due(session),
        stages=_stages(stages),
        streams=await _streams(session, scope, day, stages),
        hauls=await _hauls(session, scope, day, stages),
        findings=await findings.open_counts(session, scope),
    )


async def balance(session: AsyncSession, scope: Scope, day: date) -> BalanceAnswer:
    stages = await store.of_day(session, scope, day)
    return BalanceAnswer(
        day=day,
        settled=not await weighed.anything_due(session),
        streams=await _streams(session, scope, day, stages),
        hauls=await _hauls(session, scope, day, stages),
        stations=await _stations(session, scope, day, stages),
    )


def _stages(stages: Iterable[DayOfStage]) -> list[StageGroup]:
    """Without the residues, which stand by name in the balance."""
    kg: Counter[tuple[str, str]] = Counter()
    for each in stages:
        if ":" not in each.stage:
            kg[each.stage, each.stream] += each.net_kg
    return [StageGroup(stage=stage, stream=stream, net_kg=kg[stage, stream]) for stage, stream in sorted(kg)]


async def _streams(session: AsyncSession, scope: Scope, day: date, stages: list[DayOfStage]) -> list[StreamBalance]:
    start = await store.on_board(session, scope, day)
    lifted, unloaded, tipped = (_by_stream(stages, stage) for stage in (rules.LIFTED, rules.UNLOADED, rules.TIPPED))
    residue = named(stages, rules.RESIDUE)
    streams = sorted(lifted.keys() | tipped.keys() | residue.keys() | {stream for stream, kg in start.items() if kg})
    return [
        StreamBalance(
            stream=stream,
            lifted_kg=lifted[stream],
            tipped_kg=tipped[stream],
            on_board_start_kg=start.get(stream, 0),
            on_board_end_kg=start.get(stream, 0) + lifted[stream] - unloaded[stream],
            residue_kg=_total(residue.get(stream)),
            residue=_listed(residue.get(stream)),
        )
        for stream in streams
    ]


async def _hauls(session: AsyncSession, scope: Scope, day: date, stages: list[DayOfStage]) -> list[HaulBalance]:
    start = await store.under_way(session, scope, day)
    hauled, arrived, received = (_by_stream(stages, stage) for stage in (rules.HAULED, rules.ARRIVED, rules.TAKEN_IN))
    residue = named(stages, rules.HAUL_RESIDUE)
    streams = sorted(hauled.keys() | received.keys() | {stream for stream, kg in start.items() if kg})
    return [
        HaulBalance(
            stream=stream,
            hauled_kg=hauled[stream],
            received_kg=received[stream],
            under_way_start_kg=start.get(stream, 0),
            under_way_end_kg=start.get(stream, 0) + hauled[stream] - arrived[stream],
            residue_kg=_total(residue.get(stream)),
            residue=_listed(residue.get(stream)),
        )
        for stream in streams
    ]


async def _stations(session: AsyncSession, scope: Scope, day: date, stages: list[DayOfStage]) -> list[StationBalance]:
    """Of stations that the scope lets see: its stock belongs to no district."""
    if scope.bindings:
        return []
    answers = []
    for book in await weighed.site_facts_of_day(session, StationDayChanged, f":{day}"):
        residue = named([s for s in stages if s.site_id == book.station_id], rules.STATION_RESIDUE).get(book.stream.value)
        answers.append(
            StationBalance.describing(book, stream=book.stream.value, residue_kg=_total(residue), residue=_listed(residue))
        )
    return answers


def _by_stream(stages: Iterable[DayOfStage], stage: str) -> Counter[str]:
    kg: Counter[str] = Counter()
    for each in stages:
        if each.stage == stage:
            kg[each.stream] += each.net_kg
    return kg


def named(stages: Iterable[DayOfStage], prefix: str) -> dict[str, Counter[str]]:
    """The residue by stream and name."""
    residue: dict[str, Counter[str]] = {}
    for each in stages:
        if each.stage.startswith(prefix):
            residue.setdefault(each.stream, Counter())[each.stage.removeprefix(prefix)] += each.net_kg
    return residue


def _total(names: Mapping[str, int] | None) -> int:
    return sum((names or {}).values())


def _listed(names: Mapping[str, int] | None) -> list[Residue]:
    return [Residue(name=name, net_kg=kg) for name, kg in sorted((names or {}).items()) if kg]
