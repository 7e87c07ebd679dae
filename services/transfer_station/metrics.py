"""What the transfer_station service measures: how many wait, what is open."""

from collections.abc import Mapping

from prometheus_client import Gauge

from shared.metrics import Metrics
from shared.vocabulary import StationAlarmKind


class StationMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self._open = Gauge("sanitation_station_tickets_open", "Weighbridge tickets not closed", registry=self.registry)
        alarms = Gauge("sanitation_station_alarms_open", "Open alarms of transfer stations", ["kind"], registry=self.registry)
        self._alarms = {kind: alarms.labels(kind.value) for kind in StationAlarmKind}
        self._queue = Gauge("sanitation_station_queue", "Trucks waiting at a station's gate", ["station"], registry=self.registry)

    def show(self, open_tickets: int, alarms: Mapping[str, int]) -> None:
        self._open.set(open_tickets)
        for kind, gauge in self._alarms.items():
            gauge.set(alarms.get(kind, 0))

    def show_queue(self, station_id: str, waiting: int) -> None:
        self._queue.labels(station_id).set(waiting)
