"""What the vehicle service measures of telemetry; counted after the commit that made it true."""

from prometheus_client import Counter, Histogram

from services.vehicle.domain.quality import FLAGS
from services.vehicle.service.ingest import Tally
from shared.metrics import Metrics

KINDS = ("position", "bin_lift", "load", "driver_report")
GROUP_RECORDS = (1, 5, 10, 25, 50, 100, 250, 500, 1000, 2000)
GROUP_SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class VehicleMetrics(Metrics):
    def __init__(self) -> None:
        super().__init__()
        registry = self.registry
        records = Counter("sanitation_telemetry_records", "Records stored", ["kind"], registry=registry)
        flagged = Counter("sanitation_telemetry_flagged", "Records stored but implausible", ["flag"], registry=registry)
        self._rejected = Counter(
            "sanitation_telemetry_rejected", "Records refused one by one, by what is wrong", ["code"], registry=registry
        )
        self._duplicates = Counter("sanitation_telemetry_duplicates", "Records that were stored before", registry=registry)
        self._late = Counter(
            "sanitation_telemetry_late", "Records stored that were older on arrival than the offline limit", registry=registry
        )
        self._size = Histogram(
            "sanitation_group_commit_records", "Records in one transaction", buckets=GROUP_RECORDS, registry=registry
        )
        self._seconds = Histogram(
            "sanitation_group_commit_seconds", "From begin to commit", buckets=GROUP_SECONDS, registry=registry
        )
        # There from the start, so that the first of a kind is seen as an increase.
        self._records = {kind: records.labels(kind) for kind in KINDS}
        self._flagged = {flag: flagged.labels(flag) for flag in FLAGS}

    def count(self, tally: Tally, seconds: float) -> None:
        for kind, number in tally.stored.items():
            self._records[kind].inc(number)
        for flag, number in tally.flagged.items():
            self._flagged[flag].inc(number)
        for code, number in tally.rejected.items():
            self._rejected.labels(code).inc(number)
        self._duplicates.inc(tally.duplicates)
        self._late.inc(tally.late)
        self._size.observe(tally.received)
        self._seconds.observe(seconds)
