"""What the route service measures of its judging."""

from collections.abc import Mapping

from prometheus_client import Counter

from shared.metrics import Metrics
from shared.vocabulary import Verdict


class RouteMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        judged = Counter(
            "sanitation_stops_judged", "Verdicts the judge gave, corrections too", ["verdict"], registry=self.registry
        )
        self._judged = {verdict: judged.labels(verdict.value) for verdict in Verdict}

    def count(self, verdicts: Mapping[Verdict, int]) -> None:
        """After the commit."""
        for verdict, number in verdicts.items():
            self._judged[verdict].inc(number)
