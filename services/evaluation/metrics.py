"""What the evaluation service measures: what is open, what is late."""

from prometheus_client import Gauge

from shared.metrics import Metrics


class EvaluationMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self._open = Gauge("sanitation_evaluation_findings_open", "Findings of inspections not mended", registry=self.registry)
        self._overdue = Gauge("sanitation_evaluation_findings_overdue", "Of those, beyond their deadline", registry=self.registry)
        self._appeals = Gauge("sanitation_evaluation_appeals_open", "Appeals nobody has decided", registry=self.registry)

    def show(self, findings: int, overdue: int, appeals: int) -> None:
        self._open.set(findings)
        self._overdue.set(overdue)
        self._appeals.set(appeals)
