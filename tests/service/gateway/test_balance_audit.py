"""The balance of a day is held against its facts: kilograms that were lost on the way to the books are found."""

from datetime import date

import pytest
from happenings import TIANPING, tell
from sqlalchemy import delete, update
from test_balance import a_day
from weighings import Weighings, worked_out

from services.gateway.domain.tickets import Lift
from services.gateway.service import audit
from services.gateway.service.audit import Deviation
from services.gateway.store import weighed
from services.gateway.tables.weighed import BalanceDue, CityTrip
from shared.testing import City

pytestmark = pytest.mark.usefixtures("at_ten")


async def audited(city: City, of: Weighings) -> list[Deviation]:
    async with city.apps["gateway"].state.resources.database.read() as session:
        return await audit.audit_day(session, date.fromisoformat(of.day), city.settings.zone)


async def test_a_day_that_was_worked_out_equals_its_facts(gateway: City) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    assert await audited(gateway, of) == []


async def test_a_late_lift_that_never_reached_the_books_is_found(gateway: City) -> None:
    """As when a worker took the mark away between another's reading and its deleting."""
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    lost = Lift(of.truck, of.at(-130), "late", 44, "residual", TIANPING, "")
    async with gateway.apps["gateway"].state.resources.database.transaction() as session:
        await weighed.save_lifts(session, [lost])
        await session.execute(delete(BalanceDue))
    trip, lifted = await audited(gateway, of)
    assert (trip.subject, trip.vehicle_id, trip.facts_kg - trip.booked_kg) == ("1-2", of.truck, 44)
    assert (lifted.subject, lifted.facts_kg - lifted.booked_kg) == ("lifted residual", 44)


async def test_what_the_audit_finds_of_a_truck_is_worked_out_anew(gateway: City) -> None:
    of = Weighings()
    await tell(gateway, *a_day(of))
    await worked_out(gateway)
    async with gateway.apps["gateway"].state.resources.database.transaction() as session:
        await session.execute(update(CityTrip).where(CityTrip.ticket_id == "1-3").values(lifted_kg=7))  # type: ignore[arg-type]
    [wrong] = await audited(gateway, of)
    assert (wrong.subject, wrong.booked_kg, wrong.facts_kg) == ("1-3", 7, 1_900)
    async with gateway.apps["gateway"].state.resources.database.transaction() as session:
        await audit.mark_for_rework(session, [wrong], date.fromisoformat(of.day), gateway.settings.zone)
    await worked_out(gateway)
    assert await audited(gateway, of) == []
