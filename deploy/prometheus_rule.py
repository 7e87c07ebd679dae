"""Prometheus' rules as one Kubernetes resource: `python -m deploy.prometheus_rule` (`make monitoring`)."""

from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
RULES = HERE / "prometheus" / "rules"
RESOURCE = HERE.parent / "k8s" / "components" / "prometheus-operator" / "rules.yaml"


def resource() -> str:
    """The text of the PrometheusRule: every group of every rule file, alerts after the recordings they read."""
    groups = [
        group
        for name in ("recording", "alerts")
        for group in yaml.safe_load((RULES / f"{name}.yml").read_text("utf-8"))["groups"]
    ]
    rule: dict[str, Any] = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "sanitation"},
        "spec": {"groups": groups},
    }
    head = "# Made from deploy/prometheus/rules by `make monitoring`; change it there.\n"
    return head + str(yaml.safe_dump(rule, sort_keys=False, allow_unicode=True, width=1000))


if __name__ == "__main__":
    RESOURCE.write_text(resource(), encoding="utf-8")
