"""The citywide view: five parts, each counted in the database and dated by the service behind it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import is_stale, latest_believed
from services.gateway.domain.weighing import LIFTED
from services.gateway.reference import city_rules_at
from services.gateway.schemas.city import AlertRow, Alerts, City, Fleet, FleetGroup, Flows, Lifted, LiftedGroup, Runs, StopGroup
from services.gateway.service import complaints, mass
from services.gateway.store import city as store
from services.gateway.store import findings, flows
from shared.auth import Principal
from shared.clock import now, service_day
from shared.districts import within
from shared.labels import LABELS
from shared.scope import Scope

SHOWN_ALERTS = 50
ONE_DAY = timedelta(days=1)
WEIGHING = ("vehicle", "transfer_station", "incinerator")
DONE = frozenset({"collected", "early", "late"})
NOWHERE = frozenset({"\n"})
"""No district can be called so: names with control characters are refused."""


def scope_of(principal: Principal, district_id: str | None) -> Scope:
    """The bearer's scope, narrowed further to a district when asked; a district outside the scope leaves nothing."""
    bounds = principal.scope
    if district_id is None:
        return bounds
    visible = not bounds.district_ids or within(district_id, bounds.district_ids)
    return replace(bounds, district_ids=frozenset({district_id}) if visible else NOWHERE)


async def city(session: AsyncSession, scope: Scope, zone: ZoneInfo) -> City:
    at = now()
    day = service_day(at, zone)
    dated = await store.parts(session, latest_believed(at, city_rules_at(at)))
    return City(
        at=at,
        timezone=zone.key,
        clocks_ahead=await store.clocks_ahead(session),
        labels={value: {"zh": zh, "en": en} for value, (zh, en) in LABELS.items()},
        fleet=await _fleet(session, scope, at, dated.get("vehicle")),
        runs=await _runs(session, scope, day, at, dated.get("route")),
        lifted=await _lifted(session, scope, day, at, dated.get("vehicle")),
        flows=await _flows(session, scope, day, at, dated),
        alerts=await _alerts(session, scope, at, dated.get("vehicle")),
        complaints=await complaints.part(session, scope, at, dated.get("complaint")),
    )


async def _fleet(session: AsyncSession, scope: Scope, at: datetime, as_of: datetime | None) -> Fleet:
    rules = city_rules_at(at)
    counts = await store.fleet_counts(session, scope, at, rules)
    return Fleet(
        as_of=as_of,
        stale=is_stale(as_of, at, rules),
        total=sum(count for *_, count, _ in counts),
        by_status=_summed((status, count) for _, _, status, count, _ in counts),
        by_kind=_grouped((kind, status, count) for kind, _, status, count, _ in counts),
        by_district=_grouped((district, status, count) for _, district, status, count, _ in counts),
        offline_minutes=rules.offline_minutes,
        records=sum(records for *_, records in counts),
    )


def _grouped(rows: Iterable[tuple[str, str, int]]) -> list[FleetGroup]:
    groups: dict[str, Counter[str]] = {}
    for key, status, count in rows:
        groups.setdefault(key, Counter())[status] += count
    return [FleetGroup(key=key, total=group.total(), by_status=dict(group)) for key, group in sorted(groups.items())]


def _summed(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for key, count in rows:
        total[key] += count
    return dict(total)


async def _runs(session: AsyncSession, scope: Scope, day: date, at: datetime, as_of: datetime | None) -> Runs:
    counts = await store.stop_counts(session, scope, day, at)
    districts = sorted({district for district, *_ in counts})
    return Runs(
        as_of=as_of,
        stale=is_stale(as_of, at, city_rules_at(at)),
        service_day=day,
        runs=await store.run_count(session, scope, day),
        stops=_stops("", counts),
        by_verdict=_summed((verdict, count) for _, verdict, _, count in counts),
        by_district=[_stops(district, [row for row in counts if row[0] == district]) for district in districts],
        violations=await store.open_violations(session, scope, day),
    )


def _stops(key: str, counts: list[tuple[str, str, str, int]]) -> StopGroup:
    tally: Counter[str] = Counter()
    for _, verdict, window, count in counts:
        tally["total"] += count
        tally[standing(verdict, window)] += count
    names = ("total", "done", "due", "missed", "unknown", "upcoming")
    return StopGroup(key=key, **{name: tally[name] for name in names})


def standing(verdict: str, window: str) -> str:
    """A planned stop whose window is over but not judged yet is still due: somebody should look."""
    if verdict in DONE:
        return "done"
    if verdict == "planned":
        return "upcoming" if window == "upcoming" else "due"
    return verdict


async def _lifted(session: AsyncSession, scope: Scope, day: date, at: datetime, as_of: datetime | None) -> Lifted:
    rows = await flows.summed(session, scope, flows.DAY, [(day, day + ONE_DAY)], [LIFTED], ("district_id", "stream"))
    return Lifted(
        as_of=as_of,
        stale=is_stale(as_of, at, city_rules_at(at)),
        service_day=day,
        net_kg=sum(net_kg for _, _, net_kg, _ in rows),
        lifts=sum(lifts for *_, lifts in rows),
        by_stream=_weighed((stream, net_kg, lifts) for _, stream, net_kg, lifts in rows),
        by_district=_weighed((district, net_kg, lifts) for district, _, net_kg, lifts in rows),
    )


def _weighed(rows: Iterable[tuple[str, int, int]]) -> list[LiftedGroup]:
    kilograms: Counter[str] = Counter()
    lifts: Counter[str] = Counter()
    for key, net_kg, count in rows:
        kilograms[key] += net_kg
        lifts[key] += count
    return [LiftedGroup(key=key, net_kg=kilograms[key], lifts=lifts[key]) for key in sorted(lifts)]


async def _flows(session: AsyncSession, scope: Scope, day: date, at: datetime, dated: dict[str, datetime]) -> Flows:
    heard = [dated.get(service) for service in WEIGHING]
    as_of = min(since for since in heard if since) if all(heard) else None
    balance = await mass.balance_of(session, scope, day)
    return Flows(
        as_of=as_of,
        stale=is_stale(as_of, at, city_rules_at(at)),
        service_day=day,
        settled=balance.settled,
        stages=balance.stages,
        streams=balance.streams,
        hauls=balance.hauls,
        findings=await findings.open_counts(session, scope),
    )


async def _alerts(session: AsyncSession, scope: Scope, at: datetime, as_of: datetime | None) -> Alerts:
    by_kind = await store.open_alert_counts(session, scope)
    newest = await store.newest_open_alerts(session, scope, SHOWN_ALERTS)
    return Alerts(
        as_of=as_of,
        stale=is_stale(as_of, at, city_rules_at(at)),
        open=sum(by_kind.values()),
        by_kind=by_kind,
        newest=[AlertRow.model_validate(row) for row in newest],
    )
