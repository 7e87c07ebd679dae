"""A handler that fails is tried again, later, while others go on."""

from consumers_of_reports import Handling, Waiting, message

from shared import parking
from shared.clock import frozen, now
from shared.db import Database


async def test_a_failing_handler_is_tried_again_and_its_neighbours_are_not_lost(handling: Handling) -> None:
    handling.failures = {"b": [RuntimeError("once"), RuntimeError("twice"), RuntimeError("thrice")]}
    await handling.processor.deliver([message("a"), message("b"), message("c")])
    assert await handling.effects() == ["a", "c"]
    await handling.retry_until_none_is_left()
    assert await handling.effects() == ["a", "b", "c"]
    assert await handling.dead() == []


async def test_a_handler_that_keeps_failing_leaves_a_dead_letter_and_no_effect(handling: Handling) -> None:
    handling.failures = {"b": [RuntimeError("broken")] * 9}
    await handling.processor.deliver([message("a"), message("b"), message("c")])
    await handling.retry_until_none_is_left()
    assert await handling.effects() == ["a", "c"]
    [letter] = await handling.dead()
    assert (letter.handler, letter.reason, letter.attempts) == ("store", "RuntimeError: broken", 5)


async def test_an_event_whose_handler_fails_holds_up_no_other(handling: Handling) -> None:
    """The pauses between its attempts are not spent while others wait: it is asked twice, in the batch and alone."""
    handling.failures = {"b": [RuntimeError("broken")] * 9}
    await handling.processor.deliver([message("a"), message("b"), message("c")])
    assert await handling.effects() == ["a", "c"]
    assert len(handling.failures["b"]) == 7
    assert await handling.processor.retries.open() == 1


async def test_a_subject_that_another_replica_stored_at_the_same_moment_is_found_later(database: Database) -> None:
    waiting = Waiting(database)
    await waiting.processor.deliver([message("a")])
    waiting.known = {"T-1"}  # by a replica that saw no event waiting yet
    with frozen(now() + parking.ASK_AGAIN):
        await waiting.processor.retries.retry_due()
    assert await waiting.effects() == ["a"]


async def test_an_event_whose_subject_never_comes_becomes_a_dead_letter(database: Database) -> None:
    waiting = Waiting(database)
    await waiting.processor.deliver([message("a")])
    with frozen(now() + parking.LONGEST_WAIT / 2):
        await waiting.processor.retries.retry_due()
    assert await waiting.dead() == []
    with frozen(now() + parking.LONGEST_WAIT):
        await waiting.processor.retries.retry_due()
    [letter] = await waiting.dead()
    assert letter.reason == "waits for T-1"
