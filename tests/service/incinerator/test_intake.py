"""A plant's weighbridge, bunker and day: linked to the station's haul by seal, in any order of arrival."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from shared.events.transfer_station import HaulChanged
from shared.outbox import publish
from shared.testing import City
from shared.vocabulary import HaulStatus, Role, WasteStream
from tests.conftest import real_data
from tests.service.incinerator.plants import MIDNIGHT, answered

ARRIVED, LEFT = MIDNIGHT + timedelta(hours=9), MIDNIGHT + timedelta(hours=9, minutes=20)
DAY = "2026-11-16"


def operator(city: City) -> httpx.AsyncClient:
    return city.client(Role.STATION_OPERATOR, station_ids=["P-1"])


def full(number: int = 1, **more: Any) -> dict[str, Any]:
    given = {
        "client_id": f"W-{number}",
        "plate": "沪A12345",
        "gross_kg": 22_400,
        "at": ARRIVED.isoformat(),
        "seal_number": "S-77",
    }
    return given | more


EMPTY = {"tare_kg": 12_150, "at": LEFT.isoformat()}


def haul(revision: int = 1, **more: Any) -> HaulChanged:
    given: dict[str, Any] = {
        "haul_id": "H-1",
        "revision": revision,
        "station_id": "TS-1",
        "container_id": "C-1",
        "seal_number": "S-77",
        "stream": WasteStream.RESIDUAL,
        "net_kg": 10_300,
        "origins": {"310104": 10_300},
        "destination_plant_id": "P-1",
        "vehicle_id": "T-9",
        "plate": "沪A12345",
        "status": HaulStatus.LEFT,
        "sealed_at": MIDNIGHT,
        "changed_at": MIDNIGHT,
        "left_at": ARRIVED - timedelta(hours=1),
    }
    return HaulChanged(**given | more)


async def tell(city: City, *events: HaulChanged) -> None:
    async with city.apps["incinerator"].state.resources.database.transaction() as session:
        await publish(session, *events)
    await city.settle()


async def weighed(city: City, number: int = 1, empty: dict[str, Any] = EMPTY, **more: Any) -> dict[str, Any]:
    async with operator(city) as client:
        ticket = await answered(client.post("/v1/plants/P-1/weigh-ins", json=full(number, **more)))
        closed: dict[str, Any] = await answered(client.post(f"/v1/intakes/{ticket['ticket_id']}/weigh-out", json=empty))
    return closed


async def day_of(city: City, day: str = DAY) -> dict[str, Any]:
    async with operator(city) as client:
        [row] = (await answered(client.get("/v1/plants/P-1/ledger", params={"day": day})))["items"]
    return dict(row)


def told(city: City, kind: str) -> list[dict[str, Any]]:
    heard = city.apps["incinerator"].state.resources.bus.heard
    return [json.loads(m.body)["data"] for m in heard if m.type == f"incinerator.{kind}_changed.v1"]


@pytest.mark.parametrize("haul_first", [True, False])
async def test_a_ticket_is_linked_to_the_station_s_haul_by_its_seal_whichever_comes_first(plant: City, haul_first: bool) -> None:
    if haul_first:
        await tell(plant, haul())
    ticket = await weighed(plant)
    if not haul_first:
        assert ticket["haul_id"] is None
        await tell(plant, haul())
    async with operator(plant) as client:
        found = await answered(client.get(f"/v1/intakes/{ticket['ticket_id']}"))
    assert (found["haul_id"], found["vehicle_id"], found["net_kg"]) == ("H-1", "T-9", 10_250)
    assert (found["net_difference_kg"], found["hours_on_the_way"]) == (-50, 1)
    assert [one["revision"] for one in found["history"]] == ([1, 2] if haul_first else [1, 2, 3])
    await plant.settle()
    assert [(one["revision"], one["net_difference_kg"]) for one in told(plant, "intake")][-1] == (len(found["history"]), -50)


async def test_an_older_haul_never_overwrites_a_newer_one(plant: City) -> None:
    await tell(plant, haul(3, net_kg=10_000))
    await tell(plant, haul(2, net_kg=9000))
    assert (await weighed(plant))["net_difference_kg"] == 250


async def test_a_weighbridge_that_tries_again_makes_one_ticket(plant: City) -> None:
    async with operator(plant) as client:
        first, second = [await answered(client.post("/v1/plants/P-1/weigh-ins", json=full())) for _ in range(2)]
        other = await client.post("/v1/plants/P-1/weigh-ins", json=full(gross_kg=30_000))
        closed = [await answered(client.post(f"/v1/intakes/{first['ticket_id']}/weigh-out", json=EMPTY)) for _ in range(2)]
        listed = (await answered(client.get("/v1/intakes")))["items"]
    assert first == second
    assert other.status_code == 409
    assert closed[0] == closed[1]
    assert len(listed) == 1
    assert (await day_of(plant))["intake_kg"] == 10_250


async def test_of_two_who_close_a_ticket_at_once_one_wins(plant: City) -> None:
    async with operator(plant) as client:
        ticket = await answered(client.post("/v1/plants/P-1/weigh-ins", json=full()))
        path = f"/v1/intakes/{ticket['ticket_id']}/weigh-out"
        both = await asyncio.gather(*(client.post(path, json=EMPTY | {"tare_kg": tare}) for tare in (12_000, 12_100)))
    assert sorted(one.status_code for one in both) == [200, 409]


async def test_weights_that_cannot_be_are_refused_with_what_to_do(plant: City) -> None:
    async with operator(plant) as client:
        assert (await client.post("/v1/plants/P-1/weigh-ins", json=full(manual=True))).status_code == 422
        ticket = await answered(client.post("/v1/plants/P-1/weigh-ins", json=full(manual=True, reason="地磅检定")))
        path = f"/v1/intakes/{ticket['ticket_id']}/weigh-out"
        heavy = await client.post(path, json=EMPTY | {"tare_kg": 22_400})
        early = await client.post(path, json=EMPTY | {"at": MIDNIGHT.isoformat()})
    assert (heavy.status_code, early.status_code) == (422, 422)
    assert "void the ticket" in heavy.json()["detail"]


async def test_a_void_ticket_keeps_its_figures_and_counts_for_nothing(plant: City) -> None:
    ticket = await weighed(plant)
    async with operator(plant) as client:
        gone = await answered(client.post(f"/v1/intakes/{ticket['ticket_id']}/void", json={"reason": "重复过磅"}))
        assert (gone["status"], gone["net_kg"], gone["reason"]) == ("void", 10_250, "重复过磅")
        assert (await client.post(f"/v1/intakes/{ticket['ticket_id']}/weigh-out", json=EMPTY)).status_code == 409
    assert (await day_of(plant))["intake_kg"] == 0


async def test_a_day_s_ledger_carries_the_bunker_on_and_late_entries_renew_the_days_since(plant: City) -> None:
    await weighed(plant)
    async with operator(plant) as client:

        async def entry(entry_id: str, kind: str, amount: int, day: str = DAY, note: str = "盘库") -> None:
            body = {"day": day, "kind": kind, "amount": amount, "note": note}
            await answered(client.put(f"/v1/plants/P-1/entries/{entry_id}", json=body))

        await entry("E-1", "fed", 4000)
        await entry("E-2", "slag", 800)
        await entry("E-3", "power", 1900)
        await entry("E-4", "fed", 1000, "2026-11-17")
        assert (await day_of(plant, "2026-11-18"))["bunker_kg"] == 5250
        await entry("E-0", "bunker_correction", 20_000, "2026-11-15")
        await entry("E-1", "fed", 4500)
        exported = await client.get("/v1/plants/P-1/ledger", params={"day": "2026-11-17", "days": 3, "format": "csv"})
        refused = await client.put("/v1/plants/P-1/entries/E-9", json={"day": DAY, "kind": "fed", "amount": -1})
    day = await day_of(plant)
    assert [day[name] for name in ("intake_kg", "fed_kg", "bunker_kg", "slag_kg", "power_kwh")] == [
        10_250,
        4500,
        25_750,
        800,
        1900,
    ]
    assert (await day_of(plant, "2026-11-18"))["bunker_kg"] == 24_750
    assert exported.text.splitlines()[-1].startswith("2026-11-17,0,1000,0,24750")
    assert refused.status_code == 422
    await plant.settle()
    newest = {one["day"]: one for one in told(plant, "ledger")}
    assert {day: one["bunker_kg"] for day, one in newest.items()} == {"2026-11-15": 20_000, DAY: 25_750, "2026-11-17": 24_750}


async def test_a_plan_counts_what_a_plant_has_taken_in_that_day_and_diverts_the_rest(plant: City) -> None:
    await weighed(plant)
    other = {"name_zh": "二厂", "name_en": "Two", "lon": 121.5, "lat": 31.2, "lines": []}
    async with plant.client(Role.ADMIN) as admin, plant.client(Role.DISPATCHER) as dispatcher:
        await answered(admin.put("/v1/plants/P-2", json=other))
        await answered(admin.put("/v1/plants/P-1/quota", json={"kg_a_day": 20_000}))
        loads = [{"load_id": f"H-{n}", "kg": 8000, "plant_ids": ["P-1", "P-2"]} for n in (1, 2)]
        made = await answered(dispatcher.post("/v1/dispatch-plans", json={"day": DAY, "loads": loads}))
        assert await answered(dispatcher.get(f"/v1/dispatch-plans/{DAY}")) == made
        strange = {"day": DAY, "loads": [{"load_id": "H", "kg": 1, "plant_ids": ["P-9"]}]}
        assert (await dispatcher.post("/v1/dispatch-plans", json=strange)).status_code == 422
    assert [(one["plant_id"], one["diverted"]) for one in made["loads"]] == [("P-1", False), ("P-2", True)]


NEW_YORK = {
    "source": "nyc",
    "unit": "short_ton",
    "month": "MONTH",
    "district": ["BOROUGH", "COMMUNITYDISTRICT"],
    "materials": {
        "REFUSETONSCOLLECTED": "residual",
        "PAPERTONSCOLLECTED": "recyclable",
        "MGPTONSCOLLECTED": "recyclable",
        "RESORGANICSTONS": "food",
        "SCHOOLORGANICTONS": "food",
        "LEAVESORGANICTONS": "green",
        "XMASTREETONS": "green",
    },
}


async def test_a_tonnage_file_tells_every_row_s_fate_and_again_changes_nothing(plant: City) -> None:
    content = "m,d,t\n2026-01,A,1.5\n2026-01,A,2\n2026-02,A,\n2026-02,B,0.25\n"
    body = {"source": "own", "unit": "t", "month": "m", "district": ["d"], "materials": {"t": "residual"}, "content": content}
    async with plant.client(Role.ADMIN) as admin:
        first, second = [await answered(admin.post("/v1/tonnage-imports", json=body)) for _ in range(2)]
    assert (first["rows"], first["stored"], second["stored"], second["unchanged"]) == (4, 2, 0, 2)
    assert [(one["row"], one["fate"]) for one in first["others"]] == [(2, "duplicate"), (3, "rejected")]
    assert (
        first["totals"]
        == second["totals"]
        == [{"material": "t", "stream": "residual", "cells": 2, "given": "1.75", "grams": 1_750_000}]
    )


async def test_new_york_s_tonnage_comes_in_whole_with_the_file_s_own_sums(plant: City) -> None:
    import csv
    from decimal import Decimal

    text = real_data("nyc_dsny_monthly_tonnage.csv").read_text("utf-8-sig")
    sums = {name: Decimal(0) for name in NEW_YORK["materials"]}
    for row in csv.DictReader(text.splitlines()):
        for name in sums:
            sums[name] += Decimal(row[name] or 0)
    async with plant.client(Role.ADMIN) as admin:
        report = await answered(admin.post("/v1/tonnage-imports", json=NEW_YORK | {"content": text}))
    assert (report["rows"], report["stored"], report["others"]) == (20_517, 20_517, [])
    assert {one["material"]: Decimal(one["given"]) for one in report["totals"]} == sums
