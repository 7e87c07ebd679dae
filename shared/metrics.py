"""Prometheus metrics of one service. Labels are bounded: route templates and kinds, never the id of a thing."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry(auto_describe=True)
        self.requests = Histogram(
            "http_request_seconds",
            "Time to answer",
            ["method", "route", "status"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.rejected = Counter("rejected", "Requests or records refused, by problem code", ["code"], registry=self.registry)
        Gauge("service_info", "Which service this is", ["service"], registry=self.registry).labels(service).set(1)

    def text(self) -> bytes:
        return generate_latest(self.registry)
