"""The city in figures for Prometheus, as last counted; the same in every replica, so a query takes the largest."""

from collections.abc import Mapping

from prometheus_client import Gauge

from services.gateway.service.counting import CityCounts
from shared.metrics import Metrics


class GatewayMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        self.consoles = self._gauge("live_consoles", "Live streams open on this replica")
        self._vehicles = self._gauge("city_vehicles", "Vehicles", "district", "status")
        self._stops = self._gauge("city_stops", "Stops planned today", "district", "verdict")
        self._due = self._gauge("city_stops_due", "Stops whose window is open, or over and not judged", "district")
        self._alerts = self._gauge("city_alerts_open", "Open alerts", "kind")
        self._grams = self._gauge("city_lifted_grams", "Net weight of the bins lifted today", "stream")
        self._lifts = self._gauge("city_lifts", "Bins lifted today", "stream")
        self._parts = self._gauge(
            "city_part_as_of_timestamp_seconds", "Until when all that a service published is in the view", "part"
        )
        self._counted = self._gauge("city_counted_timestamp_seconds", "When the figures of the city were counted")

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"sanitation_{name}", meaning, labels, registry=self.registry)

    def show(self, counts: CityCounts) -> None:
        for gauge, values in (
            (self._vehicles, counts.vehicles),
            (self._stops, counts.stops),
            (self._due, counts.due),
            (self._alerts, counts.alerts),
            (self._grams, counts.lifted_grams),
            (self._lifts, counts.lifts),
            (self._parts, counts.parts),
        ):
            _replace(gauge, values)
        self._counted.set(counts.at)


def _replace(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """What is no longer counted is no longer there; nothing is read in between, for nothing here waits."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
