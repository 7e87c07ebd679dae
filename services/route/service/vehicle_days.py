"""All that is known of a vehicle's service day, and its stops made ready for judging."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.route import rulebooks
from services.route.domain.judging.claims import of_the_day
from services.route.domain.judging.facts import Silence, VehicleDayFacts
from services.route.domain.judging.handover import Handover, Heard, lent
from services.route.domain.judging.rules import ExceptionRules, JudgementRules
from services.route.domain.judging.verdicts import VehicleDay
from services.route.domain.places import PlannedStop, in_planned_order
from services.route.domain.stops import Stop
from services.route.store import facts as store
from services.route.store import judgements

MOST_REMEMBERED = 2000


class VehicleDayKey(NamedTuple):
    vehicle_id: str
    day: date


class DayRules(NamedTuple):
    """In force on a service day."""

    judgement: JudgementRules
    exceptions: ExceptionRules


def rules_of(day: date) -> DayRules:
    return DayRules(rulebooks.JUDGEMENT_RULES.on(day), rulebooks.EXCEPTION_RULES.on(day))


async def load_facts(
    session: AsyncSession, key: VehicleDayKey, handovers: tuple[Handover, ...], heard: Heard
) -> VehicleDayFacts | None:
    """None for a vehicle that has, and had, no stop on that day. The stops are locked until we commit.

    How far data reaches is read before the facts: what commits in between can only be more than that, never less.
    """
    vehicle_id, day = key
    rules = rules_of(day)
    known_from, known_until = await store.reach(session, vehicle_id)
    own = await _own_stops(session, key, lent(handovers, vehicle_id))
    if not own:
        return None
    rivals = await _rivals(session, key, own.values(), rules.judgement)
    stops = in_planned_order(_planned(stop) for stop in (*own.values(), *rivals.values()))
    match = timedelta(hours=rules.judgement.match_hours)
    begin, end = stops[0].planned_at - match, stops[-1].planned_at + match
    silences = await store.silences(session, vehicle_id, begin, end)
    lifts, counted_for = await store.lifts(session, vehicle_id, begin, end)
    positions = await store.observations(session, vehicle_id, begin, end)
    first_planned_at = min(stop.planned_at for stop in own.values())
    reports = of_the_day(await store.reports(session, vehicle_id, begin, end), first_planned_at, rules.exceptions)
    return VehicleDayFacts(
        vehicle_id=vehicle_id,
        day=day,
        stops=tuple(stops),
        positions=positions,
        lifts=lifts,
        reports=tuple(reports),
        silences=(*silences, Silence(begin, known_from)) if known_from else silences,
        known_until=known_until,
        counted_for=counted_for,
        own=own,
        rivals=rivals,
        handovers=handovers,
        heard=heard,
    )


async def _own_stops(session: AsyncSession, key: VehicleDayKey, given_away: dict[str, Handover]) -> dict[str, Stop]:
    """Those that the vehicle gave away as if they were still its own."""
    stops = {stop.stop_id: stop for stop in await judgements.stops_of_day(session, *key, also=given_away)}
    for stop_id, handover in given_away.items():
        stops[stop_id] = replace(stops[stop_id], vehicle_id=key.vehicle_id, contractor_id=handover.contractor_id)
    return stops


async def _rivals(session: AsyncSession, key: VehicleDayKey, own: Iterable[Stop], rules: JudgementRules) -> dict[str, Stop]:
    """Stops of the days before and after that a visit may have been meant for instead."""
    planned = [stop.planned_at for stop in own]
    reach = timedelta(hours=2 * rules.match_hours)
    stops = await judgements.stops_around(session, *key, min(planned) - reach, max(planned) + reach)
    return {stop.stop_id: stop for stop in stops}


def _planned(stop: Stop) -> PlannedStop:
    return stop.planned(rulebooks.SWEEPING_RULES.on(stop.service_day))


class PreparedDays:
    """Vehicle-days made ready for judging, remembered as long as their stops are the same."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, date], tuple[tuple[PlannedStop, ...], VehicleDay]] = OrderedDict()

    def of(self, facts: VehicleDayFacts) -> VehicleDay:
        key, (rules, exceptions) = (facts.vehicle_id, facts.day), rules_of(facts.day)
        known = self._known.get(key)
        if known is None or known[0] != facts.stops or known[1].rules is not rules or known[1].exceptions is not exceptions:
            self._known[key] = known = (facts.stops, VehicleDay(facts.stops, rules, exceptions))
        self._known.move_to_end(key)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known[1]
