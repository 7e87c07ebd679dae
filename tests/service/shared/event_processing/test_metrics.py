"""What happened to events is counted after the commit."""

from consumers_of_reports import Handling, message

from shared.bus import Message
from shared.errors import Conflict
from shared.events.vehicle import DriverReported


def counted(handling: Handling, name: str, **labels: str) -> float | None:
    return handling.registry.get_sample_value(name, labels)


async def test_handled_repeated_refused_and_waiting_events_are_counted(handling: Handling) -> None:
    reports = {"type": DriverReported.type}
    assert counted(handling, "sanitation_events_taken_total", **reports) == 0, "there before the first, so that it is an increase"
    sent = message("a")
    await handling.processor.deliver([sent])
    await handling.processor.deliver([sent])
    handling.failures = {"b": [Conflict("no")] * 2, "c": [RuntimeError("once"), RuntimeError("twice")]}
    await handling.processor.deliver([message("b")])
    await handling.processor.deliver([message("c")])
    await handling.processor.deliver([Message("id-1", "nobody.knows.v1", "T-1", b"{}")])
    await handling.processor.retries.retry_due()
    assert counted(handling, "sanitation_events_taken_total", **reports) == 1
    assert counted(handling, "sanitation_inbox_duplicates_total") == 1
    assert counted(handling, "sanitation_dead_letters_total", **reports) == 1
    assert counted(handling, "sanitation_dead_letters_total", type="other") == 1, "a strange type makes no series of its own"
    assert counted(handling, "sanitation_events_parked", waits_for="retry") == 1
    assert counted(handling, "sanitation_event_lag_seconds_count", **reports) == 1
