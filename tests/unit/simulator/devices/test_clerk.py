from services.simulator.devices.acts import Act, Chain
from services.simulator.devices.clerk import Clerk
from tests.unit.simulator.desk import Desk

CHAIN = Chain(
    "T",
    [
        Act(10, "/v1/stations/S/weigh-ins", {"client_id": "T"}, ("ticket_id", "T")),
        Act(20, "/v1/tickets/{T}/bay", {"bay_id": "B1"}),
        Act(30, "/v1/plants/P/entries/fed", {"amount": 1}, None, "PUT"),
    ],
)


async def test_only_what_is_due_is_told_and_by_the_ids_that_were_answered() -> None:
    desk = Desk()
    clerk = Clerk(desk)
    clerk.begin([CHAIN])
    await clerk.act_until(9)
    assert desk.told == []
    await clerk.act_until(20)
    assert desk.told == ["POST /v1/stations/S/weigh-ins", "POST /v1/tickets/id-of-T/bay"]
    await clerk.act_until(40)
    await clerk.act_until(50)
    assert desk.told[2:] == ["PUT /v1/plants/P/entries/fed"]


async def test_what_is_not_answered_is_told_again_before_anything_that_follows() -> None:
    desk = Desk(0, 503)
    clerk = Clerk(desk)
    clerk.begin([CHAIN])
    for _ in range(3):
        await clerk.act_until(20)
    assert desk.told == ["POST /v1/stations/S/weigh-ins", "POST /v1/tickets/id-of-T/bay"]
    assert clerk.refused == []


async def test_what_is_refused_for_good_ends_its_chain_and_is_named() -> None:
    desk = Desk(409)
    clerk = Clerk(desk)
    clerk.begin([CHAIN])
    await clerk.act_until(40)
    await clerk.act_until(50)
    assert desk.told == []
    assert clerk.refused == ["T: 409: no"]


async def test_a_client_that_loses_answers_tells_everything_twice() -> None:
    desk = Desk()
    clerk = Clerk(desk, twice=True)
    clerk.begin([CHAIN])
    await clerk.act_until(40)
    assert desk.told == [
        said
        for path in ("POST /v1/stations/S/weigh-ins", "POST /v1/tickets/id-of-T/bay", "PUT /v1/plants/P/entries/fed")
        for said in (path, path)
    ]
