"""Grafana's dashboards as code; what Grafana reads is dashboards/*.json beside it, written by `make monitoring`.

A panel says what its figure means and when to worry. Queries name no data source of their own (a variable chooses it) and
take counters only inside rate or increase; tests/deploy holds them to that and asks a real Prometheus every one of them.
"""
