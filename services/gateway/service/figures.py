"""The city's figures for monitoring: what GET /v1/city counts, by labels that stay few."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from services.gateway.domain.city import latest_believed
from services.gateway.rulebooks import CITY_RULES
from services.gateway.service import mass
from services.gateway.store import alerts, city, flows, stops, vehicles, weighed
from shared.clock import now, service_day
from shared.scope import Scope
from shared.vocabulary import FindingKind

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
    balance: "BalanceCounts"


@dataclass(frozen=True, slots=True)
class BalanceCounts:
    """The weighed chain of today, by label values."""

    flow_grams: Counts
    """stage, stream"""
    on_board_grams: Counts
    """carrier, stream"""
    residue_grams: Counts
    """between, name"""
    findings: Counts
    """kind"""
    waiting: int
    """Trucks, hauls and station-days to be worked out."""


async def count_city(session: AsyncSession, zone: ZoneInfo) -> CityCounts:
    at, everywhere = now(), Scope()
    day = service_day(at, zone)
    fleet = await vehicles.fleet_counts(session, everywhere, at, CITY_RULES.at(at))
    planned = await stops.stop_counts(session, everywhere, day, at)
    named = set(sorted({each.district_id for each in fleet} | {each.district_id for each in planned})[:MOST_DISTRICTS])
    dated = await city.parts(session, latest_believed(at, CITY_RULES.at(at)))
    counts = CityCounts(
        at.timestamp(),
        Counter(),
        Counter(),
        Counter(),
        Counter(),
        Counter(),
        Counter(),
        {(part,): as_of.timestamp() for part, as_of in dated.items()},
        await _balance(session, day),
    )
    for each in fleet:
        counts.vehicles[_label(each.district_id, named), each.status] += each.vehicles
    for stop in planned:
        counts.stops[_label(stop.district_id, named), stop.verdict] += stop.stops
        counts.due[_label(stop.district_id, named),] += stop.stops if stop.standing == "due" else 0
    for lifted in await flows.lifted(session, everywhere, day):
        counts.lifted_grams[lifted.stream,] += lifted.net_kg * 1000
        counts.lifts[lifted.stream,] += lifted.lifts
    counts.alerts.update({(kind,): number for kind, number in (await alerts.open_alert_counts(session, everywhere)).items()})
    return counts


async def _balance(session: AsyncSession, day: date) -> BalanceCounts:
    part = await mass.flows_part(session, Scope(), day, None, stale=False)
    counts = BalanceCounts(Counter(), Counter(), Counter(), Counter(), await weighed.waiting(session))
    counts.flow_grams.update({(each.stage, each.stream or "all"): each.net_kg * 1000 for each in part.stages})
    for stream in part.streams:
        counts.on_board_grams["truck", stream.stream] += stream.on_board_end_kg * 1000
        counts.residue_grams.update({("bin_and_weighbridge", each.name): each.net_kg * 1000 for each in stream.residue})
    for haul in part.hauls:
        counts.on_board_grams["haul", haul.stream] += haul.under_way_end_kg * 1000
        counts.residue_grams.update({("station_and_plant", each.name): each.net_kg * 1000 for each in haul.residue})
    counts.findings.update({(kind.value,): 0 for kind in FindingKind})
    counts.findings.update({(kind,): number for kind, number in part.findings.items()})
    return counts


def _label(district: str, named: set[str]) -> str:
    """Prometheus takes an empty label for none at all."""
    return (district or "none") if district in named else "other"
