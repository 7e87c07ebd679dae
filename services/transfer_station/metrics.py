"""What the transfer_station service measures: how many wait, what is open, how full it is."""

from collections.abc import Mapping

from prometheus_client import Gauge

from services.transfer_station.service.figures import StationFigures
from shared.metrics import Metrics, show_only
from shared.vocabulary import StationAlarmKind


class StationMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self._open = Gauge("sanitation_station_tickets_open", "Weighbridge tickets not closed", registry=self.registry)
        alarms = Gauge("sanitation_station_alarms_open", "Open alarms of transfer stations", ["kind"], registry=self.registry)
        self._alarms = {kind: alarms.labels(kind.value) for kind in StationAlarmKind}
        self._queue = Gauge("sanitation_station_queue", "Trucks waiting at a station's gate", ["station"], registry=self.registry)
        self._stored = self._gauge("station_stored_grams", "What is stored", "station", "stream")
        self._capacity = self._gauge("station_capacity_grams", "What can be stored", "station", "stream")
        self._high = self._gauge("station_high_grams", "From here on the store is nearly full", "station", "stream")
        self._median = self._gauge("station_turn_round_median_seconds", "From arrival to weigh-out, trucks of today", "station")
        self._slow = self._gauge("station_turn_round_p90_seconds", "Nine in ten of today's trucks stayed no longer", "station")

    def show(self, open_tickets: int, alarms: Mapping[str, int]) -> None:
        self._open.set(open_tickets)
        for kind, gauge in self._alarms.items():
            gauge.set(alarms.get(kind, 0))

    def show_queue(self, station_id: str, waiting: int) -> None:
        self._queue.labels(station_id).set(waiting)

    def show_stations(self, figures: StationFigures) -> None:
        for gauge, values in (
            (self._stored, figures.stored_grams),
            (self._capacity, figures.capacity_grams),
            (self._high, figures.high_grams),
            (self._median, figures.median_seconds),
            (self._slow, figures.slow_seconds),
        ):
            show_only(gauge, values)
