"""An event has its effect once; one that must wait holds up no other."""

import pytest
from consumers_of_reports import Handling, Waiting, message, registered

from shared.db import Database


async def test_an_event_delivered_again_has_its_effect_once(handling: Handling) -> None:
    sent = [message("a"), message("b")]
    await handling.processor.deliver(sent)
    await handling.processor.deliver(sent)
    await handling.processor.deliver([sent[0], sent[0]])
    assert await handling.effects() == ["a", "b"]
    assert handling.calls == 2


async def test_an_event_waits_for_its_subject_while_others_go_on(database: Database) -> None:
    waiting = Waiting(database)
    waiting.known = {"T-2"}
    early, other = message("early"), message("other", "T-2")
    for _ in range(2):
        await waiting.processor.deliver([early, other])
        assert await waiting.effects() == ["other"]
    await waiting.processor.deliver([registered("T-1")])
    assert await waiting.effects() == ["early", "other"]
    await waiting.processor.deliver([early, registered("T-1")])
    assert await waiting.effects() == ["early", "other"]
    assert await waiting.dead() == []


async def test_an_event_and_its_subject_in_one_batch_need_not_wait(database: Database) -> None:
    waiting = Waiting(database)
    await waiting.processor.deliver([message("a"), registered("T-1")])
    assert await waiting.effects() == ["a"]


async def test_while_storage_is_away_nothing_is_given_up(handling: Handling) -> None:
    handling.failures = {"a": [ConnectionResetError("gone")] * 9}
    with pytest.raises(ConnectionResetError):
        await handling.processor.deliver([message("a")])
    assert await handling.dead() == []
    handling.failures = {}
    await handling.processor.deliver([message("a")])
    assert await handling.effects() == ["a"]
