"""Rules and alerts: promtool's own tests, and that each alert can be acted on."""

import re
from typing import Any

import pytest
from tools import DEPLOY, ROOT, amtool, anchors, load, promtool, run

from deploy.prometheus_rule import RESOURCE, resource

RUNBOOK, SERVED_AT = ROOT / "docs" / "operations" / "alerts.md", "/guide/operations/alerts.html"
PROMETHEUS, ALERTMANAGER = DEPLOY / "prometheus", DEPLOY / "alertmanager" / "alertmanager.yml"
GROUPS = [group for name in ("recording", "alerts") for group in load(PROMETHEUS / "rules" / f"{name}.yml")["groups"]]
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}
STORIES = (PROMETHEUS / "tests" / "alerts_test.yml").read_text("utf-8")


def test_promtool_takes_the_configuration_and_every_rule() -> None:
    run(promtool(), "check", "config", "--lint=all", "--lint-fatal", PROMETHEUS / "prometheus.yml")
    run(promtool(), "check", "rules", "--lint=all", "--lint-fatal", *sorted((PROMETHEUS / "rules").glob("*.yml")))


def test_every_story_of_the_alerts_ends_as_told() -> None:
    run(promtool(), "test", "rules", PROMETHEUS / "tests" / "alerts_test.yml")


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_each_alert_fires_in_a_story(name: str) -> None:
    assert f'alertname="{name}"' in STORIES or f"alertname: {name}" in STORIES


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_each_alert_says_in_both_languages_what_is_wrong_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"].keys() == {"severity", "team"}
    assert alert["labels"]["severity"] in ({"none"} if name == "Watchdog" else {"page", "ticket"})
    assert alert["for"]
    assert re.search(r"[\u4e00-\u9fff].* · .*[a-z]", alert["annotations"]["summary"])
    assert len(alert["annotations"]["description"]) > 80
    assert alert["annotations"]["runbook_url"].removeprefix(f"{SERVED_AT}#") in anchors(RUNBOOK.read_text("utf-8"))


def test_the_runbook_names_no_alert_that_does_not_exist() -> None:
    """Names with two capitals are alerts' or other programs' own words."""
    others = {"PostgreSQL", "RabbitMQ", "CloudNativePG", "OOMKilled", "ScheduledBackup"}
    text = RUNBOOK.read_text("utf-8")
    named = set(re.findall(r"(?<![\w`/])(?:[A-Z][a-z]+){2,}\b", text)) - others
    prefixes = {alert["annotations"]["runbook_url"] for alert in ALERTS.values()}
    headings = {name for name in named if f"{SERVED_AT}#{name.lower()}" in prefixes}
    assert named - headings - ALERTS.keys() == set()


def test_the_runbook_tells_of_no_alert_that_is_gone() -> None:
    named = {alert["annotations"]["runbook_url"].partition("#")[2] for alert in ALERTS.values()}
    assert anchors(RUNBOOK.read_text("utf-8")) - {"alerts-what-to-do"} == named


def test_a_template_names_only_labels_that_its_query_keeps() -> None:
    for name, alert in ALERTS.items():
        used = set(re.findall(r"\$labels\.(\w+)", " ".join(alert["annotations"].values())))
        recorded = set(re.findall(r"\b((?:[a-z]+_)?[a-z]+):sanitation", alert["expr"]))
        kept = {part for level in recorded for part in level.split("_")} | set(
            re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]+)\)", alert["expr"])))
        )
        assert used <= kept, name


def test_alertmanager_takes_its_configuration_and_sends_each_alert_where_it_belongs() -> None:
    run(amtool(), "check-config", ALERTMANAGER)
    for name, alert in ALERTS.items():
        labels = [f"{key}={value}" for key, value in alert["labels"].items()]
        receivers = []
        if alert["labels"]["severity"] == "page":
            receivers.append("page")
        if alert["labels"]["team"] == "operations":  # whoever gets up at night, the dispatch centre hears of it
            receivers.append("dispatch-centre")
        wanted = "watchdog" if name == "Watchdog" else ",".join(receivers or ["ticket"])
        labels.append(f"alertname={name}")
        run(amtool(), "config", "routes", "test", f"--config.file={ALERTMANAGER}", f"--verify.receivers={wanted}", *labels)


def test_what_is_inhibited_and_by_whom_exists() -> None:
    named = re.findall(r"alertname=~?\\?\"?'?([^\"']+)", "\n".join(str(rule) for rule in load(ALERTMANAGER)["inhibit_rules"]))
    assert len(named) >= 6
    for pattern in named:
        assert any(re.fullmatch(pattern.strip("\"]'"), name) for name in ALERTS), pattern


def test_the_kubernetes_rules_are_those_of_the_files() -> None:
    assert RESOURCE.read_text("utf-8") == resource(), "run `make monitoring`"
