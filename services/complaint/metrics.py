"""What the complaint service measures: how many cases are open, and how late they are."""

from collections.abc import Mapping

from prometheus_client import Gauge

from shared.metrics import Metrics
from shared.vocabulary import ClockColour


class ComplaintMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self._open = Gauge("sanitation_complaints_open", "Complaints not closed", registry=self.registry)
        due = Gauge("sanitation_complaints_due", "Open complaints by their clock", ["colour"], registry=self.registry)
        self._due = {colour: due.labels(colour.value) for colour in (ClockColour.YELLOW, ClockColour.RED)}

    def show(self, counts: Mapping[str, int]) -> None:
        self._open.set(counts["open"])
        for colour, gauge in self._due.items():
            gauge.set(counts[colour.value])
