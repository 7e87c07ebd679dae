"""What is counted of events, after the commit."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from shared.clock import now
from shared.consumers import Consumers
from shared.event_processing.delivery import Delivery


class EventMetrics:
    def __init__(self, consumers: Consumers, registry: CollectorRegistry) -> None:
        self.handled = Counter("sanitation_events_taken", "Events handled", ["type"], registry=registry)
        self.duplicates = Counter("sanitation_inbox_duplicates", "Events that had been handled before", registry=registry)
        self.dead = Counter("sanitation_dead_letters", "Events given up on", ["type"], registry=registry)
        self.dead_waiting = Gauge("sanitation_dead_letters_waiting", "Dead letters nobody has replayed", registry=registry)
        self.parked = Gauge(
            "sanitation_events_parked",
            "Events that wait for their subject, or to be tried again",
            ["waits_for"],
            registry=registry,
        )
        self.stuck = Gauge(
            "sanitation_consumer_stuck_seconds", "For how long the events in hand have not been committed", registry=registry
        )
        self.lag = Histogram(
            "sanitation_event_lag_seconds",
            "From an event stored by its publisher to its effect committed here",
            ["type"],
            buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30, 300),
            registry=registry,
        )
        for event_type in consumers.handlers:  # there from the start, so that the first is seen as an increase
            self.handled.labels(event_type)
            self.dead.labels(event_type)
        self._known = frozenset(consumers.handlers)

    def count_handled(self, deliveries: Iterable[Delivery]) -> None:
        committed_at = now()
        for delivery in deliveries:
            envelope = delivery.envelope
            self.handled.labels(envelope.type).inc()
            self.lag.labels(envelope.type).observe((committed_at - (envelope.storedat or envelope.time)).total_seconds())

    def count_dead(self, event_type: str) -> None:
        self.dead.labels(event_type if event_type in self._known else "other").inc()
