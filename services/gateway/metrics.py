"""The city in figures for Prometheus, as last counted; the same in every replica, so a query takes the largest."""

from pathlib import Path

from prometheus_client import Counter

from services.gateway.service.figures import CityCounts
from shared.metrics import Metrics, show_only


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
        self._flows = self._gauge("city_flow_grams", "Net weight of today by stage from bin to furnace", "stage", "stream")
        self._carried = self._gauge("city_on_board_grams", "Weighed once and not yet again", "carrier", "stream")
        self._residue = self._gauge(
            "city_residue_grams", "Today's difference between two weighings; above 0 is missing", "between", "name"
        )
        self._findings = self._gauge("city_findings_open", "Discrepancies of the balance nobody explained", "kind")
        self._waiting = self._gauge("balance_waiting", "Trucks, hauls and station-days to be worked out")
        self.audit_deviations = self._gauge("balance_audit_deviations", "Of yesterday's balance from its facts, as last audited")
        self.worked = Counter(
            "sanitation_balance_worked", "Trucks, hauls and station-days worked out by this process", registry=self.registry
        )
        self._backup = self._gauge(
            "backup_timestamp_seconds", "When the newest backup was finished; 0 without one, -1 where none is made"
        )
        self._backup.set(-1)
        self._counted = self._gauge("city_counted_timestamp_seconds", "When the figures of the city were counted")

    def show_backups(self, directory: Path | None) -> None:
        """A backup in the making has another ending (`.part`)."""
        if directory is not None:
            self._backup.set(max((file.stat().st_mtime for file in directory.glob("*.backup")), default=0))

    def show(self, counts: CityCounts) -> None:
        for gauge, values in (
            (self._vehicles, counts.vehicles),
            (self._stops, counts.stops),
            (self._due, counts.due),
            (self._alerts, counts.alerts),
            (self._grams, counts.lifted_grams),
            (self._lifts, counts.lifts),
            (self._parts, counts.parts),
            (self._flows, counts.balance.flow_grams),
            (self._carried, counts.balance.on_board_grams),
            (self._residue, counts.balance.residue_grams),
            (self._findings, counts.balance.findings),
        ):
            show_only(gauge, values)
        self._waiting.set(counts.balance.waiting)
        self._counted.set(counts.at)
