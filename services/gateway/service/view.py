"""The citywide view in parts, each counted in the database and dated by the service behind it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import is_stale, latest_believed
from services.gateway.domain.stops import StopCount
from services.gateway.rulebooks import CITY_RULES
from services.gateway.schemas.city import AlertRow, Alerts, City, Fleet, FleetGroup, Flows, Lifted, LiftedGroup, Runs, StopGroup
from services.gateway.service import complaints, mass
from services.gateway.store import alerts, flows, stops, vehicles
from services.gateway.store import city as clock
from shared.auth import Principal
from shared.clock import now, service_day
from shared.districts import within
from shared.labels import LABELS
from shared.scope import Scope

SHOWN_ALERTS = 50
WEIGHING = ("vehicle", "transfer_station", "incinerator")
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
    dated = await clock.parts(session, latest_believed(at, CITY_RULES.at(at)))
    return City(
        at=at,
        timezone=zone.key,
        clocks_ahead=await clock.clocks_ahead(session),
        labels={value: {"zh": zh, "en": en} for value, (zh, en) in LABELS.items()},
        fleet=await _fleet(session, scope, at, dated.get("vehicle")),
        runs=await _runs(session, scope, day, at, dated.get("route")),
        lifted=await _lifted(session, scope, day, at, dated.get("vehicle")),
        flows=await _flows(session, scope, day, at, dated),
        alerts=await _alerts(session, scope, at, dated.get("vehicle")),
        complaints=await complaints.part(session, scope, at, dated.get("complaint")),
    )


async def _fleet(session: AsyncSession, scope: Scope, at: datetime, as_of: datetime | None) -> Fleet:
    rules = CITY_RULES.at(at)
    counts = await vehicles.fleet_counts(session, scope, at, rules)
    return Fleet(
        as_of=as_of,
        stale=is_stale(as_of, at, rules),
        total=sum(each.vehicles for each in counts),
        by_status=_summed((each.status, each.vehicles) for each in counts),
        by_kind=_grouped((each.kind, each.status, each.vehicles) for each in counts),
        by_district=_grouped((each.district_id, each.status, each.vehicles) for each in counts),
        offline_minutes=rules.offline_minutes,
        records=sum(each.records for each in counts),
    )


def _grouped(counts: Iterable[tuple[str, str, int]]) -> list[FleetGroup]:
    groups: dict[str, Counter[str]] = {}
    for key, status, count in counts:
        groups.setdefault(key, Counter())[status] += count
    return [FleetGroup(key=key, total=group.total(), by_status=dict(group)) for key, group in sorted(groups.items())]


def _summed(counts: Iterable[tuple[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for key, count in counts:
        total[key] += count
    return dict(total)


async def _runs(session: AsyncSession, scope: Scope, day: date, at: datetime, as_of: datetime | None) -> Runs:
    counts = await stops.stop_counts(session, scope, day, at)
    districts = sorted({each.district_id for each in counts})
    return Runs(
        as_of=as_of,
        stale=is_stale(as_of, at, CITY_RULES.at(at)),
        service_day=day,
        runs=await stops.run_count(session, scope, day),
        stops=_stops("", counts),
        by_verdict=_summed((each.verdict, each.stops) for each in counts),
        by_district=[_stops(district, [each for each in counts if each.district_id == district]) for district in districts],
        violations=await stops.open_violations(session, scope, day),
    )


def _stops(key: str, counts: Iterable[StopCount]) -> StopGroup:
    standing: Counter[str] = Counter()
    total = 0
    for each in counts:
        total += each.stops
        standing[each.standing] += each.stops
    names = ("done", "due", "missed", "unknown", "upcoming")
    return StopGroup(key=key, total=total, **{name: standing[name] for name in names})


async def _lifted(session: AsyncSession, scope: Scope, day: date, at: datetime, as_of: datetime | None) -> Lifted:
    sums = await flows.lifted(session, scope, day)
    return Lifted(
        as_of=as_of,
        stale=is_stale(as_of, at, CITY_RULES.at(at)),
        service_day=day,
        net_kg=sum(each.net_kg for each in sums),
        lifts=sum(each.lifts for each in sums),
        by_stream=_weighed((each.stream, each.net_kg, each.lifts) for each in sums),
        by_district=_weighed((each.district_id, each.net_kg, each.lifts) for each in sums),
    )


def _weighed(sums: Iterable[tuple[str, int, int]]) -> list[LiftedGroup]:
    kilograms: Counter[str] = Counter()
    lifts: Counter[str] = Counter()
    for key, net_kg, count in sums:
        kilograms[key] += net_kg
        lifts[key] += count
    return [LiftedGroup(key=key, net_kg=kilograms[key], lifts=lifts[key]) for key in sorted(lifts)]


async def _flows(session: AsyncSession, scope: Scope, day: date, at: datetime, dated: dict[str, datetime]) -> Flows:
    times = [dated.get(service) for service in WEIGHING]
    as_of = min(since for since in times if since) if all(times) else None
    return await mass.flows_part(session, scope, day, as_of, stale=is_stale(as_of, at, CITY_RULES.at(at)))


async def _alerts(session: AsyncSession, scope: Scope, at: datetime, as_of: datetime | None) -> Alerts:
    by_kind = await alerts.open_alert_counts(session, scope)
    newest = await alerts.newest_open_alerts(session, scope, SHOWN_ALERTS)
    return Alerts(
        as_of=as_of,
        stale=is_stale(as_of, at, CITY_RULES.at(at)),
        open=sum(by_kind.values()),
        by_kind=by_kind,
        newest=[AlertRow.model_validate(alert) for alert in newest],
    )
