"""A truck is weighed, tips, is weighed again; and all that people get wrong about it."""

import asyncio
from typing import Any

import httpx
import pytest
import station_yard
from station_yard import answered, at, bay, furnished, told, weigh_in, weigh_out

from shared.testing import City
from shared.vocabulary import Role


async def test_a_ticket_goes_from_the_first_weighing_to_its_net_weight(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001")
    assert (ticket["status"], ticket["stage"], ticket["vehicle_id"], ticket["matched_by"]) == (
        "open",
        "weighed_in",
        "T-1",
        "plate",
    )
    assert (ticket["contractor_id"], ticket["district_id"]) == ("K-1", "310104003")
    assert (await bay(operator, ticket))["stage"] == "in_bay"
    closed = await weigh_out(operator, ticket)
    assert (closed["status"], closed["net_kg"], closed["tare_source"]) == ("closed", 4_000, "weighed")
    [event] = await told(whole, "ticket_changed")
    assert (event["ticket_id"], event["net_kg"], event["revision"]) == (ticket["ticket_id"], 4_000, closed["revision"])
    detail = await answered(operator.get(f"/v1/tickets/{ticket['ticket_id']}"))
    assert [change["action"] for change in detail["history"]] == ["weighed_in", "bay", "weighed_out"]


async def test_a_weigh_in_sent_again_makes_one_ticket(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    first, second = await weigh_in(operator, "0001"), await weigh_in(operator, "0001")
    assert first == second
    await weigh_in(operator, "0001", gross_kg=13_000, status=409)
    assert len((await answered(operator.get("/v1/tickets")))["items"]) == 1


async def test_an_idempotency_key_stands_for_the_client_id(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    body = {"number": "7", "plate": "沪A12345", "stream": "residual", "gross_kg": 12_000, "at": at(0).isoformat()}
    path, key = "/v1/stations/S-1/weigh-ins", {"Idempotency-Key": "k-1"}
    found = [await answered(operator.post(path, json=body, headers=key)) for _ in range(2)]
    assert found[0]["ticket_id"] == found[1]["ticket_id"]
    assert (await operator.post(path, json=body)).status_code == 422


async def test_of_two_who_close_a_ticket_at_once_one_wins_and_the_other_is_told(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001")
    path = f"/v1/tickets/{ticket['ticket_id']}/weigh-out"
    bodies = [{"tare_kg": tare_kg, "at": at(10).isoformat()} for tare_kg in (8_000, 8_020)]
    answers = await asyncio.gather(*(operator.post(path, json=body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    [lost] = [answer for answer in answers if answer.status_code == 409]
    assert lost.json()["code"] == "already_closed"
    [won] = [(body, answer) for body, answer in zip(bodies, answers, strict=True) if answer.status_code == 200]
    assert (await operator.post(path, json=won[0])).json() == won[1].json(), "the winner may send again"


async def test_a_registered_tare_closes_a_ticket_until_it_expires(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    tare = {"tare_kg": 7_900, "weighed_at": at(-60).isoformat(), "expires_at": at(30).isoformat(), "person": "王工"}
    await answered(operator.put("/v1/tares/T-1", json=tare))
    closed = await weigh_out(operator, await weigh_in(operator, "0001"), tare_kg=None)
    assert (closed["net_kg"], closed["tare_source"]) == (4_100, "registered")
    late = await weigh_in(operator, "0002", 40)
    refused = await weigh_out(operator, late, 50, status=409, tare_kg=None)
    assert refused["code"] == "tare_expired"
    [alarm] = await told(whole, "alarm_changed")
    assert (alarm["kind"], alarm["status"], alarm["vehicle_id"]) == ("tare_expired", "open", "T-1")
    assert (await weigh_out(operator, late, 50))["net_kg"] == 4_000


async def test_a_tare_weighed_anew_closes_the_alarm(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    old = {"tare_kg": 7_900, "weighed_at": at(-60).isoformat(), "expires_at": at(-30).isoformat(), "person": "王工"}
    await answered(operator.put("/v1/tares/T-1", json=old))
    ticket = await weigh_in(operator, "0001")
    await weigh_out(operator, ticket, status=409, tare_kg=None)
    new = {"tare_kg": 7_950, "weighed_at": at(5).isoformat(), "expires_at": "2199-01-01T00:00:00Z", "person": "王工"}
    await answered(operator.put("/v1/tares/T-1", json=new))
    [alarm] = await told(whole, "alarm_changed")
    assert (alarm["status"], alarm["revision"]) == ("closed", 2)
    assert (await weigh_out(operator, ticket, tare_kg=None))["net_kg"] == 4_050


async def test_a_tare_that_a_stations_operator_registers_holds_at_that_station_only(
    whole: City, operator: httpx.AsyncClient
) -> None:
    await furnished(whole)
    async with whole.client(Role.ADMIN) as admin:
        await answered(admin.put("/v1/stations/S-2", json=station_yard.STATION))
    light = {"tare_kg": 5_000, "weighed_at": at(-60).isoformat(), "person": "王工"}
    async with whole.client(Role.STATION_OPERATOR, station_ids=["S-2"]) as stranger:
        await answered(stranger.put("/v1/tares/T-1", json=light))
    ticket = await weigh_in(operator, "0001")
    without = await weigh_out(operator, ticket, status=409, tare_kg=None)
    assert without["code"] == "no_tare", "what S-2 says of the truck is nothing to S-1"
    taken = await answered(operator.put("/v1/tares/T-1", json=light | {"tare_kg": 7_900}), 409)
    assert taken["code"] == "tare_of_others", "nobody overwrites another station's weighing"
    await answered(operator.put("/v1/tares/T-1", json=light | {"tare_kg": 7_900, "weighed_at": at(-50).isoformat()}))
    assert (await weigh_out(operator, ticket, tare_kg=None))["net_kg"] == 4_100
    async with whole.client(Role.STATION_OPERATOR) as city_wide:
        everywhere = light | {"tare_kg": 7_800, "weighed_at": at(35).isoformat()}
        await answered(city_wide.put("/v1/tares/T-1", json=everywhere))
    assert (await weigh_out(operator, await weigh_in(operator, "0003", 40), 50, tare_kg=None))["net_kg"] == 4_200


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tare_kg": 12_000}, "net_not_positive"),
        ({"tare_kg": 13_000}, "net_not_positive"),
        ({"manual": True}, "reason_needed"),
        ({"at": at(-1).isoformat()}, "invalid"),
    ],
)
async def test_a_second_weighing_that_cannot_be_is_refused(
    whole: City, operator: httpx.AsyncClient, more: dict[str, Any], code: str
) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001")
    assert (await weigh_out(operator, ticket, status=422, **more))["code"] == code
    assert (await answered(operator.get(f"/v1/tickets/{ticket['ticket_id']}")))["status"] == "open"


async def test_a_void_ticket_stays_and_counts_for_nothing(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    closed = await station_yard.tipped(operator, "0001", 0, 4_000)
    await station_yard.tipped(operator, "0002", 20, 1_000)
    body = {"reason": "重复过磅", "person": "李班长"}
    voided = await answered(operator.post(f"/v1/tickets/{closed['ticket_id']}/void", json=body))
    assert (voided["status"], voided["net_kg"], voided["reason"]) == ("void", 4_000, "重复过磅")
    assert (await answered(operator.post(f"/v1/tickets/{closed['ticket_id']}/void", json=body))) == voided
    await weigh_out(operator, closed, status=409)
    state = await answered(operator.get("/v1/stations/S-1"))
    assert state["stock"]["residual"]["stored_kg"] == 1_000


async def test_a_correction_is_a_new_revision_and_needs_the_one_looked_at(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    closed = await station_yard.tipped(operator, "0001", 0, 4_000)
    path = f"/v1/tickets/{closed['ticket_id']}/corrections"
    body = {"revision": closed["revision"], "gross_kg": 12_500, "reason": "读错", "person": "李班长"}
    right = await answered(operator.post(path, json=body))
    assert (right["net_kg"], right["manual"], right["revision"]) == (4_500, True, closed["revision"] + 1)
    assert (await answered(operator.post(path, json=body), 409))["code"] == "changed_meanwhile"
    state = await answered(operator.get("/v1/stations/S-1"))
    assert state["stock"]["residual"]["stored_kg"] == 4_500
    detail = await answered(operator.get(f"/v1/tickets/{closed['ticket_id']}"))
    assert [change["ticket"]["net_kg"] for change in detail["history"]] == [None, 4_000, 4_500]


async def test_a_wrong_bay_is_an_alarm_until_the_truck_goes_where_it_should(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001")
    await bay(operator, ticket, "B2", 3)
    [alarm] = await told(whole, "alarm_changed")
    assert (alarm["kind"], alarm["status"], alarm["bay_id"]) == ("wrong_bay", "open", "B2")
    await bay(operator, ticket, "B1", 4)
    [alarm] = await told(whole, "alarm_changed")
    assert (alarm["status"], alarm["closed_at"]) == ("closed", at(4).isoformat().replace("+00:00", "Z"))
    assert (await bay(operator, ticket, "B2", 3))["bay_id"] == "B1", "an older bay told late changes nothing"
    await bay(operator, ticket, "B9", 5, status=422)


async def test_tickets_are_taken_away_as_a_spreadsheet(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    await station_yard.tipped(operator, "0001", 0, 4_000)
    table = (await operator.get("/v1/tickets", params={"format": "csv"})).content.decode("utf-8-sig").splitlines()
    assert table[0].startswith("磅单号 / Ticket")
    assert "2026-11-16 08:00:00" in table[1]
    assert "干垃圾 / Residual" in table[1]
    assert (await operator.get("/v1/tickets", params={"format": "xlsx"})).content.startswith(b"PK")


async def test_each_sees_its_own_tickets(whole: City, operator: httpx.AsyncClient) -> None:
    await furnished(whole)
    mine = await weigh_in(operator, "0001")
    other = await weigh_in(operator, "0002", 20, plate="沪B67890")
    for role, scope, seen in (
        (Role.DISPATCHER, {"contractor_ids": ["K-1"]}, [mine]),
        (Role.DISPATCHER, {"district_ids": ["310112"]}, [other]),
        (Role.STATION_OPERATOR, {"station_ids": ["S-2"]}, []),
        (Role.AUDITOR, {}, [other, mine]),
    ):
        async with whole.client(role, **scope) as client:
            items = (await answered(client.get("/v1/tickets")))["items"]
            assert [item["ticket_id"] for item in items] == [ticket["ticket_id"] for ticket in seen]
            status = 200 if mine in seen else 404
            await answered(client.get(f"/v1/tickets/{mine['ticket_id']}"), status)
    async with whole.client(Role.STATION_OPERATOR, station_ids=["S-2"]) as stranger:
        await weigh_in(stranger, "0003", status=404)
        await weigh_out(stranger, mine, status=404)


async def test_a_wrong_bay_told_after_the_truck_has_left_is_an_alarm_that_is_over(
    whole: City, operator: httpx.AsyncClient
) -> None:
    await furnished(whole)
    ticket = await weigh_in(operator, "0001")
    await weigh_out(operator, ticket)
    await bay(operator, ticket, "B2", 3)
    [alarm] = await told(whole, "alarm_changed")
    times = (at(3).isoformat().replace("+00:00", "Z"), at(10).isoformat().replace("+00:00", "Z"))
    assert (alarm["status"], alarm["opened_at"], alarm["closed_at"]) == ("closed", *times)
