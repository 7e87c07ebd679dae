"""The committed dashboards are what the code makes, and each panel tells its reader what to think of it."""

import re

import pytest
from queries import DASHBOARDS, VARIABLES, panels
from tools import DEPLOY, load

from deploy.grafana.__main__ import DIRECTORY, texts
from deploy.grafana.panels import DEFAULT_DATASOURCE

PANELS = [(name, panel["title"]) for name in DASHBOARDS for panel in panels(name)]


def test_generating_them_again_changes_nothing() -> None:
    assert {path.name: path.read_text("utf-8") for path in DIRECTORY.glob("*.json")} == texts(), "run `make monitoring`"


@pytest.mark.parametrize(("name", "title"), PANELS)
def test_each_panel_has_title_meaning_worry_unit_and_query(name: str, title: str) -> None:
    (panel,) = [panel for panel in panels(name) if panel["title"] == title]
    assert re.search(r"[\u4e00-\u9fff]|p99", title)
    assert re.search(r"[A-Za-z]{2}", title)
    assert len(panel["description"]) > 60
    assert re.search(r"(?i)\bworry\b", panel["description"])
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["datasource"] == panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert set(re.findall(r"\$\w+", target["expr"])) <= VARIABLES.keys()


@pytest.mark.parametrize(("name", "title"), PANELS)
def test_counters_stand_only_inside_rate_or_increase(name: str, title: str) -> None:
    (panel,) = [panel for panel in panels(name) if panel["title"] == title]
    for target in panel["targets"]:
        outside = re.sub(r"(?:rate|increase)\([^()]*?\[[^]]+\]\)", "", target["expr"])
        assert not re.search(r"_(total|bucket|count|sum)\b(?!:)", outside), target["expr"]


@pytest.mark.parametrize("name", sorted(DASHBOARDS))
def test_a_dashboard_is_numbered_bilingual_and_closed_for_editing(name: str) -> None:
    made = DASHBOARDS[name]
    assert made["editable"] is False
    assert made["uid"] == f"sanitation-{name}"
    assert [panel["id"] for panel in made["panels"]] == list(range(1, len(made["panels"]) + 1))
    assert [panel["type"] for panel in made["panels"]][:7] == ["stat"] * 6 + ["row"]  # the headline first
    assert re.search(r"[\u4e00-\u9fff].*Sanitation", made["title"])
    assert all(link["url"].removeprefix("/d/sanitation-") in DASHBOARDS for link in made["links"])


def test_no_panel_lies_on_another() -> None:
    for name, made in DASHBOARDS.items():
        taken: set[tuple[int, int]] = set()
        for panel in made["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert at["x"] + at["w"] <= 24
            assert not cells & taken, (name, panel["title"])
            taken |= cells


def test_provisioning_finds_the_dashboards_and_gives_the_data_source_they_choose() -> None:
    (source,) = load(DEPLOY / "grafana" / "provisioning" / "datasources" / "prometheus.yml")["datasources"]
    (provider,) = load(DEPLOY / "grafana" / "provisioning" / "dashboards" / "sanitation.yml")["providers"]
    assert source["uid"] == DEFAULT_DATASOURCE
    assert source["editable"] is provider["allowUiUpdates"] is False
    mounted = dict(volume.split(":")[:2] for volume in load(DEPLOY / "compose.yaml")["services"]["grafana"]["volumes"])
    assert provider["options"]["path"] == mounted["./grafana/dashboards"]
    for made in DASHBOARDS.values():
        (chosen,) = [v for v in made["templating"]["list"] if v["type"] == "datasource"]
        assert chosen["current"]["value"] == DEFAULT_DATASOURCE
