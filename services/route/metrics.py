"""What the route service measures of its judging, and of orders nobody has dealt with."""

from collections.abc import Mapping

from prometheus_client import Counter, Gauge

from shared.metrics import Metrics
from shared.vocabulary import OrderKind, Verdict


class RouteMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        judged = Counter(
            "sanitation_stops_judged", "Verdicts the judge gave, corrections too", ["verdict"], registry=self.registry
        )
        self._judged = {verdict: judged.labels(verdict.value) for verdict in Verdict}
        overdue = Gauge(
            "sanitation_orders_overdue", "Dispatch orders still waited for beyond their time", ["kind"], registry=self.registry
        )
        self._overdue = {kind: overdue.labels(kind.value) for kind in OrderKind}

    def show_overdue(self, by_kind: Mapping[str, int]) -> None:
        for kind, gauge in self._overdue.items():
            gauge.set(by_kind.get(kind, 0))

    def count(self, verdicts: Mapping[Verdict, int]) -> None:
        """After the commit."""
        for verdict, number in verdicts.items():
            self._judged[verdict].inc(number)
