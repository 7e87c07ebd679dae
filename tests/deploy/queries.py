"""The queries of dashboards and rules, and the metric names in them."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tools import DEPLOY

DASHBOARDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8")) for path in sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
}
VARIABLES = {"$__rate_interval": "1m", "$district": ".*", "$service": ".*"}
"""What Grafana would put in; a minute holds a dozen scrapes of a test's Prometheus."""


def panels(name: str) -> list[dict[str, Any]]:
    return [panel for panel in DASHBOARDS[name]["panels"] if panel["type"] != "row"]


def queries() -> Iterator[tuple[str, str]]:
    """`dashboard: panel, ref` and the query as Prometheus gets it."""
    for name in DASHBOARDS:
        for panel in panels(name):
            for target in panel["targets"]:
                yield f"{name}: {panel['title']}, {target['refId']}", filled(target["expr"])


def filled(expr: str) -> str:
    for variable, value in VARIABLES.items():
        expr = expr.replace(variable, value)
    return expr


def metrics_in(expr: str) -> set[str]:
    """Not the names of recording rules: those have colons."""
    return set(re.findall(r"(?<![\w:])(?:sanitation|process|rabbitmq)_\w+(?![\w:])", expr))
