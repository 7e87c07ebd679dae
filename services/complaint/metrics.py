"""What the complaint service measures: how many cases are open, and how late they are."""

from prometheus_client import Gauge

from services.complaint.domain.figures import OpenCounts
from shared.metrics import Metrics
from shared.vocabulary import ClockColour


class ComplaintMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self._open = Gauge("sanitation_complaints_open", "Complaints not closed", registry=self.registry)
        due = Gauge("sanitation_complaints_due", "Open complaints by their clock", ["colour"], registry=self.registry)
        self._due = {colour: due.labels(colour.value) for colour in (ClockColour.YELLOW, ClockColour.RED)}

    def show(self, counts: OpenCounts) -> None:
        self._open.set(counts.open)
        self._due[ClockColour.YELLOW].set(counts.yellow)
        self._due[ClockColour.RED].set(counts.red)
