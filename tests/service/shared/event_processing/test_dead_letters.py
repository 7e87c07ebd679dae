"""What a service gives up on is kept with its reason, and comes back when somebody asks."""

from consumers_of_reports import Handling, message
from sqlalchemy import update

from shared.bus import Message
from shared.db import Database
from shared.dead_letters import DeadLetter
from shared.errors import Conflict
from shared.events.vehicle import DriverReported


async def test_a_rule_that_says_no_is_not_asked_twice(handling: Handling) -> None:
    handling.failures = {"a": [Conflict("no"), Conflict("no"), Conflict("no")]}
    await handling.processor.deliver([message("a")])
    assert len(await handling.dead()) == 1
    assert handling.calls == 2  # in the batch, and alone


async def test_a_body_that_does_not_fit_is_a_dead_letter_that_does_not_show_it(handling: Handling) -> None:
    broken = Message("id-1", DriverReported.type, "T-1", b'{"data": {"code": "secret-note"}}')
    unknown = Message("id-2", "nobody.knows.v1", "T-1", b"\xff\x00")
    await handling.processor.deliver([broken, unknown, message("a")])
    assert await handling.effects() == ["a"]
    letters = {letter.event_id: letter for letter in await handling.dead()}
    assert set(letters) == {"id-1", "id-2"}
    assert "secret-note" not in letters["id-1"].reason
    assert "data.report_id: Field required" in letters["id-1"].reason


async def test_a_replayed_dead_letter_has_its_effect_once(handling: Handling, database: Database) -> None:
    handling.failures = {"a": [RuntimeError("broken")] * 6}
    await handling.processor.deliver([message("a")])
    await handling.retry_until_none_is_left()
    [letter] = await handling.dead()
    for state in ("replay", "replay"):
        async with database.transaction() as session:
            await session.execute(update(DeadLetter).values(state=state))
        await handling.processor.dead_letters.replay(letter)
    assert await handling.effects() == ["a"]
    assert [letter.state for letter in await handling.dead()] == ["replayed"]


NUL = "a\x00b"


def strange_messages() -> list[Message]:
    """What a broker may deliver although nobody of ours sends it: NUL and other bytes in every part that holds text."""
    good = message("never")
    named = Message(NUL, DriverReported.type, "T-1", b"{}")
    return [
        named,
        Message("id-type", NUL, "T-1", good.body),
        Message("id-subject", DriverReported.type, NUL, b"{}"),
        Message("id-trace", DriverReported.type, "T-1", b"{}", NUL),
        Message("id-body", DriverReported.type, "T-1", b"\x00\xff\xfe"),
        Message("id-surrogate", DriverReported.type, "T-1", b'{"id": "\\ud800"}'),
        Message("", "", "", b""),
        Message("\ud800", DriverReported.type, "\ud800", b"[]"),
        Message("id-envelope", DriverReported.type, "T-1", good.body.replace(b'"id":"', b'"id":"\\u0000')),
        Message("id-long", DriverReported.type, "T-1", good.body.replace(b'"id":"', b'"id":"' + b"x" * 5000)),
    ]


async def test_a_message_with_nul_anywhere_is_one_dead_letter_however_often_it_comes(handling: Handling) -> None:
    strange = strange_messages()
    for number in range(3):
        await handling.processor.deliver([message(f"before-{number}"), *strange, message(f"behind-{number}")])
    assert len(await handling.dead()) == len(strange)
    assert len(await handling.effects()) == 6


async def test_a_reason_with_nul_can_be_kept(handling: Handling) -> None:
    handling.failures = {"a": [Conflict(NUL)] * 2}
    await handling.processor.deliver([message("a")])
    [letter] = await handling.dead()
    assert letter.reason == "Conflict: a\\x00b"


async def test_what_the_broker_gave_up_on_can_always_be_kept(handling: Handling) -> None:
    await handling.processor.dead(strange_messages())
    assert len(await handling.dead()) == len(strange_messages())
