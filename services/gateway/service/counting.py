"""The city's figures for monitoring: what GET /v1/city counts, by labels that stay few."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.reference import city_rules_at
from services.gateway.rules.weighing import LIFTED
from services.gateway.service.view import standing
from services.gateway.store import city as store
from services.gateway.store import flows
from services.gateway.store.city import Scope
from shared.clock import now, service_day

ONE_DAY = timedelta(days=1)
MOST_DISTRICTS = 300
"""Each is a dozen series; a larger city's others, in the order of their codes, are counted together."""

Counts = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CityCounts:
    """By label values; times in seconds since 1970."""

    at: float
    vehicles: Counts
    """district, status"""
    stops: Counts
    """district, verdict"""
    due: Counts
    """district"""
    alerts: Counts
    """kind"""
    lifted_grams: Counts
    """stream"""
    lifts: Counts
    """stream"""
    parts: dict[tuple[str, ...], float]


async def count_city(session: AsyncSession, zone: ZoneInfo) -> CityCounts:
    at, everywhere = now(), Scope()
    day = service_day(at, zone)
    fleet = await store.fleet_counts(session, everywhere, at, city_rules_at(at))
    stops = await store.stop_counts(session, everywhere, day, at)
    named = set(sorted({row[1] for row in fleet} | {row[0] for row in stops})[:MOST_DISTRICTS])
    counts = CityCounts(
        at.timestamp(), Counter(), Counter(), Counter(), Counter(), Counter(), Counter(),
        {(part,): as_of.timestamp() for part, as_of in (await store.parts(session)).items()},
    )  # fmt: skip
    for _, district, status, vehicles, _ in fleet:
        counts.vehicles[_label(district, named), status] += vehicles
    for district, verdict, window, number in stops:
        counts.stops[_label(district, named), verdict] += number
        counts.due[_label(district, named),] += number if standing(verdict, window) == "due" else 0
    for stream, net_kg, lifts in await flows.summed(
        session, everywhere, flows.DAY, [(day, day + ONE_DAY)], [LIFTED], ("stream",)
    ):
        counts.lifted_grams[stream,] += net_kg * 1000
        counts.lifts[stream,] += lifts
    counts.alerts.update({(kind,): number for kind, number in (await store.open_alert_counts(session, everywhere)).items()})
    return counts


def _label(district: str, named: set[str]) -> str:
    """Prometheus takes an empty label for none at all."""
    return (district or "none") if district in named else "other"
