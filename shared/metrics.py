"""Prometheus metrics of one service. Labels are bounded: route templates, kinds, districts, never the id of a thing.

A service's own are a subclass in its `metrics.py`. What is counted has been committed; gauges of what a database holds are the
same in every replica. Which service a series is of, the scrape target's label `service` says.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody reads


class Metrics:
    """What every service measures; `registry` takes the rest."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "sanitation_http_request_seconds",
            "Time to answer",
            ["method", "route", "status"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.rejected = Counter("sanitation_rejected", "Requests refused, by problem code", ["code"], registry=self.registry)
        info = Gauge("sanitation_build_info", "Always 1; the version that runs", ["version"], registry=self.registry)
        info.labels(_version()).set(1)
        self.bus_blocked = Gauge(
            "sanitation_publisher_blocked_seconds", "For how long the broker has refused events", registry=self.registry
        )
        self.set_aside = Gauge(
            "sanitation_work_set_aside",
            "Items of a background task that fail, passed over",
            ["task"],
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)

    def _gauge(self, name: str, meaning: str, *labels: str) -> Gauge:
        return Gauge(f"sanitation_{name}", meaning, labels, registry=self.registry)

    def text(self) -> bytes:
        return generate_latest(self.registry)


def show_only(gauge: Gauge, values: Mapping[tuple[str, ...], float]) -> None:
    """By label values: what is no longer counted is no longer there. Nothing is read in between, for nothing here waits."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)


def text_of_all(metrics: Mapping[str, Metrics]) -> bytes:
    """Several services of one process: each series says whose it is, as Prometheus' target label would."""
    return generate_latest(_Together(metrics))


class _Together(Collector):
    def __init__(self, metrics: Mapping[str, Metrics]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        """A metric of all services stands in one place, as the format demands."""
        families: dict[str, Metric] = {}
        for service, metrics in self._metrics.items():
            for of_one in metrics.registry.collect():
                family = families.setdefault(of_one.name, Metric(of_one.name, of_one.documentation, of_one.type))
                family.samples += [s._replace(labels={"service": service, **s.labels}) for s in of_one.samples]
        yield from families.values()


@cache
def _version() -> str:
    try:
        return version("sanitation")
    except PackageNotFoundError:
        return "unknown"
